using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>
/// What is true in the simulated world, and what must hold in it. It is told what really happens (which render lives where, what was committed, who was
/// answered) and believes nothing that a server says of itself.
/// </summary>
internal sealed class Truth
{
    private readonly SimWorld _world;
    private readonly Dictionary<EntityId, List<Render>> _byRun = [];
    private readonly Dictionary<EntityId, List<Render>> _aliveByFrame = [];
    private readonly Dictionary<EntityId, int> _countedRuns = [];
    private readonly Dictionary<(int Server, string Host), Heard> _heard = [];
    private readonly CapWatch _caps;
    private readonly Dictionary<EntityId, int> _completions = [];
    private readonly List<(long Ms, ChangeSet Changes)> _history = [];
    private readonly bool _keepsHistory;
    /// <summary>What is a long silence.</summary>
    private const long LongMs = 60_000;

    /// <summary>How long the store may be away.</summary>
    private const long StoreAwayMs = 600_000;

    private readonly FrameChecks _frames;
    private bool _tooManyUnknown;
    private SimServer? _holder;

    public Truth(SimWorld world)
    {
        (_world, _caps, _frames) = (world, new CapWatch(world), new FrameChecks(world, Stored));
        _keepsHistory = world.Plan.Actions.Any(a => a.Kind == Plans.FaultKind.StoreRestored);
    }

    /// <summary>What is durable.</summary>
    public StoreMirror Stored { get; } = new();

    /// <summary>All executions of a run.</summary>
    public IReadOnlyList<Render> RendersOf(EntityId run) => _byRun.TryGetValue(run, out var renders) ? renders : [];

    /// <summary>All renders that live.</summary>
    public IEnumerable<Render> Alive => _aliveByFrame.Values.SelectMany(r => r);

    /// <summary>How often the end of a run was acknowledged.</summary>
    public int CompletionsOf(EntityId run) => _completions.GetValueOrDefault(run);

    /// <summary>A server takes over the store: from now on only it may commit.</summary>
    public void TookOver(SimServer server) => _holder = server;

    /// <summary>True once a person has said that runs which the store does not know may be killed.</summary>
    public bool StraysAllowed { get; set; }

    /// <summary>
    /// The store is as it was at a time. Returns what was committed up to then; what is alive and began later is of a time that no server knows any more.
    /// </summary>
    public IReadOnlyList<ChangeSet> Restore(long atMs)
    {
        var kept = _history.FindAll(h => h.Ms <= atMs).ConvertAll(h => h.Changes);
        Stored.Clear();
        kept.ForEach(Stored.Apply);
        _countedRuns.Clear();
        foreach (var run in Stored.Ended.Values.Where(r => r.End != RunEnd.NeverStarted))
        {
            _countedRuns[run.LayerId] = _countedRuns.GetValueOrDefault(run.LayerId) + 1;
        }

        foreach (var render in _byRun.Values.SelectMany(r => r))
        {
            render.IsOfLostTime = true;
        }

        foreach (var render in _world.Hosts.SelectMany(h => h.Renders))
        {
            render.IsOfLostTime = true;
        }

        var alive = Alive.ToList();
        _tooManyUnknown = alive.Count(r => !Stored.Runs.ContainsKey(r.RunId)) * 20 > alive.Count;
        _completions.Clear();
        return kept;
    }

    /// <summary>A change set has become durable.</summary>
    public void Committed(SimServer server, ChangeSet changes)
    {
        if (changes.Sequence == Stored.Sequence && server == _holder)
        {
            return; // It was sent again because its outcome was unknown.
        }

        if (server != _holder)
        {
            _world.Break("P7", $"server {server.Number} committed batch {changes.Sequence} although server {_holder?.Number} has the lease");
        }

        if (changes.Sequence != Stored.Sequence + 1)
        {
            _world.Break("P7", $"batch {changes.Sequence} was committed after batch {Stored.Sequence}");
        }

        foreach (var run in changes.EndedRuns)
        {
            CheckEnd(server, run);
        }

        _frames.Check(server, changes);
        Stored.Apply(changes);
        _frames.CheckJobs(changes);
        if (_keepsHistory)
        {
            _history.Add((_world.NowMs, changes));
        }

        foreach (var usage in changes.Table<LayerUsageRow>().Upserts)
        {
            var counted = _countedRuns.GetValueOrDefault(usage.Id);
            if (usage.Succeeded + usage.Failed != counted)
            {
                _world.Break("P8", $"layer {Name(usage.Id)} counts {usage.Succeeded} + {usage.Failed} runs, {counted} have ended");
            }
        }

        Note(changes);
    }

