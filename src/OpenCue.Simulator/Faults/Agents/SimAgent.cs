using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Agents;

/// <summary>An agent on a simulated host: answers calls and reports as the real one of its kind does.</summary>
internal abstract class SimAgent(SimWorld world, SimHost host)
{
    /// <summary>Memory of a machine, KiB.</summary>
    private const long MemoryKib = 64L * 1048576;

    protected SimWorld World => world;

    protected SimHost Host => host;

    protected Chance Chance { get; } = Chance.Of(world.Plan.Seed, $"agent {host.Name}");

    /// <summary>True while its process runs.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Number of its process: what was begun in an earlier one ends with that.</summary>
    public int Life { get; private set; }

    /// <summary>True if it can hear and act now.</summary>
    public bool IsResponsive => IsUp && host is { IsOn: true, IsHung: false };

    /// <summary>True if nothing is left that it would still have to tell.</summary>
    public virtual bool HasTold => true;

    public static SimAgent Make(SimWorld world, SimHost host, SimAgentKind kind) => kind switch
    {
        SimAgentKind.Ours => new OurAgent(world, host),
        SimAgentKind.Python => new PythonAgent(world, host),
        _ => new RustAgent(world, host),
    };

    /// <summary>Its process starts.</summary>
    public void Start()
    {
        if (IsUp || !host.IsOn)
        {
            return;
        }

        IsUp = true;
        Life++;
        world.Trace.Add($"agent of {host.Name} starts");
        OnStart();
    }

    /// <summary>Its process ends; renders go on.</summary>
    public void Die()
    {
        if (IsUp)
        {
            IsUp = false;
            Life++;
            world.Trace.Add($"agent of {host.Name} ends");
            OnDeath();
        }
    }

    /// <summary>Takes a call.</summary>
    public void Take(AgentCall call)
    {
        switch (call.Request)
        {
            case RqdStaticLaunchFrameRequest { RunFrame: { } order }:
                Launch(order, call.Answer);
                break;
            case RqdStaticKillRunningFrameRequest kill:
                Kill(EntityId.Parse(kill.FrameId), call.RunId, call.Answer);
                break;
            case RqdStaticGetRunningFrameStatusRequest ask:
                Ask(EntityId.Parse(ask.FrameId), call.RunId, call.Answer);
                break;
            case RqdStaticLockAllRequest:
                call.Answer(AgentReply.Ok(new RqdStaticLockAllResponse()));
                break;
            case RqdStaticUnlockAllRequest:
                call.Answer(AgentReply.Ok(new RqdStaticUnlockAllResponse()));
                break;
            default:
                call.Answer(AgentReply.Refuse(StatusCode.Unimplemented, call.Method));
                break;
        }
    }

    /// <summary>A render has ended, seen by whoever watches it.</summary>
    public abstract void OnRenderEnded(Render render);

    /// <summary>The machine boots; the agent is not started yet.</summary>
    public virtual void OnBoot()
    {
    }

    /// <summary>Sends what it would send now, as its <c>ReportStatus</c> does.</summary>
    public abstract void ReportNow();

    protected abstract void OnStart();

    protected virtual void OnDeath()
    {
    }

    protected abstract void Launch(RunFrame order, Action<AgentReply> answer);

    protected abstract void Kill(EntityId frame, string? runId, Action<AgentReply> answer);

    protected abstract void Ask(EntityId frame, string? runId, Action<AgentReply> answer);

    /// <summary>What runs, as it would report it.</summary>
    protected abstract IEnumerable<Render> Shown();

    protected virtual void AddAttributes(RenderHost message)
    {
    }

    /// <summary>Does something later, unless the process has ended by then; while the machine hangs it waits.</summary>
    protected void After(long ms, Action what)
    {
        var life = Life;
        world.Events.After(ms, () => Do(life, what));
    }

    /// <summary>Orders a render to die.</summary>
    protected void OrderToDie(Render render, long longestMs)
    {
        if (!render.IsKilled)
        {
            render.IsKilled = true;
            host.PlanEnd(render, Chance.Skewed(20, longestMs), 1, 9);
        }
    }

    protected BootReport BootMessage() => new() { Host = HostMessage() };

    protected HostReport ReportMessage()
    {
        var report = new HostReport { Host = HostMessage() };
        foreach (var render in Shown())
        {
            report.Frames.Add(FrameMessage(render));
        }

        return report;
    }

    protected FrameCompleteReport CompletionMessage(Render render) => new()
    {
        Host = HostMessage(),
        Frame = FrameMessage(render),
        ExitStatus = render.ExitStatus,
        ExitSignal = render.ExitSignal,
        RunTime = render.RunSeconds,
    };

    protected static RunningFrameInfo FrameMessage(Render render) => new()
    {
        ResourceId = render.Order.ResourceId,
        JobId = render.Order.JobId,
        JobName = render.Order.JobName,
        FrameId = render.Order.FrameId,
        FrameName = render.Order.FrameName,
        LayerId = render.Order.LayerId,
        NumCores = render.Order.NumCores,
        StartTime = render.Order.StartTime,
        Rss = 100_000,
        MaxRss = 100_000,
        LluTime = render.Order.StartTime / 1000,
    };

    private RenderHost HostMessage()
    {
        var message = new RenderHost
        {
            Name = host.ReportedName,
            Facility = "local",
            NumProcs = 1,
            CoresPerProc = SimHost.Cores,
            TotalMem = MemoryKib,
            FreeMem = MemoryKib / 2,
            TotalSwap = MemoryKib,
            FreeSwap = MemoryKib,
            TotalMcp = 100_000_000,
            FreeMcp = 50_000_000,
            BootTime = (int)host.BootTimeSeconds,
            State = HardwareState.Up,
        };
        message.Tags.Add("general");
        message.Attributes.Add("SP_OS", "linux");
        AddAttributes(message);
        return message;
    }

    private void Do(int life, Action what)
    {
        if (life != Life || !IsUp)
        {
            return;
        }

        if (host.IsHung)
        {
            world.Events.At(Math.Min(host.HungUntilMs, world.NowMs + 500), () => Do(life, what));
            return;
        }

        what();
    }
}
