using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// What a person may do to one frame; for many at once see <see cref="Operations.BulkOperations"/>. A frame that runs never changes its
/// state here: its run is ordered to die, and the frame becomes what the order says when the run is known to have ended.
/// </summary>
public static class FrameOperations
{
    /// <summary>Runs a frame again. Its job, if finished, is pending again; who waited for the frame waits again.</summary>
    public static void Retry(FarmEdit edit, Layer layer, int ordinal, string by, string reason)
    {
        JobRules.Revive(edit, layer.Job);
        var frame = layer.Frames[ordinal];
        frame.Flags &= ~FrameFlags.DependsIgnored;
        if (layer.Runs.TryGetValue(ordinal, out var run))
        {
            RunKills.Order(edit, run, Order(edit, KillOutcome.Retry, by, reason));
        }
        else
        {
            frame.State = FrameRules.Settle(frame, FrameState.Waiting);
        }

        SetIfChanged(edit, layer, ordinal, frame, reason);
        DependRules.Rearm(edit, layer, ordinal);
    }

    /// <summary>Does without a frame. What waits for it goes on waiting, until it is marked as done. One that succeeded stays so.</summary>
    public static void Eat(FarmEdit edit, Layer layer, int ordinal, string by, string reason)
    {
        if (layer.Runs.TryGetValue(ordinal, out var run))
        {
            RunKills.Order(edit, run, Order(edit, KillOutcome.Eat, by, reason));
            return;
        }

        var frame = layer.Frames[ordinal];
        frame.State = FrameRules.Settle(frame, FrameState.Eaten);
        if (SetIfChanged(edit, layer, ordinal, frame, reason) && layer.Counts.Complete)
        {
            edit.Emit(FarmEventKind.LayerCompleted, layer.Id, layer.Job.Id);
        }

        JobRules.ShutdownIfComplete(edit, layer.Job);
    }

    /// <summary>Kills a frame that runs; what it becomes follows from its report. Its place is given back.</summary>
    public static void Kill(FarmEdit edit, Layer layer, int ordinal, string by, string reason)
    {
        if (layer.Runs.TryGetValue(ordinal, out var run))
        {
            RunKills.Order(edit, run, Order(edit, KillOutcome.ByReport, by, reason));
            edit.Set(run.Proc, run.Proc.Row with { Unbooked = true });
        }
    }

    /// <summary>Lets a frame run although depends hold it. They stay active, for others to see. False if it is not in DEPEND.</summary>
    public static bool MarkAsWaiting(FarmEdit edit, Layer layer, int ordinal)
    {
        var frame = layer.Frames[ordinal];
        if (frame.State != FrameState.Depend)
        {
            return false;
        }

        frame.State = FrameState.Waiting;
        frame.Flags |= FrameFlags.DependsIgnored;
        (frame.LogUpdatedAtMs, frame.EligibleAtMs) = (edit.Now.WallMs, edit.Now.WallMs);
        FrameRules.Move(edit, layer, ordinal, frame, "marked as waiting");
        return true;
    }

    /// <summary>Undoes <see cref="MarkAsWaiting"/>: depends hold the frame again. False if it does not wait, or nothing holds it.</summary>
    public static bool MarkAsDepend(FarmEdit edit, Layer layer, int ordinal)
    {
        var frame = layer.Frames[ordinal];
        if (frame.State != FrameState.Waiting || frame.DependCount == 0)
        {
            return false;
        }

        frame.State = FrameState.Depend;
        frame.Flags &= ~FrameFlags.DependsIgnored;
        FrameRules.Move(edit, layer, ordinal, frame, "marked as depend");
        return true;
    }

    internal static KillOrder Order(FarmEdit edit, KillOutcome outcome, string by, string reason) =>
        new(outcome, reason, by, edit.Now.WallMs);

    private static bool SetIfChanged(FarmEdit edit, Layer layer, int ordinal, in Frame frame, string? reason)
    {
        ref readonly var old = ref layer.Frames[ordinal];
        if (old.State == frame.State && old.Flags == frame.Flags)
        {
            return false;
        }

        FrameRules.Move(edit, layer, ordinal, frame, reason);
        return true;
    }
}
