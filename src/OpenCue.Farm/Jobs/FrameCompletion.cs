using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;

namespace OpenCue.Farm.Jobs;

/// <summary>The one place where a run ends.</summary>
public static class FrameCompletion
{
    /// <summary>
    /// Ends a run: decides what becomes of its frame, counts what it used, releases what waits for it, and finishes layer and job if it was
    /// the last. It leaves the proc alone.
    /// </summary>
    /// <param name="edit">The edit.</param>
    /// <param name="run">A run that has not ended.</param>
    /// <param name="outcome">How it ended.</param>
    public static CompletionResult Apply(FarmEdit edit, Run run, RunOutcome outcome)
    {
        if (!run.InFarm || outcome.End == RunEnd.None)
        {
            throw new InvalidOperationException($"Run {run.Id} can't end: it {(run.InFarm ? "is said to live" : "has ended already")}.");
        }

        outcome = outcome with
        {
            MaxRssKib = Math.Max(outcome.MaxRssKib, run.Usage.MaxRssKib),
            MaxPssKib = Math.Max(outcome.MaxPssKib, run.Usage.MaxPssKib),
        };
        var (layer, ordinal) = (run.Layer, run.Ordinal);
        var times = RunTimes.Of(edit.Now, run, outcome);
        var verdict = FrameVerdict.Of(outcome, run.Row.Kill?.Outcome, Facts(run, outcome, times), edit.Farm.Settings);
        var status = verdict.ExitStatus ?? outcome.ExitStatus;
        EndRun(edit, run, outcome, times, status);
        StopFrame(edit, run, outcome, times, verdict);
        if (outcome.End != RunEnd.NeverStarted)
        {
            LayerLearning.CountRun(edit, layer, run.Row, outcome, times);
            LayerLearning.Delay(edit, layer, verdict);
        }

        Release(edit, layer, ordinal, verdict);
        LayerLearning.FitMemory(edit, run, outcome, verdict);
        if (verdict.State is FrameState.Succeeded or FrameState.Eaten)
        {
            JobRules.ShutdownIfComplete(edit, layer.Job);
        }

        return new CompletionResult(run.Proc, layer, ordinal, verdict.State, status, verdict.MemoryFailure);
    }

    private static FrameFacts Facts(Run run, RunOutcome outcome, RunTimes times)
    {
        var (layer, job) = (run.Layer.Row, run.Layer.Job.Row);
        var logUpdated = outcome.LogUpdatedAtMs > 0 ? outcome.LogUpdatedAtMs : run.Usage.LogUpdatedAtMs;
        return new FrameFacts
        {
            MaxRetries = job.MaxRetries,
            AutoEat = job.AutoEat,
            Retries = run.Layer.Frames[run.Ordinal].Retries,
            TimeoutMinutes = layer.TimeoutMinutes,
            TimeoutLogMinutes = layer.TimeoutLogMinutes,
            LogSilentMs = logUpdated > 0 ? times.EndedAtMs - logUpdated : null,
            RunSeconds = times.Seconds,
            ReservedMemoryKib = run.Proc.Row.Reserved.MemoryKib,
        };
    }

    private static void EndRun(FarmEdit edit, Run run, RunOutcome outcome, RunTimes times, int status)
    {
        edit.Farm.Strays.NoteEnded(run.Id);
        edit.EndRun(run, run.Row with
        {
            Phase = RunPhase.Ended,
            End = outcome.End,
            EndedAtMs = times.EndedAtMs,
            ExitStatus = status,
            ExitSignal = outcome.ExitSignal,
            RunSeconds = times.Seconds,
            MaxRssKib = outcome.MaxRssKib,
        });
        var job = run.Layer.Job.Id;
        edit.Emit(FarmEventKind.RunEnded, run.Id, job, (int)outcome.End, status, run.Row.Kill?.Reason);
    }