    /// <summary>A server sends something to an agent.</summary>
    public void Sent(SimServer server, string method, object request, string? runId)
    {
        var run = EntityId.TryParse(runId, out var id) ? id : default;
        _world.Trace.Add($"server {server.Number} sends {method} {_world.Trace.Name("run", run)}");
        if (request is RqdStaticLaunchFrameRequest && !Stored.Runs.ContainsKey(run) && !Stored.Ended.ContainsKey(run))
        {
            _world.Break("COMMIT", $"{Name(run)} is launched, and its booking is not durable");
        }

        if (request is RqdStaticKillRunningFrameRequest kill)
        {
            CheckKill(run, EntityId.Parse(kill.FrameId));
        }
    }

    /// <summary>A launch reaches an agent.</summary>
    public void LaunchArrived(SimHost host, RunFrame order) =>
        _world.Trace.Add($"launch of {Name(EntityId.Parse(order.ResourceId))} of {Frame(EntityId.Parse(order.FrameId))} reaches {host.Name}");

    /// <summary>A kill reaches a render.</summary>
    public void KillArrived(Render render, string? runId)
    {
        _world.Trace.Add($"kill of {Name(render.RunId)} reaches {render.Host.Name}");
        if (!Stored.Runs.TryGetValue(render.RunId, out var row) || row.Kill is not null || !EntityId.TryParse(runId, out var meant))
        {
            return;
        }

        if (meant == render.RunId)
        {
            _world.Break("KILL", $"nobody ordered {Name(meant)} of {Frame(render.FrameId)} on {render.Host.Name} killed, and it is");
        }
        else
        {
            _world.Break("KILL", $"a kill meant for {Name(meant)} hits {Name(render.RunId)} of {Frame(render.FrameId)} on {render.Host.Name}");
        }
    }

    /// <summary>Processes of a frame run.</summary>
    public void Started(Render render)
    {
        _world.Trace.Add($"{Name(render.RunId)} of {Frame(render.FrameId)} runs on {render.Host.Name}");
        _world.Tally.Add("renders");
        if (!_byRun.TryGetValue(render.RunId, out var same))
        {
            _byRun.Add(render.RunId, same = []);
        }

        same.Add(render);
        if (!_aliveByFrame.TryGetValue(render.FrameId, out var alive))
        {
            _aliveByFrame.Add(render.FrameId, alive = []);
        }

        foreach (var other in alive)
        {
            if (!IsExcused(other) && !IsExcused(render))
            {
                _world.Break(
                    "P2",
                    $"{Frame(render.FrameId)} runs on {render.Host.Name} ({Name(render.RunId)}) while it still runs on {other.Host.Name} ({Name(other.RunId)}), which is "
                    + $"stored as {Describe(other.RunId)}");
            }
        }

        alive.Add(render);
        if (Stored.Ended.TryGetValue(render.RunId, out var end) && !IsAssumed(end.End) && !render.IsOfLostTime)
        {
            _world.Break("P2", $"{Name(render.RunId)} starts on {render.Host.Name} after it was stored as {end.End}");
        }
    }

    /// <summary>Processes of a frame have ended.</summary>
    public void Ended(Render render)
    {
        _world.Trace.Add($"{Name(render.RunId)} of {Frame(render.FrameId)} ends on {render.Host.Name}, exit status {render.ExitStatus}/{render.ExitSignal}");
        if (_aliveByFrame.TryGetValue(render.FrameId, out var alive))
        {
            alive.Remove(render);
        }
    }

    /// <summary>A render that was accepted will not run.</summary>
    public void NotRun(Render render) => _world.Trace.Add($"{Name(render.RunId)} of {Frame(render.FrameId)} does not start on {render.Host.Name}");

