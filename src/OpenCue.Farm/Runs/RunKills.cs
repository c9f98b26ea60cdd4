using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>Orders to kill runs.</summary>
public static class RunKills
{
    /// <summary>
    /// Orders a run's death. Ordering it again changes nothing but the outcome, which only gets stronger: a person's retry or eat stands over
    /// memory, memory over the report; of two persons the later one decides.
    /// </summary>
    public static void Order(FarmEdit edit, Run run, KillOrder order)
    {
        var standing = run.Row.Kill;
        var strong = standing is null || order.Outcome >= KillOutcome.Retry;
        edit.Set(run, run.Row with { Kill = strong ? order : standing });
        edit.Do(EffectKind.KillRun, run.Id, run.Host.Id, run.Layer.FrameId(run.Ordinal), order.Reason);
    }
}
