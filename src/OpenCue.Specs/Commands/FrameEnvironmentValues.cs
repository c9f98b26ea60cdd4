using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Commands;

/// <summary>What the server puts into the environment of a frame; no specification can change these.</summary>
public sealed record FrameEnvironmentValues
{
    /// <summary>The cores reserved, in hundredths of a core.</summary>
    public required int CorePoints { get; init; }

    /// <summary>The memory reserved, in KiB.</summary>
    public required long MemoryKib { get; init; }

    /// <summary>The GPUs reserved.</summary>
    public required int Gpus { get; init; }

    /// <summary>The GPU memory reserved, in KiB.</summary>
    public required long GpuMemoryKib { get; init; }

    /// <summary>Whether the layer may use more than one thread.</summary>
    public required bool Threadable { get; init; }

    /// <summary>The directory of the job's logs.</summary>
    public required string LogDir { get; init; }

    /// <summary>The frames of the layer.</summary>
    public required FrameSet Range { get; init; }

    /// <summary>The layer's chunk size.</summary>
    public required int ChunkSize { get; init; }

    /// <summary>The number of the frame.</summary>
    public required int Frame { get; init; }

    /// <summary>The name of the layer.</summary>
    public required string Layer { get; init; }

    /// <summary>The name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>The name of the show.</summary>
    public required string Show { get; init; }

    /// <summary>The shot.</summary>
    public required string Shot { get; init; }

    /// <summary>The user the job belongs to.</summary>
    public required string User { get; init; }

    /// <summary>The id of the job, as clients see it.</summary>
    public required string JobId { get; init; }

    /// <summary>The id of the layer, as clients see it.</summary>
    public required string LayerId { get; init; }

    /// <summary>The id of the frame, as clients see it.</summary>
    public required string FrameId { get; init; }
}
