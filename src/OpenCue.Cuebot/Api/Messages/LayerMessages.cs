using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Layers as clients see them.</summary>
internal static class LayerMessages
{
    /// <summary>The layer with its stats.</summary>
    public static Wire.Layer Of(Layer layer)
    {
        var row = layer.Row;
        var usage = layer.Usage.Row;
        var counts = layer.Counts;
        var hasWork = counts[FrameState.Waiting] + counts[FrameState.Running] + counts[FrameState.Depend] > 0;
        return new Wire.Layer
        {
            Id = row.Id.ToString(),
            Name = row.Name,
            Range = row.Range,
            Tags = { row.Tags },
            MinCores = WireUnits.Cores(row.MinCores),
            MaxCores = WireUnits.Cores(row.MaxCores),
            IsThreadable = row.Threadable,
            MinMemory = row.MinMemoryKib,
            MinGpuMemory = row.MinGpuMemoryKib,
            ChunkSize = row.ChunkSize,
            DispatchOrder = row.DispatchOrder,
            Type = (Wire.LayerType)row.Type,
            Services = { row.Services },
            MemoryOptimizerEnabled = row.OptimizeMemory,
            LayerStats = StatsOf(layer),
            ParentId = row.JobId.ToString(),
            Limits = { layer.Limits.Select(limit => limit.Row.Name) },
            Timeout = row.TimeoutMinutes,
            TimeoutLlu = row.TimeoutLogMinutes,
            MinGpus = row.MinGpus,
            MaxGpus = row.MaxGpus,
            Command = row.Command,
            EligibleTime = WireUnits.Seconds(row.CreatedAtMs),
            StartTime = WireUnits.Seconds(usage.StartedAtMs),
            StopTime = hasWork ? 0 : WireUnits.Seconds(usage.StoppedAtMs),
            StartAfter = row.StartAfterMs / 1000,
            StartAfterReason = row.StartAfterReason,
        };
    }

    private static Wire.LayerStats StatsOf(Layer layer)
    {
        var sums = default(UsageSums);
        sums.Add(layer);
        var counts = layer.Counts;
        var pending = counts[FrameState.Waiting] + counts[FrameState.Depend];
        return new Wire.LayerStats
        {
            TotalFrames = counts.Total,
            WaitingFrames = counts[FrameState.Waiting],
            RunningFrames = counts[FrameState.Running],
            DeadFrames = counts[FrameState.Dead],
            EatenFrames = counts[FrameState.Eaten],
            DependFrames = counts[FrameState.Depend],
            SucceededFrames = counts[FrameState.Succeeded],
            PendingFrames = pending,
            AvgFrameSec = sums.MeanClockSeconds,
            LowFrameSec = WireUnits.Clamp(layer.Usage.Row.ShortestSeconds),
            HighFrameSec = WireUnits.Clamp(sums.LongestSeconds),
            AvgCoreSec = WireUnits.Clamp(sums.MeanCoreSeconds),
            RenderedFrameCount = sums.Succeeded,
            FailedFrameCount = sums.Failed,
            RemainingCoreSec = pending * sums.MeanCoreSeconds,
            TotalCoreSec = sums.CoreSecondsSucceeded + sums.CoreSecondsFailed,
            RenderedCoreSec = sums.CoreSecondsSucceeded,
            FailedCoreSec = sums.CoreSecondsFailed,
            MaxRss = sums.MaxRssKib,
            MaxPss = sums.MaxPssKib,
            MaxGpuMemory = sums.MaxGpuMemoryKib,
            ReservedCores = WireUnits.Cores(layer.Use.CorePoints),
            ReservedGpus = layer.Use.Gpus,
            TotalGpuSec = sums.GpuSecondsSucceeded + sums.GpuSecondsFailed,
            RenderedGpuSec = sums.GpuSecondsSucceeded,
            FailedGpuSec = sums.GpuSecondsFailed,
        };
    }
}
