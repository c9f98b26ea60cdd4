using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>What a layer, or all layers of a job, have used: the figures behind the stats of both.</summary>
internal struct UsageSums
{
    public long Succeeded;
    public long Failed;
    public long CoreSecondsSucceeded;
    public long CoreSecondsFailed;
    public long GpuSecondsSucceeded;
    public long GpuSecondsFailed;
    public long ClockSecondsSucceeded;
    public long LongestSeconds;
    public long MaxRssKib;
    public long MaxPssKib;
    public long MaxGpuMemoryKib;

    /// <summary>Mean wall seconds of the runs that ended well.</summary>
    public readonly int MeanClockSeconds => WireUnits.Clamp(WireUnits.Mean(ClockSecondsSucceeded, Succeeded));

    /// <summary>Mean core seconds of the runs that ended well.</summary>
    public readonly long MeanCoreSeconds => WireUnits.Mean(CoreSecondsSucceeded, Succeeded);

    /// <summary>Adds a layer: what its runs have used, and how much memory those that live use at the most.</summary>
    public void Add(Layer layer)
    {
        var usage = layer.Usage.Row;
        Succeeded += usage.Succeeded;
        Failed += usage.Failed;
        CoreSecondsSucceeded += usage.CoreSecondsSucceeded;
        CoreSecondsFailed += usage.CoreSecondsFailed;
        GpuSecondsSucceeded += usage.GpuSecondsSucceeded;
        GpuSecondsFailed += usage.GpuSecondsFailed;
        ClockSecondsSucceeded += usage.ClockSecondsSucceeded;
        LongestSeconds = Math.Max(LongestSeconds, usage.LongestSeconds);
        MaxRssKib = Math.Max(MaxRssKib, usage.MaxRssKib);
        MaxPssKib = Math.Max(MaxPssKib, usage.MaxPssKib);
        foreach (var run in layer.Runs.Values)
        {
            MaxRssKib = Math.Max(MaxRssKib, run.Usage.MaxRssKib);
            MaxPssKib = Math.Max(MaxPssKib, run.Usage.MaxPssKib);
            MaxGpuMemoryKib = Math.Max(MaxGpuMemoryKib, run.Usage.GpuMemoryKib);
        }
    }
}
