using Grpc.Core;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Agents;

/// <summary>
/// Our agent: nothing is promised before its journal has it; renders and their exit statuses outlive it; completions are sent until they are acknowledged.
/// </summary>
internal sealed class OurAgent(SimWorld world, SimHost host) : SimAgent(world, host)
{
    private const long FirstRetryMs = 1000;
    private const long LongestRetryMs = 30_000;
    private const long CompletionDeadlineMs = 30_000;

    // The journal, and what supervisors wrote: they are on disk.
    private readonly SortedDictionary<EntityId, Render> _journal = [];
    private readonly HashSet<EntityId> _refused = [];
    private readonly HashSet<EntityId> _over = [];
    private int _journals = 1;

    // In memory.
    private readonly HashSet<EntityId> _refusing = [];
    private readonly Dictionary<EntityId, long> _sending = [];
    private bool _bootReported;

    /// <inheritdoc/>
    public override bool HasTold => _journal.Values.All(r => r.State != RenderState.Ended);

    private string Journal => $"{Host.Name}-journal-{_journals}";

    /// <summary>The disk with the journal is lost; the agent starts with a new one and knows nothing.</summary>
    public void LoseJournal()
    {
        foreach (var render in _journal.Values)
        {
            render.IsForgotten |= render.State != RenderState.Ended;
            render.IsCompletionLost = true;
        }

        _journal.Clear();
        _refused.Clear();
        _over.Clear();
        _sending.Clear();
        _journals++;
    }

    /// <inheritdoc/>
    public override void OnRenderEnded(Render render)
    {
        if (!_journal.ContainsKey(render.RunId))
        {
            return;
        }

        render.EndWasWritten = true;
        if (IsUp)
        {
            After(Chance.Skewed(5, 800), () => Send(render, FirstRetryMs));
        }
    }

    /// <inheritdoc/>
    public override void OnBoot()
    {
        // What the machine took down with it: the journal has it as running, and no supervisor wrote an end.
        foreach (var render in _journal.Values)
        {
            if (!render.EndWasWritten)
            {
                (render.ExitStatus, render.ExitSignal, render.EndWasWritten) = (ExitStatus.HostDown, 0, true);
            }
        }
    }

    /// <inheritdoc/>
    public override void ReportNow() => Report();

    /// <inheritdoc/>
    protected override void OnStart()
    {
        _sending.Clear();
        _refusing.Clear();
        _bootReported = false;
        foreach (var render in _journal.Values.ToArray())
        {
            if (render.State == RenderState.Starting && !render.HasRun)
            {
                // Its supervisor was never started.
                Host.Drop(render, ExitStatus.FailedLaunch);
            }

            if (render.State == RenderState.Ended)
            {
                After(Chance.Between(10, 500), () => Send(render, FirstRetryMs));
            }
        }

        ReportBoot(FirstRetryMs);
    }

    /// <inheritdoc/>
    protected override void Launch(RunFrame order, Action<AgentReply> answer)
    {
        var (run, frame) = (EntityId.Parse(order.ResourceId), EntityId.Parse(order.FrameId));
        if (_refused.Contains(run) || _refusing.Contains(run))
        {
            answer(AgentReply.Refuse(StatusCode.FailedPrecondition, "it was given up before it was launched"));
        }
        else if (_journal.ContainsKey(run) || _over.Contains(run) || Host.Renders.Any(r => r.FrameId == frame))
        {
            answer(AgentReply.Refuse(StatusCode.AlreadyExists, "it was started before"));
        }
        else if (Host.CoresInUse + order.NumCores > SimHost.Cores)
        {
            answer(AgentReply.Refuse(StatusCode.Aborted, "there are not enough idle cores"));
        }
        else
        {
            // Accepted in memory; promised when the journal has it.
            var render = Host.Accept(order);
            var life = Life;
            World.Events.After(Chance.Skewed(1, 30), () =>
            {
                if (life != Life || !Host.IsOn || render.State == RenderState.Ended)
                {
                    if (render.State != RenderState.Ended)
                    {
                        Host.Drop(render, ExitStatus.FailedLaunch);
                    }

                    return;
                }

                _journal.Add(run, render);
                answer(AgentReply.Ok(new RqdStaticLaunchFrameResponse()));
                After(Chance.Skewed(1, 60), () =>
                {
                    if (render.State != RenderState.Ended)
                    {
                        render.State = RenderState.Running;
                        Host.Run(render);
                        if (render.IsKilled)
                        {
                            Host.PlanEnd(render, Chance.Skewed(20, 2000), 1, 9);
                        }
                    }
                });
            });
        }
    }

