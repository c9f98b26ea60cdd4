using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Agents;

/// <summary>
/// OpenCue's agent in Python: denies frames that are starting, can't be asked, tells of an end once, and forgets everything when it restarts.
/// </summary>
internal sealed class PythonAgent(SimWorld world, SimHost host) : SimAgent(world, host)
{
    private readonly List<Render> _known = [];
    private bool _bootReported;
    private int _schedule;

    /// <inheritdoc/>
    public override void OnRenderEnded(Render render)
    {
        if (!IsUp || !_known.Contains(render))
        {
            render.IsCompletionLost = true;
            return;
        }

        After(Chance.Skewed(5, 500), () =>
        {
            _known.Remove(render);
            var isTaken = false;
            World.Network.Report(
                Host,
                new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = CompletionMessage(render) },
                600_000,
                end =>
                {
                    isTaken = end == ReportEnd.Taken;
                    render.IsCompletionLost |= !isTaken;
                });
            After(Chance.Skewed(50, 2000), ReportNow);
        });
    }

    /// <inheritdoc/>
    public override void ReportNow() => ReportAndGoOn(5000);

    /// <inheritdoc/>
    protected override void OnStart()
    {
        _bootReported = false;
        After(50, ReportBoot);
    }

    /// <inheritdoc/>
    protected override void OnDeath()
    {
        foreach (var render in _known)
        {
            render.IsForgotten |= render.State != RenderState.Ended;
            render.IsCompletionLost = true;
        }

        _known.Clear();
    }

    /// <inheritdoc/>
    protected override void Launch(RunFrame order, Action<AgentReply> answer)
    {
        var frame = EntityId.Parse(order.FrameId);
        if (_known.Any(r => r.FrameId == frame))
        {
            answer(Fail("Not launching, frame is already running on this proc"));
        }
        else if (Host.CoresInUse + order.NumCores > SimHost.Cores)
        {
            answer(Fail("Not launching, insufficient idle cores"));
        }
        else
        {
            // The frame's thread opens the log, which may take long on a busy file server, and only then it is in the cache.
            var render = Host.Accept(order);
            _known.Add(render);
            Host.Run(render);
            After(Chance.Skewed(20, 9000), () => render.State = render.State == RenderState.Starting ? RenderState.Running : render.State);
            answer(AgentReply.Ok(new RqdStaticLaunchFrameResponse()));
        }
    }

    /// <inheritdoc/>
    protected override void Kill(EntityId frame, string? runId, Action<AgentReply> answer)
    {
        if (_known.Find(r => r.FrameId == frame && r.State == RenderState.Running) is { } render)
        {
            World.Truth.KillArrived(render, runId);
            OrderToDie(render, 3000);
            answer(AgentReply.Ok(new RqdStaticKillRunningFrameResponse()));
        }
        else
        {
            answer(AgentReply.Refuse(StatusCode.NotFound, "frame not found"));
        }
    }

    /// <inheritdoc/>
    protected override void Ask(EntityId frame, string? runId, Action<AgentReply> answer) =>
        answer(Fail("'RunningFrame' object has no attribute"));

    /// <inheritdoc/>
    protected override IEnumerable<Render> Shown() => _known.Where(r => r.State == RenderState.Running);

    private static AgentReply Fail(string text) => AgentReply.Refuse(StatusCode.Unknown, $"Exception calling application: {text}");

    private void ReportBoot() => World.Network.Report(Host, new RqdReportRqdStartupRequest { BootReport = BootMessage() }, 15_000, InThisLife(end =>
    {
        if (end == ReportEnd.Taken)
        {
            _bootReported = true;
            After(5000, () => ReportAndGoOn(0));
        }
        else
        {
            After(15_000, ReportBoot);
        }
    }));

    private void ReportAndGoOn(long nextMs)
    {
        if (!_bootReported)
        {
            return;
        }

        var schedule = ++_schedule;
        After(nextMs > 0 ? nextMs : Chance.Between(5000, 30_000), () =>
        {
            if (schedule == _schedule)
            {
                ReportAndGoOn(0);
            }
        });
        World.Network.Report(Host, new RqdReportStatusRequest { HostReport = ReportMessage() }, 60_000, _ => { });
    }

    private Action<ReportEnd> InThisLife(Action<ReportEnd> what)
    {
        var life = Life;
        return end =>
        {
            if (life == Life)
            {
                what(end);
            }
        };
    }
}
