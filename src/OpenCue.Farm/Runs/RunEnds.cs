using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>Ends runs of which no completion came. Their place goes back to the host.</summary>
public static class RunEnds
{
    /// <summary>Ends a run. How it is known goes into its last row and, if it was only assumed, into an event of its own.</summary>
    internal static void End(FarmEdit edit, Run run, RunEnd end, string reason)
    {
        if (end is RunEnd.AssumedLost or RunEnd.AcceptedByPerson)
        {
            OldRuns.Assume(edit, run, end);
            edit.Emit(FarmEventKind.RunAssumedEnded, run.Id, run.Layer.Job.Id, (int)run.Row.Phase, (int)end, reason);
        }

        var result = FrameCompletion.Apply(edit, run, new RunOutcome { End = end, LogUpdatedAtMs = LogUpdatedAtMs(edit, run) });
        if (result.Proc.Run is null && result.Proc.InFarm)
        {
            ProcRules.Release(edit, result.Proc);
        }
    }

    /// <summary>
    /// When the run's log last grew, by this server's clock: the host's may be wrong by any amount, so it is only looked at for changes. 0 if unknown.
    /// </summary>
    internal static long LogUpdatedAtMs(FarmEdit edit, Run run) =>
        run.Usage is { LogUpdatedAtMs: > 0, LogGrewEngineMs: { } grew } ? edit.Now.WallMs - (edit.Now.EngineMs - grew) : 0;
}
