using OpenCue.Cli.Jobs;

namespace OpenCue.Cli.Watching;

/// <summary>How far a job is, as one look at the server shows it.</summary>
internal sealed record JobProgress
{
    public required Wire.Job Job { get; init; }

    public required IReadOnlyList<Wire.Layer> Layers { get; init; }

    /// <summary>The frames that run, as far as they were asked for.</summary>
    public IReadOnlyList<Wire.Frame> Running { get; init; } = [];

    /// <summary>When this was so, in epoch seconds.</summary>
    public required long Now { get; init; }

    /// <summary>Set when the server no longer keeps the job; the rest is what was seen last.</summary>
    public bool IsGone { get; init; }

    public FrameCounts Counts => FrameCounts.Of(Job.JobStats);

    /// <summary>Whether there is anything left to watch.</summary>
    public JobEnd End
    {
        get
        {
            var counts = Counts;
            return Job.State == Wire.JobState.Finished
                ? counts.Succeeded == counts.Total ? JobEnd.Succeeded : JobEnd.Failed
                : IsGone ? JobEnd.Gone
                : counts is { Running: 0, Waiting: 0, Dead: > 0 } ? JobEnd.Stuck
                : JobEnd.None;
        }
    }

    /// <summary>How long the job has existed, or did until it ended.</summary>
    public TimeSpan Age => TimeSpan.FromSeconds(Math.Max(0, (Job.StopTime > 0 ? Job.StopTime : Now) - Job.StartTime));

    /// <summary>
    /// A guess at the time left: what the frames that are left will take by their layers' averages, shared among as many as run now. Null
    /// where nothing runs, or no frame has ended yet to go by.
    /// </summary>
    public TimeSpan? TimeLeft()
    {
        if (Counts.Running == 0 || OverallAverage() is not { } overall)
        {
            return null;
        }

        var work = 0.0;
        foreach (var layer in Layers)
        {
            var average = Average(layer) ?? overall;
            work += average * (layer.LayerStats?.PendingFrames ?? 0);
            var running = Running.Where(frame => frame.LayerName == layer.Name).ToList();
            // A frame beyond its layer's average will need a little longer still.
            work += running.Sum(frame => Math.Max(average - (Now - frame.StartTime), average / 10));
            work += average / 2 * Math.Max(0, (layer.LayerStats?.RunningFrames ?? 0) - running.Count);
        }

        return TimeSpan.FromSeconds(Math.Ceiling(work / Counts.Running));
    }

    /// <summary>The hosts that frames run on, the busiest first.</summary>
    public IReadOnlyList<(string Host, int Frames)> Hosts() =>
    [
        .. Running
            .Select(frame => frame.LastResource.Split('/')[0])
            .Where(host => host.Length > 0)
            .GroupBy(host => host, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Count()))
            .OrderByDescending(host => host.Item2)
            .ThenBy(host => host.Key, StringComparer.Ordinal),
    ];

    private double? OverallAverage()
    {
        var known = Layers.Where(layer => Average(layer) is not null).ToList();
        return known.Count == 0 ? null : known.Average(layer => Average(layer)!.Value);
    }

    // Whole seconds on the wire: a layer of short frames says 0.
    private static double? Average(Wire.Layer layer) =>
        layer.LayerStats is { RenderedFrameCount: > 0 } stats ? Math.Max(stats.AvgFrameSec, 0.5) : null;
}