    /// <summary>A server answers an agent's report with OK.</summary>
    public void Answered(SimServer server, SimHost host, object request)
    {
        switch (request)
        {
            case RqdReportRunningFrameCompletionRequest { FrameCompleteReport: { } report }:
                var run = EntityId.Parse(report.Frame.ResourceId);
                _world.Trace.Add($"server {server.Number} acknowledges the end of {Name(run)}");
                _completions[run] = CompletionsOf(run) + 1;
                if (_completions[run] > 1)
                {
                    _world.Tally.Add("completions that came again");
                }

                if (Stored.Runs.ContainsKey(run))
                {
                    _world.Break("P1", $"the end of {Name(run)} on {host.Name} is acknowledged, and in the store it still runs");
                }

                break;
            case RqdReportStatusRequest or RqdReportRqdStartupRequest:
                var silence = _world.NowMs - HeardOf(server, host.Name).LastMs;
                _heard[(server.Number, host.Name)] = silence >= LongMs
                    ? new Heard(_world.NowMs, silence, _world.NowMs)
                    : HeardOf(server, host.Name) with { LastMs = _world.NowMs };
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// How long a server has not heard of a host, counted from its start. Reports are answered when they are queued, and what is stored now may have been decided
    /// when the store went away: so a long silence counts for a while after its end.
    /// </summary>
    public long SilenceMs(SimServer server, string host)
    {
        var heard = HeardOf(server, host);
        return Math.Max(_world.NowMs - heard.LastMs, _world.NowMs - heard.SilenceEndedMs < StoreAwayMs ? heard.SilenceMs : 0);
    }

    /// <summary>A person asked to do without a frame.</summary>
    public void EatenByPerson(EntityId frame) => _frames.Eaten(frame);

    /// <summary>Looks at a server's model between two turns of its writer.</summary>
    public void CheckFarm(SimServer server, FarmModel farm)
    {
        var findings = FarmInvariants.Check(farm);
        if (findings.Count > 0)
        {
            _world.Break("P8", $"on server {server.Number}: {findings[0]}");
        }

        _caps.Check(farm);
        foreach (var render in Alive)
        {
            // A report may have been made before the launch arrived; of what was given up after a long silence it has come since.
            if (render is { State: RenderState.Running, IsForgotten: false, IsOfLostTime: false }
                && Stored.Ended.TryGetValue(render.RunId, out var end) && end.End == RunEnd.AssumedLost && farm.OldRuns.Find(render.RunId) is null)
            {
                _world.Break("P2", $"server {server.Number} does not know that {Name(render.RunId)}, which was given up for lost, may live on {render.Host.Name}");
            }
        }
    }

    /// <summary>A server's model is another one, or of an earlier time.</summary>
    public void OnFarmReplaced() => _caps.Forget();

    /// <summary>A short name for a run.</summary>
    public string Name(EntityId run) => _world.Trace.Name("run", run);

    /// <summary>A short name for a frame.</summary>
    public string Frame(EntityId frame) => _world.Trace.Name("frame", frame);

    private void CheckEnd(SimServer server, RunRow row)
    {
        var renders = RendersOf(row.Id);
        _world.Tally.Add($"runs ended: {row.End}");
        _world.Trace.Add($"{Name(row.Id)} on {row.HostName} is stored as {row.End}, exit status {row.ExitStatus}");
        if (Stored.Ended.ContainsKey(row.Id))
        {
            _world.Break("P8", $"{Name(row.Id)} ends a second time");
        }

        if (row.Kill is { Outcome: KillOutcome.Retry })
        {
            _world.Tally.Add("runs ended after a retry");
        }

        if (row.End != RunEnd.NeverStarted)
        {
            _countedRuns[row.LayerId] = _countedRuns.GetValueOrDefault(row.LayerId) + 1;
        }

        if (row.End == RunEnd.AssumedLost)
        {
            CheckLost(server, row);
        }

        foreach (var render in renders)
        {
            if (render is { IsAlive: true, IsOfLostTime: false } && !IsAssumed(row.End) && !IsForgotten(render, row.End))
            {
                _world.Break("P2", $"{Name(row.Id)} is stored as {row.End}, and it runs on {render.Host.Name}");
            }
        }

        if (row.End == RunEnd.NeverStarted && renders.Any(r => !r.IsOfLostTime))
        {
            _world.Break("P1", $"{Name(row.Id)} is stored as never started, and it ran on {row.HostName}");
        }

        if (row.End == RunEnd.Completed)
        {
            CheckStatus(row);
        }

        if (renders.Count == 1 && renders[0] is { Host.Kind: SimAgentKind.Ours, EndWasWritten: true, IsCompletionLost: false, IsOfLostTime: false } told
            && row.End is RunEnd.NotOnHost or RunEnd.HostRebooted or RunEnd.ForgottenByAgent)
        {
            _world.Break("P5", $"{Name(row.Id)} ended on {told.Host.Name} with exit status {told.ExitStatus}, and is stored as {row.End}");
        }
    }

    private void CheckStatus(RunRow row)
    {
        var renders = RendersOf(row.Id);
        int? ordered = row.Kill?.Outcome switch
        {
            KillOutcome.Retry => ExitStatus.StoppedForRetry,
            KillOutcome.Eat => ExitStatus.StoppedForEat,
            _ => null,
        };
        var isTrue = renders.Count == 0
            ? (ordered ?? row.ExitStatus) == row.ExitStatus && (ordered is not null || row.ExitStatus != 0)
            : renders.Any(r => r.State == RenderState.Ended && (ordered ?? r.ExitStatus) == row.ExitStatus && r.ExitSignal == row.ExitSignal);
        if (!isTrue)
        {
            var told = renders.Count == 0 ? "never ran" : $"ended with {renders[^1].ExitStatus}/{renders[^1].ExitSignal}";
            _world.Break("P5", $"{Name(row.Id)} {told} on {row.HostName}, stored is {row.ExitStatus}/{row.ExitSignal}");
        }
    }

    private void CheckLost(SimServer server, RunRow row)
    {
        var silence = SilenceMs(server, row.HostName);
        if (silence < Math.Max(300_000, _world.Settings.HostLostWaitMs - 1000))
        {
            _world.Break("P6", $"{Name(row.Id)} on {row.HostName} is given up for lost after {silence / 1000} s without a report");
        }
    }

    private void CheckKill(EntityId run, EntityId frame)
    {
        if (Stored.Runs.TryGetValue(run, out var row))
        {
            if (row is { Kill: null, Phase: RunPhase.Started })
            {
                _world.Break("COMMIT", $"{Name(run)} on {row.HostName} is killed, and no such order is durable");
            }
        }
        else if (!Stored.Ended.ContainsKey(run) && (!Stored.Frames.ContainsKey(frame) || (_tooManyUnknown && !StraysAllowed)))
        {
            _world.Break("STRAY", $"{Name(run)}, of which the store knows nothing, is killed");
        }
    }

    private void Note(ChangeSet changes)
    {
        foreach (var what in changes.Events)
        {
            _world.Tally.Add($"events: {what.Kind}");
            if (what.Kind is FarmEventKind.Alarm or FarmEventKind.RunReportRefused)
            {
                _world.Trace.Add($"{what.Kind}: {what.Reason}");
            }
        }
    }

    /// <summary>True if a second run of its frame is nobody's fault: it was recorded that nobody proved its end, or its agent forgot it.</summary>
    private bool IsExcused(Render other) => other.IsOfLostTime
        || Stored.Ended.TryGetValue(other.RunId, out var end) && (IsAssumed(end.End) || IsForgotten(other, end.End));

    private static bool IsAssumed(RunEnd end) => end is RunEnd.AssumedLost or RunEnd.AcceptedByPerson;

    /// <summary>
    /// True if its agent forgot it, and that is how its end was stored. A boot id and a journal are never wrong; a boot time without a boot id may be.
    /// </summary>
    private static bool IsForgotten(Render render, RunEnd end) =>
        render.IsForgotten && (end == RunEnd.ForgottenByAgent || (end == RunEnd.HostRebooted && render.Host.Kind != SimAgentKind.Ours));

    private string Describe(EntityId run) =>
        Stored.Ended.TryGetValue(run, out var end) ? $"ended ({end.End})" : Stored.Runs.TryGetValue(run, out var row) ? $"{row.Phase}" : "nothing";

    private Heard HeardOf(SimServer server, string host) =>
        _heard.GetValueOrDefault((server.Number, host)) ?? new Heard(server.StartedMs, 0, long.MinValue / 2);

    /// <summary>When a server heard of a host, and the last long silence before that.</summary>
    private sealed record Heard(long LastMs, long SilenceMs, long SilenceEndedMs);
}
