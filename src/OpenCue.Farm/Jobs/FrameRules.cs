using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>How frames change their state. What a person may do to a frame is in <see cref="FrameOperations"/>.</summary>
public static class FrameRules
{
    /// <summary>
    /// The frame of a run that was just added becomes RUNNING. Call it after adding the run. The start counts as a retry if the frame's
    /// last run ended with a status that counts.
    /// </summary>
    public static void Start(FarmEdit edit, Run run)
    {
        var (layer, ordinal, row) = (run.Layer, run.Ordinal, run.Row);
        var frame = layer.Frames[ordinal];
        if (frame.State != FrameState.Waiting)
        {
            throw new InvalidOperationException(
                $"Frame {layer.FrameName(ordinal)} of {layer.Job.Row.Name} can't start: it is {frame.State}.");
        }

        run.FrameBefore = frame;
        frame.State = FrameState.Running;
        frame.Retries = NextRetry(edit.Farm.Settings, frame);
        frame.HostNumber = run.Host.Row.Number;
        frame.CorePoints = row.Reserved.CorePoints;
        frame.Gpus = row.Reserved.Gpus;
        frame.ReservedMemoryKib = row.Reserved.MemoryKib;
        frame.ReservedGpuMemoryKib = row.Reserved.GpuMemoryKib;
        frame.StartedAtMs = row.BookedAtMs;
        frame.StoppedAtMs = 0;
        frame.LogUpdatedAtMs = row.BookedAtMs;
        (frame.RssKib, frame.MaxRssKib, frame.PssKib, frame.MaxPssKib) = (0, 0, 0, 0);
        edit.SetFrame(layer, ordinal, frame);
        if (row.Retry != frame.Retries)
        {
            edit.Set(run, row with { Retry = frame.Retries });
        }

        if (layer.Usage.Row.StartedAtMs == 0)
        {
            edit.Set(layer.Usage, layer.Usage.Row with { StartedAtMs = row.BookedAtMs });
        }
    }

    /// <summary>The number of retries that a frame will have after its next start.</summary>
    public static short NextRetry(FarmSettings settings, in Frame frame) =>
        CountsAsRetry(settings, frame.ExitStatus) ? (short)Math.Min(frame.Retries + 1, short.MaxValue) : frame.Retries;

    /// <summary>
    /// True if a start after a run with this exit status counts as a retry. Not after the first, nor after what was no fault of the frame;
    /// a person's retry counts, as in OpenCue.
    /// </summary>
    public static bool CountsAsRetry(FarmSettings settings, int exitStatus) => exitStatus switch
    {
        ExitStatus.NeverRan or ExitStatus.FailedLaunch or ExitStatus.SkipRetry or ExitStatus.BookingUndone
            or ExitStatus.Orphan or ExitStatus.FailedKill or ExitStatus.HostDown => false,
        _ => settings.DelayMinutesAfter(exitStatus) is null,
    };

    /// <summary>
    /// The state that a frame really gets when it is to be in a state: eaten it stays SUCCEEDED if it was; stopped while it has checkpoints
    /// in use it is in CHECKPOINT; and what depends hold is in DEPEND. Only success stands over depends: a run that succeeded began before
    /// the depend was made (OpenCue sends such a frame back to run again, although what waits for it was told that it is done).
    /// </summary>
    public static FrameState Settle(in Frame frame, FrameState wanted)
    {
        if (wanted == FrameState.Eaten && frame.State == FrameState.Succeeded)
        {
            return FrameState.Succeeded;
        }

        if (wanted == FrameState.Waiting && frame.State == FrameState.Running
            && frame.Checkpoint is CheckpointState.Enabled or CheckpointState.Copying)
        {
            wanted = FrameState.Checkpoint;
        }

        var isHeld = frame.DependCount > 0 && !frame.Has(FrameFlags.DependsIgnored);
        return isHeld && wanted is FrameState.Waiting or FrameState.Dead or FrameState.Checkpoint ? FrameState.Depend : wanted;
    }

    /// <summary>Gives a frame a new value and tells of it if its state changed.</summary>
    internal static void Move(FarmEdit edit, Layer layer, int ordinal, in Frame value, string? reason = null)
    {
        var from = layer.Frames[ordinal].State;
        edit.SetFrame(layer, ordinal, value);
        if (from != value.State)
        {
            edit.Emit(FarmEventKind.FrameState, layer.FrameId(ordinal), layer.Job.Id, (int)from, (int)value.State, reason);
        }
    }
}
