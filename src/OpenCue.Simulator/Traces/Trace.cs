using OpenCue.Simulator.Farms;

namespace OpenCue.Simulator.Traces;

/// <summary>Jobs and frames with what they asked for and what they took: recorded from a farm, or made from a scenario.</summary>
internal sealed record Trace
{
    /// <summary>What a JSON trace's field <c>format</c> says.</summary>
    public const string FormatName = "opencue-trace";

    /// <summary>The version of the format.</summary>
    public const int FormatVersion = 1;

    /// <summary>Always <see cref="FormatName"/>.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Always <see cref="FormatVersion"/>.</summary>
    public int Version { get; init; } = FormatVersion;

    /// <summary>Its name, for reports.</summary>
    public required string Name { get; init; }

    /// <summary>The time from which <see cref="TraceJob.SubmitSeconds"/> counts.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The farm that it was recorded on, if it says.</summary>
    public FarmPlan? Farm { get; init; }

    /// <summary>Jobs, in the order of their submission.</summary>
    public required IReadOnlyList<TraceJob> Jobs { get; init; }

    /// <summary>Number of all frames.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int FrameCount => Jobs.Sum(job => job.Layers.Sum(layer => layer.Frames.Count));
}

/// <summary>A job.</summary>
internal sealed record TraceJob
{
    /// <summary>Identifies it in the trace; depends name it.</summary>
    public required string Id { get; init; }

    /// <summary>Name, without the prefix of show, shot and user.</summary>
    public required string Name { get; init; }

    /// <summary>Show.</summary>
    public required string Show { get; init; }

    /// <summary>Shot.</summary>
    public string Shot { get; init; } = "shot";

    /// <summary>Group; empty for the show's own.</summary>
    public string Group { get; init; } = "";

    /// <summary>User.</summary>
    public required string User { get; init; }

    /// <summary>Facility; empty for the default one.</summary>
    public string Facility { get; init; } = "";

    /// <summary>Operating system that its hosts must have; empty for any.</summary>
    public string Os { get; init; } = "";

    /// <summary>Priority; greater goes first.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>When it is submitted, seconds since the trace's start.</summary>
    public required decimal SubmitSeconds { get; init; }

    /// <summary>Cores that it may have at most; 0: no bound.</summary>
    public int MaxCores { get; init; }

    /// <summary>GPUs that it may have at most; 0: no bound.</summary>
    public int MaxGpus { get; init; }

    /// <summary>How often a failed frame is tried again.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>Layers, in their order.</summary>
    public required IReadOnlyList<TraceLayer> Layers { get; init; }

    /// <summary>What it waits for.</summary>
    public IReadOnlyList<TraceDepend> Depends { get; init; } = [];
}

/// <summary>A layer.</summary>
internal sealed record TraceLayer
{
    /// <summary>Name, unique in the job.</summary>
    public required string Name { get; init; }

    /// <summary>Frame range, as <c>1-100</c>.</summary>
    public required string Range { get; init; }

    /// <summary>How many frame numbers one frame of the job renders.</summary>
    public int Chunk { get; init; } = 1;

    /// <summary>Cores that a frame reserves; 0: all of a host, negative: all but so many.</summary>
    public decimal Cores { get; init; } = 1;

    /// <summary>Whether a frame can use more.</summary>
    public bool Threadable { get; init; } = true;

    /// <summary>Memory that a frame reserves.</summary>
    public long MemoryKib { get; init; } = 4 * 1048576;

    /// <summary>GPUs that a frame reserves.</summary>
    public int Gpus { get; init; }

    /// <summary>GPU memory that a frame reserves.</summary>
    public long GpuMemoryKib { get; init; }

    /// <summary>Tags of which a host must have one; none: any host.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Limits it is under.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>Services it names.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>What its frames take, in the order of the range: for each the runs it takes, one after the other.</summary>
    public required IReadOnlyList<IReadOnlyList<TraceRun>> Frames { get; init; }
}

/// <summary>One run of a frame.</summary>
/// <param name="Seconds">How long it takes.</param>
/// <param name="PeakKib">Resident memory at its peak; 0 if unknown.</param>
/// <param name="Exit">Its exit status.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TraceRunConverter))]
internal readonly record struct TraceRun(decimal Seconds, long PeakKib, int Exit);

/// <summary>That something of a job waits for something, of the same job or another. What a type needs is named by OpenCue's <c>DependType</c>.</summary>
internal sealed record TraceDepend
{
    /// <summary>Type, as <c>LAYER_ON_LAYER</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The layer that waits; empty for types that begin with JOB.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The frame number that waits, for types that begin with FRAME_ON.</summary>
    public int? Frame { get; init; }

    /// <summary>The job that is waited for, by its id in the trace; empty for the same.</summary>
    public string OnJob { get; init; } = "";

    /// <summary>The layer that is waited for.</summary>
    public string OnLayer { get; init; } = "";

    /// <summary>The frame number that is waited for.</summary>
    public int? OnFrame { get; init; }

    /// <summary>One frame of the layer that is waited for is enough.</summary>
    public bool AnyFrame { get; init; }
}
