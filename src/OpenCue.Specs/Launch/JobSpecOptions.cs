using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Launch;

/// <summary>What a launch specification may ask for at the most, and to what its amounts are clamped. The defaults are OpenCue's.</summary>
public sealed record JobSpecOptions
{
    /// <summary>The defaults.</summary>
    public static JobSpecOptions Default { get; } = new();

    /// <summary>The longest specification, in characters (of a stream: in bytes). OpenCue has no bound of its own.</summary>
    public int MaxLength { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most layers of a job, those of its post job counted apart.</summary>
    public int MaxLayers { get; init; } = 2000;

    /// <summary>The most frames (chunks) that all jobs of a specification may have together.</summary>
    public int MaxFrames { get; init; } = FrameSet.DefaultMaxFrames;

    /// <summary>
    /// The most numbers that the ranges of all layers may name together, before they are cut into chunks. OpenCue has no such bound; it
    /// keeps a short text from asking for gigabytes of memory.
    /// </summary>
    public int MaxRangeFrames { get; init; } = 1_000_000;

    /// <summary>The most depends of a specification. OpenCue has no such bound.</summary>
    public int MaxDepends { get; init; } = 100_000;

    /// <summary>The most automatic retries that a specification may ask for; more is lowered to it. OpenCue allows 1.</summary>
    public int MaxRetries { get; init; } = 1;

    /// <summary>The most cores a layer may ask for, in hundredths of a core; more is lowered to it.</summary>
    public int MaxCorePoints { get; init; } = 2400;

    /// <summary>The least memory of a frame, in KiB; less is raised to it.</summary>
    public long MinMemoryKib { get; init; } = 262_144;

    /// <summary>Above this memory of a frame, in KiB, a warning is given; the asked amount stays, as in OpenCue.</summary>
    public long UsualMaxMemoryKib { get; init; } = 52_428_800;

    /// <summary>The most GPU memory of a frame, in KiB; more is lowered to it.</summary>
    public long MaxGpuMemoryKib { get; init; } = 104_857_600;
}
