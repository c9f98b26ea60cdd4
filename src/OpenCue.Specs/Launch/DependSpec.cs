namespace OpenCue.Specs.Launch;

/// <summary>
/// A dependency of a launch specification. "Depend" names what waits, "On" what it waits for; which of the optional parts a depend has
/// is given by its type.
/// </summary>
/// <remarks>
/// The job names are kept as written. They usually mean a job of the same show, shot and user: conform them with
/// <see cref="JobSpecDocument.FullJobName"/>. OpenCue stops there; look for a pending job of exactly the written name first, and a
/// depend can reach the jobs of other shots and users too.
/// </remarks>
public sealed record DependSpec
{
    /// <summary>What waits for what.</summary>
    public required DependType Type { get; init; }

    /// <summary>Whether one frame of the on-layer is enough; only LAYER_ON_LAYER heeds it.</summary>
    public bool AnyFrame { get; init; }

    /// <summary>The job that waits, as written.</summary>
    public required string DependJob { get; init; }

    /// <summary>The layer that waits, conformed; null when none is named.</summary>
    public string? DependLayer { get; init; }

    /// <summary>The frame that waits; null when none is named.</summary>
    public FrameName? DependFrame { get; init; }

    /// <summary>The job that is waited for, as written.</summary>
    public required string OnJob { get; init; }

    /// <summary>The layer that is waited for, conformed; null when none is named.</summary>
    public string? OnLayer { get; init; }

    /// <summary>The frame that is waited for; null when none is named.</summary>
    public FrameName? OnFrame { get; init; }
}
