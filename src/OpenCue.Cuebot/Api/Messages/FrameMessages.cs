using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Frames as clients see them. What a running frame uses comes from its run: the frame itself learns it only at the end.</summary>
internal static class FrameMessages
{
    /// <summary>The frame.</summary>
    /// <param name="farm">The farm.</param>
    /// <param name="layer">Its layer.</param>
    /// <param name="ordinal">Its ordinal there.</param>
    /// <param name="nowMs">Now, ms since 1970: a running frame's core time goes on to it.</param>
    public static Wire.Frame Of(FarmModel farm, Layer layer, int ordinal, long nowMs)
    {
        ref readonly var frame = ref layer.Frames[ordinal];
        var live = FrameUsage.Of(layer, ordinal);
        var submitted = layer.Job.Row.SubmittedAtMs;
        var secondsNow = frame is { State: FrameState.Running, StartedAtMs: > 0 } ? Math.Max(0, nowMs - frame.StartedAtMs) / 1000 : 0;
        return new Wire.Frame
        {
            Id = layer.FrameId(ordinal).ToString(),
            Name = layer.FrameName(ordinal),
            LayerName = layer.Row.Name,
            Number = layer.Chunks.FirstFrame(ordinal),
            State = (Wire.FrameState)frame.State,
            RetryCount = frame.Retries,
            ExitStatus = frame.ExitStatus,
            DispatchOrder = frame.DispatchOrder,
            StartTime = WireUnits.Seconds(frame.StartedAtMs),
            StopTime = WireUnits.Seconds(frame.StoppedAtMs),
            MaxRss = live.MaxRssKib,
            UsedMemory = live.RssKib,
            ReservedMemory = frame.ReservedMemoryKib,
            ReservedGpuMemory = frame.ReservedGpuMemoryKib,
            LastResource = LastResource(farm, frame),
            CheckpointState = (Wire.CheckpointState)frame.Checkpoint,
            CheckpointCount = frame.Checkpoints,
            TotalCoreTime = WireUnits.Clamp(frame.CoreSeconds + (secondsNow * frame.CorePoints / 100)),
            LluTime = WireUnits.Seconds(live.LogUpdatedAtMs),
            TotalGpuTime = WireUnits.Clamp(frame.GpuSeconds + (secondsNow * frame.Gpus)),
            UsedGpuMemory = live.GpuMemoryKib,
            MaxGpuMemory = live.GpuMemoryKib,
            MaxPss = live.MaxPssKib,
            UsedPss = live.PssKib,
            EligibleTime = WireUnits.Seconds(frame.EligibleAtMs > 0 ? frame.EligibleAtMs : submitted),
            SubmissionTime = WireUnits.Seconds(submitted),
        };
    }

    /// <summary>The part of the frame that changes.</summary>
    public static Wire.UpdatedFrame UpdateOf(FarmModel farm, Layer layer, int ordinal)
    {
        ref readonly var frame = ref layer.Frames[ordinal];
        var live = FrameUsage.Of(layer, ordinal);
        return new Wire.UpdatedFrame
        {
            Id = layer.FrameId(ordinal).ToString(),
            State = (Wire.FrameState)frame.State,
            RetryCount = frame.Retries,
            ExitStatus = frame.ExitStatus,
            StartTime = WireUnits.Seconds(frame.StartedAtMs),
            StopTime = WireUnits.Seconds(frame.StoppedAtMs),
            MaxRss = live.MaxRssKib,
            UsedMemory = live.RssKib,
            LastResource = LastResource(farm, frame),
            LluTime = WireUnits.Seconds(live.LogUpdatedAtMs),
            MaxGpuMemory = live.GpuMemoryKib,
            UsedGpuMemory = live.GpuMemoryKib,
            MaxPss = live.MaxPssKib,
        };
    }

    /// <summary>Where its last run was, as <c>host/cores/gpus</c>; empty before the first run, where OpenCue says <c>/0.00/0</c>.</summary>
    private static string LastResource(FarmModel farm, in Frame frame) =>
        frame.HostNumber == 0 ? "" : WireUnits.Place(farm.HostName(frame.HostNumber), frame.CorePoints, frame.Gpus);
}
