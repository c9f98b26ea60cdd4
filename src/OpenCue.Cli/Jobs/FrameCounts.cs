using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary>How many frames are in which state.</summary>
internal readonly record struct FrameCounts
{
    public int Total { get; init; }

    public int Succeeded { get; init; }

    public int Running { get; init; }

    public int Waiting { get; init; }

    public int Depend { get; init; }

    public int Dead { get; init; }

    public int Eaten { get; init; }

    /// <summary>Frames that will not run any more by themselves.</summary>
    public int Ended => Succeeded + Dead + Eaten;

    /// <summary>The counts of a job.</summary>
    public static FrameCounts Of(Wire.JobStats? stats) => stats is null ? default : new FrameCounts
    {
        Total = stats.TotalFrames,
        Succeeded = stats.SucceededFrames,
        Running = stats.RunningFrames,
        Waiting = stats.WaitingFrames,
        Depend = stats.DependFrames,
        Dead = stats.DeadFrames,
        Eaten = stats.EatenFrames,
    };

    /// <summary>The counts of a layer.</summary>
    public static FrameCounts Of(Wire.LayerStats? stats) => stats is null ? default : new FrameCounts
    {
        Total = stats.TotalFrames,
        Succeeded = stats.SucceededFrames,
        Running = stats.RunningFrames,
        Waiting = stats.WaitingFrames,
        Depend = stats.DependFrames,
        Dead = stats.DeadFrames,
        Eaten = stats.EatenFrames,
    };

    /// <summary>The counts in words.</summary>
    public static string Text(Wire.JobStats stats)
    {
        var counts = Of(stats);
        return $"{Units.Count(counts.Total)} in {Units.Count(stats.TotalLayers, "layer")}: {counts}";
    }

    /// <summary>The states that have frames: <c>12 succeeded, 3 running</c>.</summary>
    public override string ToString() =>
        string.Join(", ", States().Where(state => state.Count > 0).Select(state => $"{Units.Count(state.Count)} {state.Name}"));

    /// <summary>The states by name, in the order in which frames pass them.</summary>
    public IEnumerable<(string Name, int Count)> States() =>
    [
        ("succeeded", Succeeded), ("running", Running), ("waiting", Waiting), ("depend", Depend), ("dead", Dead), ("eaten", Eaten),
        ("other", Total - Ended - Running - Waiting - Depend),
    ];
}
