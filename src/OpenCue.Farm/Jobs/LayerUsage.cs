using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// What a layer's runs have used. It changes with every completion, so it has a row of its own, small and apart from the layer's.
/// </summary>
public sealed class LayerUsage(LayerUsageRow row) : Entity<LayerUsageRow>(row)
{
    internal override bool LeavesByItself => true;

    internal override void Attach(FarmModel farm)
    {
    }

    internal override void Detach(FarmModel farm)
    {
    }
}

/// <summary>
/// Sums over a layer's runs that ended, and extremes. The id is the layer's. A job's figures are the sums over its layers.
/// </summary>
public sealed record LayerUsageRow : IRow
{
    /// <summary>The layer's id.</summary>
    public required EntityId Id { get; init; }

    /// <summary>Runs that ended well.</summary>
    public long Succeeded { get; init; }

    /// <summary>Runs that ended otherwise.</summary>
    public long Failed { get; init; }

    /// <summary>Core seconds of runs that ended well.</summary>
    public long CoreSecondsSucceeded { get; init; }

    /// <summary>Core seconds of runs that ended otherwise.</summary>
    public long CoreSecondsFailed { get; init; }

    /// <summary>GPU seconds of runs that ended well.</summary>
    public long GpuSecondsSucceeded { get; init; }

    /// <summary>GPU seconds of runs that ended otherwise. (OpenCue never adds these.)</summary>
    public long GpuSecondsFailed { get; init; }

    /// <summary>Wall seconds of runs that ended well.</summary>
    public long ClockSecondsSucceeded { get; init; }

    /// <summary>Wall seconds of runs that ended otherwise.</summary>
    public long ClockSecondsFailed { get; init; }

    /// <summary>Longest run that ended well, seconds.</summary>
    public long LongestSeconds { get; init; }

    /// <summary>Shortest run that ended well, seconds; 0 if none did.</summary>
    public long ShortestSeconds { get; init; }

    /// <summary>Highest resident memory of any run, KiB.</summary>
    public long MaxRssKib { get; init; }

    /// <summary>Highest proportional memory of any run, KiB.</summary>
    public long MaxPssKib { get; init; }

    /// <summary>When a frame first ran, ms since 1970; 0 if none did.</summary>
    public long StartedAtMs { get; init; }

    /// <summary>When a frame last stopped, ms since 1970; 0 if none did.</summary>
    public long StoppedAtMs { get; init; }
}
