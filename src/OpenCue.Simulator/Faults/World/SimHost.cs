using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Faults.World;

/// <summary>A machine: its clock, its power, the renders that truly run on it, and the agent.</summary>
internal sealed class SimHost
{
    /// <summary>Cores of each machine, core points.</summary>
    public const int Cores = 400;

    private readonly SimWorld _world;
    private readonly List<Render> _renders = [];
    private int _boots;

    public SimHost(SimWorld world, string name, SimAgentKind kind)
    {
        (_world, Name, Kind) = (world, name, kind);
        Clock = new VirtualTimeProvider(world.Events, VirtualTimeProvider.UsualStart);
        ReportedName = name;
        BootedMs = -86_400_000;
        BootId = NewBootId();
        Agent = SimAgent.Make(world, this, kind);
    }

    /// <summary>Its short name.</summary>
    public string Name { get; }

    /// <summary>The name that its agent reports; it changes when somebody renames the machine.</summary>
    public string ReportedName { get; set; }

    /// <summary>Which agent it has.</summary>
    public SimAgentKind Kind { get; }

    /// <summary>Its clock.</summary>
    public VirtualTimeProvider Clock { get; }

    /// <summary>Its agent.</summary>
    public SimAgent Agent { get; }

    /// <summary>The kernel's boot id.</summary>
    public string BootId { get; private set; }

    /// <summary>When it booted, virtual ms.</summary>
    public long BootedMs { get; private set; }

    /// <summary>When it booted, as its own clock has it now.</summary>
    public long BootTimeSeconds => (VirtualTimeProvider.UsualStart + TimeSpan.FromMilliseconds(BootedMs) + Clock.WallShift).ToUnixTimeSeconds();

    /// <summary>True while it has power.</summary>
    public bool IsOn { get; private set; } = true;

    /// <summary>Until when nothing on it moves, virtual ms.</summary>
    public long HungUntilMs { get; set; }

    /// <summary>True while nothing on it moves.</summary>
    public bool IsHung => HungUntilMs > _world.NowMs;

    /// <summary>Until when nothing reaches it.</summary>
    public long DeafUntilMs { get; set; }

    /// <summary>Until when nothing from it reaches others.</summary>
    public long MuteUntilMs { get; set; }

    /// <summary>True while nothing reaches it.</summary>
    public bool IsDeaf => DeafUntilMs > _world.NowMs;

    /// <summary>True while nothing from it reaches others.</summary>
    public bool IsMute => MuteUntilMs > _world.NowMs;

    /// <summary>What runs, or is about to.</summary>
    public IReadOnlyList<Render> Renders => _renders;

    /// <summary>Cores in use by what truly runs.</summary>
    public int CoresInUse => _renders.Sum(r => r.Cores);

    /// <summary>Accepts a render; its processes start with <see cref="Run"/>.</summary>
    public Render Accept(Protocol.RunFrame order)
    {
        var render = new Render
        {
            RunId = EntityId.Parse(order.ResourceId),
            FrameId = EntityId.Parse(order.FrameId),
            Order = order,
            Host = this,
        };
        _renders.Add(render);
        return render;
    }

    /// <summary>A render that was accepted will not run.</summary>
    public void Drop(Render render, int exitStatus)
    {
        (render.State, render.ExitStatus, render.EndedMs, render.StartedMs) = (RenderState.Ended, exitStatus, _world.NowMs, _world.NowMs);
        _renders.Remove(render);
        _world.Truth.NotRun(render);
    }

    /// <summary>Its processes run.</summary>
    public void Run(Render render)
    {
        render.IsAlive = render.HasRun = true;
        render.StartedMs = _world.NowMs;
        _world.Truth.Started(render);
        var (lengthMs, status, signal) = _world.LifeOf(render);
        PlanEnd(render, lengthMs, status, signal);
    }

    /// <summary>Lets a render end after a while; what was planned before is void.</summary>
    public void PlanEnd(Render render, long afterMs, int status, int signal)
    {
        var plan = ++render.EndPlan;
        _world.Events.After(afterMs, () => EndIfPlanned(render, plan, status, signal));
    }

    /// <summary>Power goes off.</summary>
    public void PowerOff()
    {
        if (!IsOn)
        {
            return;
        }

        IsOn = false;
        _world.Trace.Add($"{Name} loses power");
        foreach (var render in _renders.ToArray())
        {
            End(render, status: 0, signal: 0, wasSeen: false);
        }

        Agent.Die();
    }

    /// <summary>It boots: another boot id, and the agent starts.</summary>
    public void PowerOn()
    {
        if (IsOn)
        {
            return;
        }

        (IsOn, BootedMs, HungUntilMs) = (true, _world.NowMs, 0);
        BootId = NewBootId();
        _world.Trace.Add($"{Name} boots");
        Agent.OnBoot();
        Agent.Start();
    }

    /// <summary>What is in the agent's container sees a new boot time. The kernel's boot id stays.</summary>
    public void PretendBoot() => BootedMs = _world.NowMs;

    /// <summary>Ends a render and all that is left of it.</summary>
    /// <param name="render">The render.</param>
    /// <param name="status">Its exit status.</param>
    /// <param name="signal">Its exit signal.</param>
    /// <param name="wasSeen">False if nobody could see how it ended.</param>
    public void End(Render render, int status, int signal, bool wasSeen)
    {
        if (render.State == RenderState.Ended)
        {
            return;
        }

        render.EndPlan++;
        (render.State, render.IsAlive, render.EndedMs, render.ExitStatus, render.ExitSignal) = (RenderState.Ended, false, _world.NowMs, status, signal);
        _renders.Remove(render);
        _world.Truth.Ended(render);
        if (wasSeen)
        {
            Agent.OnRenderEnded(render);
        }
    }

    private void EndIfPlanned(Render render, int plan, int status, int signal)
    {
        if (render.EndPlan != plan || render.State == RenderState.Ended)
        {
            return;
        }

        if (IsHung)
        {
            _world.Events.At(Math.Min(HungUntilMs, _world.NowMs + 500), () => EndIfPlanned(render, plan, status, signal));
            return;
        }

        End(render, status, signal, wasSeen: true);
    }

    private string NewBootId() => $"{Name}-boot-{++_boots}";
}
