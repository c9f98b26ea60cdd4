using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Commands;

/// <summary>The values that stand in for the tokens of a layer's command, for one frame of a job.</summary>
public readonly record struct FrameTokens
{
    /// <summary>The name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>The name of the layer.</summary>
    public required string Layer { get; init; }

    /// <summary>The number of the frame: the first member of its chunk.</summary>
    public required int Frame { get; init; }

    /// <summary>The last member of its chunk.</summary>
    public required int LastFrame { get; init; }

    /// <summary>The layer's chunk size; a short last chunk has fewer members.</summary>
    public required int ChunkSize { get; init; }

    /// <summary>The members of the chunk as range text.</summary>
    public required string FrameSpec { get; init; }

    /// <summary>The values for one chunk of a layer.</summary>
    public static FrameTokens Of(string job, string layer, FrameChunks chunks, int index)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        return new FrameTokens
        {
            Job = job,
            Layer = layer,
            Frame = chunks.FirstFrame(index),
            LastFrame = chunks.LastFrame(index),
            ChunkSize = chunks.ChunkSize,
            FrameSpec = chunks.SpecText(index),
        };
    }
}
