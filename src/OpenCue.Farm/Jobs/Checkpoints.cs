using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>Checkpoints: a frame that stops while one is in use waits in CHECKPOINT until it has been copied.</summary>
public static class Checkpoints
{
    /// <summary>How long a frame may stay in CHECKPOINT before it runs again without, ms.</summary>
    private const long StaleAfterMs = 300_000;

    /// <summary>
    /// Sets the state of a frame's checkpoint. COMPLETE follows only on ENABLED or COPYING; false if it did not. A frame in CHECKPOINT goes
    /// on once its checkpoint is complete or disabled.
    /// </summary>
    public static bool Set(FarmEdit edit, Layer layer, int ordinal, CheckpointState state)
    {
        var frame = layer.Frames[ordinal];
        if (state == CheckpointState.Complete)
        {
            if (frame.Checkpoint is not (CheckpointState.Enabled or CheckpointState.Copying))
            {
                return false;
            }

            frame.Checkpoints = (short)Math.Min(frame.Checkpoints + 1, short.MaxValue);
        }

        frame.Checkpoint = state;
        if (frame.State == FrameState.Checkpoint && state is CheckpointState.Complete or CheckpointState.Disabled)
        {
            frame.State = FrameRules.Settle(frame, FrameState.Waiting);
        }

        FrameRules.Move(edit, layer, ordinal, frame);
        return true;
    }

    /// <summary>
    /// Frees up to <paramref name="max"/> frames of pending jobs that have been in CHECKPOINT for too long. Returns how many. (OpenCue has
    /// this sweep, but on a stock database its lock is missing and it never runs.)
    /// </summary>
    public static int FreeStale(FarmEdit edit, int max)
    {
        var freed = 0;
        foreach (var job in edit.Farm.Jobs.All)
        {
            if (job.Row.State == JobState.Pending && job.Frames[FrameState.Checkpoint] > 0)
            {
                freed += job.Layers.Sum(layer => FreeStale(edit, layer, max - freed));
            }
        }

        return freed;
    }

    private static int FreeStale(FarmEdit edit, Layer layer, int max)
    {
        var freed = 0;
        for (var i = 0; i < layer.FrameCount && freed < max && layer.Counts[FrameState.Checkpoint] > 0; i++)
        {
            if (layer.Frames[i].State == FrameState.Checkpoint && edit.Now.WallMs - layer.Frames[i].StoppedAtMs > StaleAfterMs)
            {
                Set(edit, layer, i, CheckpointState.Disabled);
                freed++;
            }
        }

        return freed;
    }
}
