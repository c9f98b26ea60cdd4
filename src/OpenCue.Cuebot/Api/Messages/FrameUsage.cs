using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>What a frame uses now, or used in its last run. KiB.</summary>
internal readonly record struct FrameUsage(
    long RssKib, long MaxRssKib, long PssKib, long MaxPssKib, long GpuMemoryKib, long LogUpdatedAtMs, long ChangedAtMs)
{
    /// <summary>From the frame's run if it runs and its host has reported it, else from the frame.</summary>
    public static FrameUsage Of(Layer layer, int ordinal)
    {
        ref readonly var frame = ref layer.Frames[ordinal];
        return frame.State == FrameState.Running && layer.Runs.TryGetValue(ordinal, out var run) && run.Usage.SeenEngineMs is not null
            ? new(
                run.Usage.RssKib,
                run.Usage.MaxRssKib,
                run.Usage.PssKib,
                run.Usage.MaxPssKib,
                run.Usage.GpuMemoryKib,
                Math.Max(frame.LogUpdatedAtMs, run.Usage.LogUpdatedAtMs),
                Math.Max(frame.UpdatedAtMs, run.Usage.SeenAtMs))
            : new(frame.RssKib, frame.MaxRssKib, frame.PssKib, frame.MaxPssKib, 0, frame.LogUpdatedAtMs, frame.UpdatedAtMs);
    }
}
