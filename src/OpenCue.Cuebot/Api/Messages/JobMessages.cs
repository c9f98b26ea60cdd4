using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Jobs as clients see them.</summary>
internal static class JobMessages
{
    /// <summary>The job with its stats.</summary>
    public static Wire.Job Of(Job job)
    {
        var row = job.Row;
        var message = new Wire.Job
        {
            Id = row.Id.ToString(),
            State = (Wire.JobState)row.State,
            Name = row.Name,
            Shot = row.Shot,
            Show = job.Show.Row.Name,
            User = row.User,
            Group = job.Group.Row.Name,
            Facility = job.Facility.Row.Name,
            Os = row.Os ?? "",
            Priority = row.Priority,
            MinCores = WireUnits.Cores(row.MinCores),
            MaxCores = WireUnits.Cores(row.MaxCores),
            LogDir = row.LogDir,
            IsPaused = row.Paused,
            HasComment = row.HasComment,
            AutoEat = row.AutoEat,
            StartTime = WireUnits.Seconds(row.SubmittedAtMs),
            StopTime = WireUnits.Seconds(row.StoppedAtMs),
            JobStats = StatsOf(job),
            MinGpus = row.MinGpus,
            MaxGpus = row.MaxGpus,
            LokiUrl = row.LokiUrl,
            EligibleTime = WireUnits.Seconds(row.SubmittedAtMs),
        };
        if (row.Uid is { } uid)
        {
            message.Uid = uid;
        }

        return message;
    }

    private static Wire.JobStats StatsOf(Job job)
    {
        var sums = default(UsageSums);
        foreach (var layer in job.Layers)
        {
            sums.Add(layer);
        }

        var frames = job.Frames;
        var pending = frames[FrameState.Waiting] + frames[FrameState.Depend];
        var reserved = job.Use + job.LocalUse;
        return new Wire.JobStats
        {
            TotalLayers = job.Layers.Count,
            TotalFrames = frames.Total,
            WaitingFrames = frames[FrameState.Waiting],
            RunningFrames = frames[FrameState.Running],
            DeadFrames = frames[FrameState.Dead],
            EatenFrames = frames[FrameState.Eaten],
            DependFrames = frames[FrameState.Depend],
            SucceededFrames = frames[FrameState.Succeeded],
            PendingFrames = pending,
            AvgFrameSec = sums.MeanClockSeconds,
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
            ReservedCores = WireUnits.Cores(reserved.CorePoints),
            ReservedGpus = reserved.Gpus,
            TotalGpuSec = sums.GpuSecondsSucceeded + sums.GpuSecondsFailed,
            RenderedGpuSec = sums.GpuSecondsSucceeded,
            FailedGpuSec = sums.GpuSecondsFailed,
        };
    }
}