    /// <inheritdoc/>
    protected override void Kill(EntityId frame, string? runId, Action<AgentReply> answer) => Find(runId, answer, render =>
    {
        World.Truth.KillArrived(render, runId);
        if (render.State == RenderState.Starting)
        {
            render.IsKilled = true;
        }
        else
        {
            OrderToDie(render, 35_000);
        }

        answer(AgentReply.Ok(new RqdStaticKillRunningFrameResponse()));
    });

    /// <inheritdoc/>
    protected override void Ask(EntityId frame, string? runId, Action<AgentReply> answer) => Find(
        runId, answer, render => answer(AgentReply.Ok(new RqdStaticGetRunningFrameStatusResponse { RunningFrameInfo = FrameMessage(render) })));

    /// <inheritdoc/>
    protected override IEnumerable<Render> Shown() => _journal.Values.Where(r => r.State != RenderState.Ended);

    /// <inheritdoc/>
    protected override void AddAttributes(RenderHost message)
    {
        message.Attributes.Add(AgentFacts.AgentAttribute, "opencue-rqd/1");
        message.Attributes.Add(AgentFacts.BootIdAttribute, Host.BootId);
        message.Attributes.Add(AgentFacts.InstanceAttribute, Journal);
        var pending = string.Join(',', _journal.Values.Where(r => r.State == RenderState.Ended).Select(r => r.RunId.ToString()));
        if (pending.Length > 0)
        {
            message.Attributes.Add(AgentFacts.PendingCompletionsAttribute, pending);
        }
    }

    private void Find(string? runId, Action<AgentReply> answer, Action<Render> found)
    {
        var run = EntityId.Parse(runId!); // Our server names the run in all calls.
        if (Host.Renders.FirstOrDefault(r => r.RunId == run) is { State: not RenderState.Ended } live)
        {
            if (_journal.ContainsKey(run))
            {
                found(live);
            }
            else
            {
                // Its launch is being written to the journal.
                After(5, () => Find(runId, answer, found));
            }
        }
        else if (_journal.ContainsKey(run) || _over.Contains(run))
        {
            answer(AgentReply.Refuse(StatusCode.NotFound, "it has ended", "ended", Journal));
        }
        else
        {
            // From now on its launch is refused; that is promised when the journal has it.
            _refusing.Add(run);
            After(Chance.Skewed(1, 20), () =>
            {
                _refused.Add(run);
                answer(AgentReply.Refuse(StatusCode.NotFound, "it was never started, and its launch will be refused", "never-started", Journal));
            });
        }
    }

    private void ReportBoot(long waitMs) => World.Network.Report(Host, new RqdReportRqdStartupRequest { BootReport = BootMessage() }, 15_000, InThisLife(ok =>
    {
        if (ok == ReportEnd.Taken)
        {
            _bootReported = true;
            After(Chance.Between(3000, 6000), ReportAndGoOn);
        }
        else
        {
            After(waitMs, () => ReportBoot(Math.Min(15_000, waitMs * 2)));
        }
    }));

    private void ReportAndGoOn()
    {
        // Ends go before a report that lacks what has ended.
        foreach (var render in _journal.Values.Where(r => r.State == RenderState.Ended).ToArray())
        {
            Send(render, FirstRetryMs);
        }

        After(HasTold ? 0 : Chance.Between(200, 2000), () =>
        {
            Report();
            After(Chance.Between(5000, 30_000), ReportAndGoOn);
        });
    }

    private void Report()
    {
        if (_bootReported)
        {
            World.Network.Report(Host, new RqdReportStatusRequest { HostReport = ReportMessage() }, 10_000, _ => { });
        }
    }

    private void Send(Render render, long waitMs)
    {
        if (!_journal.ContainsKey(render.RunId) || !_sending.TryAdd(render.RunId, 0))
        {
            return;
        }

        World.Network.Report(
            Host,
            new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = CompletionMessage(render) },
            CompletionDeadlineMs,
            InThisLife(end =>
            {
                _sending.Remove(render.RunId);
                if (end == ReportEnd.Taken)
                {
                    After(Chance.Skewed(1, 10), () =>
                    {
                        _journal.Remove(render.RunId);
                        _over.Add(render.RunId);
                    });
                }
                else
                {
                    After(waitMs, () => Send(render, Math.Min(LongestRetryMs, waitMs * 2)));
                }
            }));
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
