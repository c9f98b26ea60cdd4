namespace OpenCue.Specs.Launch;

/// <summary>Asks that a job be rendered on a host of the user's own.</summary>
public sealed record LocalBookSpec
{
    /// <summary>The name of the host.</summary>
    public required string Host { get; init; }

    /// <summary>How many whole cores of it the job may use.</summary>
    public required int WholeCores { get; init; }

    /// <summary>How much of its memory the job may use, in KiB.</summary>
    public required long MemoryKib { get; init; }

    /// <summary>How many threads a frame gets.</summary>
    public required int Threads { get; init; }

    /// <summary>How much of its GPU memory the job may use, in KiB.</summary>
    public required long GpuMemoryKib { get; init; }
}
