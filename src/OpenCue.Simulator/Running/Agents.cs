using OpenCue.Engine.Sinks;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Running;

/// <summary>
/// The hosts and their agents: perfect ones, who take every launch at once and lose nothing. A run ends when the trace says, or when it is killed.
/// </summary>
internal sealed class Agents(EventQueue events, JobFeeder feeder, Measurements measurements, SimulationOptions options) : IEffectSink
{
    private readonly Dictionary<string, SimHost> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<EntityId, SimRun> _runs = [];
    private readonly List<SimRun> _due = [];

    /// <inheritdoc/>
    public int Backlog => 0;

    /// <summary>The hosts.</summary>
    public IReadOnlyCollection<SimHost> Hosts => _hosts.Values;

    /// <summary>Calls that were made durable and not answered yet.</summary>
    public List<Effect> Calls { get; } = [];

    /// <summary>What runs.</summary>
    public IReadOnlyCollection<SimRun> Running => _runs.Values;

    /// <summary>True if runs have ended and were not reported yet.</summary>
    public bool AnyDue => _due.Count > 0;

    /// <summary>Adds a host.</summary>
    public void Add(SimHost host) => _hosts.Add(host.Name, host);

    /// <inheritdoc/>
    public ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        foreach (var effect in batch.Effects)
        {
            if (effect.Kind != EffectKind.JobEnded)
            {
                Calls.Add(effect);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Answers calls.</summary>
    public void Answer(FarmEdit edit, IReadOnlyList<Effect> calls)
    {
        foreach (var call in calls)
        {
            if (call.Kind == EffectKind.TellLock)
            {
                HostRules.LockTold(edit, call.Subject, edit.Farm.Hosts.TryGet(call.Subject, out var host) && host.Row.Locked, taken: true);
            }
            else if (!RunCalls.IsWanted(edit.Farm, call))
            {
                RunCalls.Ended(edit, call, CallAnswer.Withdrawn, "");
            }
            else
            {
                RunCalls.Ended(edit, call, Take(edit.Farm, call), "");
            }
        }
    }

    /// <summary>Reports the runs that have ended.</summary>
    public void ReportEnded(FarmEdit edit, Scheduler scheduler)
    {
        foreach (var run in _due)
        {
            Report(edit, scheduler, run);
        }

        _due.Clear();
    }

    private CallAnswer Take(FarmModel farm, Effect call)
    {
        switch (call.Kind)
        {
            case EffectKind.LaunchRun:
                Launch(farm.Runs[call.Subject]);
                return CallAnswer.Done;
            case EffectKind.KillRun or EffectKind.KillStray when _runs.TryGetValue(call.Subject, out var run):
                run.KilledBy = 9;
                End(run);
                return CallAnswer.Done;
            case EffectKind.SettleRun when _runs.ContainsKey(call.Subject):
                return CallAnswer.Done;
            default:
                return CallAnswer.NeverHere;
        }
    }

    private void Launch(Run run)
    {
        var layer = feeder.LayerOf(run.Layer.Id);
        var attempt = layer.Tries[run.Ordinal]++;
        var seconds = layer.RunOf(run.Ordinal, attempt).Seconds;
        var host = _hosts[run.Host.Row.Name];
        var started = new SimRun
        {
            Id = run.Id,
            FrameId = run.FrameId,
            Layer = layer,
            Ordinal = run.Ordinal,
            Attempt = attempt,
            Host = host,
            Reserved = run.Proc.Row.Reserved,
            StartedMs = events.NowMs,
            EndsMs = events.NowMs + Math.Max(1, (long)(seconds * 1000)),
        };
        _runs.Add(run.Id, started);
        host.Runs.Add(started);
        measurements.Started(started, run);
        events.At(WholeStep(started.EndsMs), () => End(started));
    }

    private void End(SimRun run)
    {
        if (!run.HasEnded)
        {
            run.HasEnded = true;
            run.Host.Runs.Remove(run);
            _runs.Remove(run.Id);
            _due.Add(run);
        }
    }

    private void Report(FarmEdit edit, Scheduler scheduler, SimRun run)
    {
        var recorded = run.Layer.RunOf(run.Ordinal, run.Attempt);
        var rss = run.KilledBy == 0 ? recorded.PeakKib : run.RssKib(events.NowMs);
        var exit = run.KilledBy == 0 ? recorded.Exit : 1;
        var verdict = CompletionReports.Apply(edit, scheduler, new CompletionReport
        {
            HostName = run.Host.Name,
            Frame = SimHost.Frame(run, rss, edit.Now.WallMs - events.NowMs, edit.Now.WallMs),
            ExitStatus = exit,
            ExitSignal = run.KilledBy,
            RunSeconds = (events.NowMs - run.StartedMs + 500) / 1000,
            Agent = run.Host.Agent,
        });
        measurements.Ended(run, exit == 0, verdict);
        if (edit.Farm.TryGetFrame(run.FrameId, out var layer, out var ordinal))
        {
            Follow(edit, run, layer, ordinal);
        }
    }

    /// <summary>What a person did on the recorded farm: a dead frame was tried again if it ran again, else it was done without.</summary>
    private void Follow(FarmEdit edit, SimRun run, Layer layer, int ordinal)
    {
        if (layer.Frames[ordinal].State == FrameState.Dead)
        {
            if (run.Layer.HasTryAfter(ordinal, run.Attempt))
            {
                FrameOperations.Retry(edit, layer, ordinal, "cue-sim", "the trace has a further run of it");
            }
            else
            {
                JobFeeder.GiveUp(edit, layer, ordinal);
            }
        }

        if (layer.Job.Row.State == JobState.Finished && run.Layer.Job.FinishedMs is null)
        {
            run.Layer.Job.FinishedMs = events.NowMs;
            measurements.JobFinished(run.Layer.Job);
        }
    }

    private long WholeStep(long ms) => (ms + options.StepMs - 1) / options.StepMs * options.StepMs;
}
