using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Launch;

/// <summary>A layer of a launch specification. Null means that the specification leaves the value to the layer's service.</summary>
public sealed record LayerSpec
{
    /// <summary>The conformed name, unique in the job.</summary>
    public required string Name { get; init; }

    /// <summary>The type.</summary>
    public LayerType Type { get; init; } = LayerType.Render;

    /// <summary>The command, shell text with tokens.</summary>
    public required string Command { get; init; }

    /// <summary>The frames; <see cref="FrameSet.Text"/> is the range as written.</summary>
    public required FrameSet Range { get; init; }

    /// <summary>How many frames one start of the command renders, at least 1.</summary>
    public int ChunkSize { get; init; } = 1;

    /// <summary>
    /// The least cores a frame gets, in hundredths of a core: 10 to 2400, or 0 for all cores of the host, or negative for all but so
    /// many.
    /// </summary>
    public int? MinCorePoints { get; init; }

    /// <summary>Whether a frame may use more than one thread.</summary>
    public bool? Threadable { get; init; }

    /// <summary>The least memory a frame gets, in KiB.</summary>
    public long? MinMemoryKib { get; init; }

    /// <summary>The least GPUs a frame gets.</summary>
    public int? MinGpus { get; init; }

    /// <summary>The least GPU memory a frame gets, in KiB.</summary>
    public long? MinGpuMemoryKib { get; init; }

    /// <summary>After how many minutes a frame is killed; 0 never.</summary>
    public int? TimeoutMinutes { get; init; }

    /// <summary>After how many minutes without a change of its log a frame is killed; 0 never.</summary>
    public int? TimeoutLluMinutes { get; init; }

    /// <summary>The tags of which a host must have one; they replace those of the service.</summary>
    public ValueList<string>? Tags { get; init; }

    /// <summary>The limits that the layer's frames count against.</summary>
    public ValueList<string> Limits { get; init; } = [];

    /// <summary>The services, the first that exists being the one whose values the layer takes over.</summary>
    public ValueList<string> Services { get; init; } = [];

    /// <summary>Where the layer writes its results, for clients to show.</summary>
    public ValueList<string> Outputs { get; init; } = [];

    /// <summary>The variables of the layer, each name once.</summary>
    public ValueList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>The chunks of the layer: each becomes one frame of the job.</summary>
    public FrameChunks Chunks() => FrameChunks.Of(Range, ChunkSize);
}