    private static void StopFrame(FarmEdit edit, Run run, RunOutcome outcome, RunTimes times, FrameVerdict verdict)
    {
        var (layer, ordinal) = (run.Layer, run.Ordinal);
        var frame = layer.Frames[ordinal];
        if (outcome.End == RunEnd.NeverStarted)
        {
            frame = Unstarted(edit.Farm.Settings, frame, run.FrameBefore);
        }
        else
        {
            frame.StoppedAtMs = times.EndedAtMs;
            frame.CoreSeconds += ((times.Seconds * frame.CorePoints) + 50) / 100;
            frame.GpuSeconds += times.Seconds * frame.Gpus;
            frame.LogUpdatedAtMs = Math.Max(frame.LogUpdatedAtMs, Math.Max(outcome.LogUpdatedAtMs, run.Usage.LogUpdatedAtMs));
            (frame.RssKib, frame.PssKib) = (run.Usage.RssKib, run.Usage.PssKib);
            (frame.MaxRssKib, frame.MaxPssKib) = (outcome.MaxRssKib, outcome.MaxPssKib);
            if (outcome.End != RunEnd.Completed)
            {
                // Nobody is left to copy a checkpoint: the frame is to run again at once.
                frame.Checkpoint = CheckpointState.Disabled;
            }
        }

        frame.ExitStatus = verdict.ExitStatus ?? frame.ExitStatus;
        frame.State = FrameRules.Settle(frame, verdict.State);
        FrameRules.Move(edit, layer, ordinal, frame, run.Row.Kill?.Reason);
    }

    /// <summary>
    /// The frame as if this start had never been. (OpenCue writes exit status 299, and does it even when another run has ended since.)
    /// </summary>
    private static Frame Unstarted(FarmSettings settings, Frame frame, Frame? before)
    {
        if (before is { } old)
        {
            (frame.HostNumber, frame.CorePoints, frame.Gpus) = (old.HostNumber, old.CorePoints, old.Gpus);
            (frame.ReservedMemoryKib, frame.ReservedGpuMemoryKib) = (old.ReservedMemoryKib, old.ReservedGpuMemoryKib);
            (frame.StartedAtMs, frame.StoppedAtMs, frame.LogUpdatedAtMs) = (old.StartedAtMs, old.StoppedAtMs, old.LogUpdatedAtMs);
            (frame.RssKib, frame.MaxRssKib, frame.PssKib, frame.MaxPssKib) = (old.RssKib, old.MaxRssKib, old.PssKib, old.MaxPssKib);
            frame.Retries = old.Retries;
        }
        else
        {
            frame.StoppedAtMs = frame.StartedAtMs;
            frame.Retries -= (short)(FrameRules.CountsAsRetry(settings, frame.ExitStatus) ? 1 : 0);
        }

        return frame;
    }

    private static void Release(FarmEdit edit, Layer layer, int ordinal, FrameVerdict verdict)
    {
        // A frame that a person ate holds back what waits for it until the person says that it counts as done.
        var autoEaten = verdict.State == FrameState.Eaten && verdict.ExitStatus != ExitStatus.StoppedForEat;
        var satisfies = verdict.State == FrameState.Succeeded || (autoEaten && !edit.Farm.Settings.SatisfyOnlyOnFrameSuccess);
        if (satisfies)
        {
            DependRules.SatisfyFrame(edit, layer, ordinal);
        }

        if (verdict.State is FrameState.Succeeded or FrameState.Eaten && layer.Counts.Complete)
        {
            edit.Emit(FarmEventKind.LayerCompleted, layer.Id, layer.Job.Id);
            if (satisfies)
            {
                DependRules.SatisfyLayer(edit, layer);
            }
        }
    }
}

/// <summary>When a run ended and how long it took.</summary>
/// <param name="EndedAtMs">Ms since 1970.</param>
/// <param name="Seconds">Wall seconds, at least 1: what is charged for the run.</param>
internal readonly record struct RunTimes(long EndedAtMs, long Seconds)
{
    /// <summary>
    /// The run's own times. A completion may come hours after the end, when the server was away: then the reported duration counts and not
    /// the moment of the report. The end is at least a second after the start, as in OpenCue, so that clients, who count seconds, see a
    /// difference.
    /// </summary>
    public static RunTimes Of(FarmTime now, Run run, RunOutcome outcome)
    {
        var row = run.Row;
        var seconds = Math.Max(1, outcome.RunSeconds ?? (now.EngineMs - row.BookedEngineMs) / 1000);
        var ended = outcome.RunSeconds is null ? now.WallMs : Math.Min(now.WallMs, row.BookedAtMs + (seconds * 1000));
        return new RunTimes(Math.Max(ended, row.BookedAtMs + 1000), seconds);
    }
}
