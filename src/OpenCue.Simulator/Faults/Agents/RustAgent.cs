using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Agents;

/// <summary>
/// OpenCue's agent in Rust: keeps ends in memory until they are acknowledged, refuses to kill what has no process yet, forgets everything when it
/// restarts, and ends itself when its reports are not taken for long.
/// </summary>
internal sealed class RustAgent(SimWorld world, SimHost host) : SimAgent(world, host)
{
    private const long EveryMs = 5000;
    private const long GivesUpAfterMs = 500_000;

    private readonly List<Render> _known = [];
    private readonly List<Render> _pending = [];

    /// <inheritdoc/>
    public override bool HasTold => _pending.Count == 0;

    /// <inheritdoc/>
    public override void OnRenderEnded(Render render)
    {
        if (!IsUp || !_known.Contains(render))
        {
            render.IsCompletionLost = true;
            return;
        }

        // Noticed by the monitor's next pass.
        After(Chance.Skewed(10, 2000), () =>
        {
            if (_known.Remove(render))
            {
                _pending.Add(render);
                Deliver(render);
            }
        });
    }

    /// <inheritdoc/>
    public override void ReportNow() => Report(_ => { });

    /// <inheritdoc/>
    protected override void OnStart() => ReportBoot(World.NowMs, 10);

    /// <inheritdoc/>
    protected override void OnDeath()
    {
        foreach (var render in _known.Concat(_pending))
        {
            render.IsForgotten |= render.State != RenderState.Ended;
            render.IsCompletionLost = true;
        }

        _known.Clear();
        _pending.Clear();
    }

    /// <inheritdoc/>
    protected override void Launch(RunFrame order, Action<AgentReply> answer)
    {
        var frame = EntityId.Parse(order.FrameId);
        if (_known.Any(r => r.FrameId == frame))
        {
            answer(AgentReply.Refuse(StatusCode.InvalidArgument, $"Frame {frame} is already running"));
        }
        else if (Host.CoresInUse + order.NumCores > SimHost.Cores)
        {
            answer(AgentReply.Refuse(StatusCode.Aborted, "Not enough cores"));
        }
        else
        {
            var render = Host.Accept(order);
            _known.Add(render);
            answer(AgentReply.Ok(new RqdStaticLaunchFrameResponse()));
            After(Chance.Skewed(20, 6000), () =>
            {
                if (render.State == RenderState.Starting)
                {
                    render.State = RenderState.Running;
                    Host.Run(render);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected override void Kill(EntityId frame, string? runId, Action<AgentReply> answer)
    {
        switch (_known.Find(r => r.FrameId == frame))
        {
            case null:
                answer(AgentReply.Refuse(StatusCode.NotFound, "frame not found"));
                break;
            case { State: RenderState.Running } render:
                World.Truth.KillArrived(render, runId);
                OrderToDie(render, 5000);
                answer(AgentReply.Ok(new RqdStaticKillRunningFrameResponse()));
                break;
            default:
                answer(AgentReply.Refuse(StatusCode.FailedPrecondition, "the frame has no process"));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Ask(EntityId frame, string? runId, Action<AgentReply> answer) => answer(
        _known.Find(r => r.FrameId == frame) is { } render
            ? AgentReply.Ok(new RqdStaticGetRunningFrameStatusResponse { RunningFrameInfo = FrameMessage(render) })
            : AgentReply.Refuse(StatusCode.NotFound, "frame not found"));

    /// <inheritdoc/>
    protected override IEnumerable<Render> Shown() => _known.Where(r => r.State == RenderState.Running);

    private void ReportBoot(long sinceMs, long waitMs) => World.Network.Report(
        Host, new RqdReportRqdStartupRequest { BootReport = BootMessage() }, 15_000, OrGiveUp(sinceMs, waitMs, ReportBoot, () => ReportAndGoOn(World.NowMs, 10)));

    private void ReportAndGoOn(long sinceMs, long waitMs) => Report(OrGiveUp(
        sinceMs, waitMs, ReportAndGoOn, () => After(EveryMs, () => ReportAndGoOn(World.NowMs, 10))));

    private void Report(Action<ReportEnd> done) =>
        World.Network.Report(Host, new RqdReportStatusRequest { HostReport = ReportMessage() }, 15_000, done);

    private void Deliver(Render render) => World.Network.Report(
        Host,
        new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = CompletionMessage(render) },
        30_000,
        InThisLife(end =>
        {
            if (end == ReportEnd.Taken)
            {
                _pending.Remove(render);
            }
            else
            {
                After(EveryMs, () => Deliver(render));
            }
        }));

    /// <summary>Errors of the transport are tried again for some minutes; any other, or these for too long, end the process with code 0.</summary>
    private Action<ReportEnd> OrGiveUp(long sinceMs, long waitMs, Action<long, long> again, Action done) => InThisLife(end =>
    {
        if (end == ReportEnd.Taken)
        {
            done();
        }
        else if (end == ReportEnd.Cut && World.NowMs - sinceMs < GivesUpAfterMs)
        {
            After(waitMs, () => again(sinceMs, Math.Min(60_000, waitMs * 2)));
        }
        else
        {
            World.Tally.Add("agents that ended themselves");
            Die();
            if (World.IsHealed)
            {
                World.Events.After(1000, Start);
            }
        }
    });

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
