using System.Collections.Immutable;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Frames;

/// <summary>All runs that cuebot is owed an answer about, and the cores they have. Thread-safe.</summary>
internal sealed class RunTable(MachineFacts facts, RunJournal journal)
{
    private readonly Lock _lock = new();
    private readonly CoreLedger _cores = new(facts);
    private readonly Dictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private readonly RecentIds _killedBeforeLaunch = new();
    private bool _stopping;

    /// <summary>Takes a run in, with its cores, in one step: of two launches of a frame at the same time one is refused.</summary>
    public LaunchRefusal? TryAdd(FrameOrder order, Func<ImmutableArray<int>, Run> create, out Run? run)
    {
        run = null;
        lock (_lock)
        {
            if (_stopping)
            {
                return new(LaunchRefusalKind.Stopping, "The agent is stopping and takes no more frames.");
            }

            if (FindLiveByFrame(order.FrameId) is { } running)
            {
                return new(LaunchRefusalKind.AlreadyStarted, $"Frame {order.FrameId} is already running, as run {running.Record.ResourceId}.");
            }

            if (order.RunId is { } id && WasStarted(id))
            {
                return new(LaunchRefusalKind.AlreadyStarted, $"Run {id} was started before and has ended; its completion is or was sent.");
            }

            if (_killedBeforeLaunch.Contains(order.ResourceId) || journal.WasKilledBeforeLaunch(order.ResourceId))
            {
                return new(LaunchRefusalKind.KilledBefore, $"Run {order.ResourceId} was killed before this launch of it arrived.");
            }

            if (!_cores.TryBook(order.CoreUnits, order.IsThreadable, out var processors))
            {
                return new(LaunchRefusalKind.NoRoom,
                    $"The frame wants {order.CoreUnits} core units, and of {_cores.TotalUnits} only {_cores.IdleUnits} are idle.");
            }

            run = create(processors);
            _runs.Add(run.Key, run);
            return null;
        }
    }

    /// <summary>Takes in a run of an agent before this one.</summary>
    public void AddRecovered(Run run)
    {
        lock (_lock)
        {
            _runs.Add(run.Key, run);
            if (run.State != RunState.Ended)
            {
                _cores.Rebook(run.Record.CoreUnits, run.Record.Processors);
            }
        }
    }

    public void MarkRunning(Run run)
    {
        lock (_lock)
        {
            run.State = RunState.Running;
        }
    }

    /// <summary>The run is over: its cores are free, and it waits to be acknowledged.</summary>
    public void MarkEnded(Run run, RunEnd end)
    {
        lock (_lock)
        {
            run.End = end;
            run.State = RunState.Ended;
            _cores.Release(run.Record.CoreUnits, run.Record.Processors);
        }
    }

    /// <summary>Forgets a run: cuebot has acknowledged its end, or was never promised it.</summary>
    public void Remove(Run run)
    {
        lock (_lock)
        {
            if (_runs.Remove(run.Key) && run.State != RunState.Ended)
            {
                _cores.Release(run.Record.CoreUnits, run.Record.Processors);
            }
        }
    }

    /// <summary>Refuses launches from now on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopping = true;
        }
    }

    /// <summary>The run of this frame that is not over.</summary>
    public Run? FindLive(string frameId)
    {
        lock (_lock)
        {
            return FindLiveByFrame(frameId);
        }
    }

    /// <summary>
    /// The run that a kill or a question means. If the run was never launched here, it is refused from now on, in the same step: a launch that
    /// arrives while the refusal is being made durable cannot slip in between.
    /// </summary>
    public KillResult FindOrRefuse(string frameId, string? runId, out Run? run)
    {
        lock (_lock)
        {
            run = FindLiveByFrame(frameId);
            if (run is not null && (runId is null || run.Record.ResourceId == runId))
            {
                return KillResult.Ordered;
            }

            var other = run;
            run = null;
            if (runId is null)
            {
                return KillResult.NotRunning;
            }

            if (WasStarted(runId))
            {
                return KillResult.Over;
            }

            _killedBeforeLaunch.Add(runId);
            return other is null ? KillResult.NeverLaunched : KillResult.OtherRun;
        }
    }

    public TableSnapshot Snapshot()
    {
        lock (_lock)
        {
            return new TableSnapshot(
                [.. _runs.Values.Where(run => run.State != RunState.Ended).OrderBy(run => run.Record.AcceptedAt)],
                [.. _runs.Values.Where(run => run.State == RunState.Ended).OrderBy(run => run.End!.At)],
                _cores.TotalUnits, _cores.IdleUnits, _cores.BookedUnits);
        }
    }

    private bool WasStarted(string runId) => _runs.ContainsKey(runId) || journal.WasAcknowledged(runId);

    private Run? FindLiveByFrame(string frameId) =>
        _runs.Values.FirstOrDefault(run => run.State != RunState.Ended && run.Record.FrameId == frameId);
}

/// <summary>All runs and cores at one moment, so that a report contradicts itself nowhere.</summary>
/// <param name="Live">Accepted or running, oldest first.</param>
/// <param name="Ended">Over, and not acknowledged by cuebot; oldest first.</param>
internal sealed record TableSnapshot(
    ImmutableArray<Run> Live, ImmutableArray<Run> Ended, int TotalUnits, int IdleUnits, int BookedUnits);
