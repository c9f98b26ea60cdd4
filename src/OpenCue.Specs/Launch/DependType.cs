namespace OpenCue.Specs.Launch;

/// <summary>What waits for what; the numbers are those of the wire.</summary>
public enum DependType
{
    /// <summary>A job waits for another job to finish or be killed.</summary>
    JobOnJob = 0,

    /// <summary>A job waits for a layer.</summary>
    JobOnLayer = 1,

    /// <summary>A job waits for a frame.</summary>
    JobOnFrame = 2,

    /// <summary>A layer waits for a job to finish or be killed.</summary>
    LayerOnJob = 3,

    /// <summary>A layer waits for a layer, or for any one frame of it.</summary>
    LayerOnLayer = 4,

    /// <summary>A layer waits for a frame.</summary>
    LayerOnFrame = 5,

    /// <summary>A frame waits for a job to finish or be killed.</summary>
    FrameOnJob = 6,

    /// <summary>A frame waits for a layer.</summary>
    FrameOnLayer = 7,

    /// <summary>A frame waits for a frame.</summary>
    FrameOnFrame = 8,

    /// <summary>Each frame of a layer waits for the frames of another layer that it shares a number with.</summary>
    FrameByFrame = 9,

    /// <summary>Each frame of a layer waits for the frame before it of another, or the same, layer.</summary>
    PreviousFrame = 10,

    /// <summary>Every frame of a layer waits for one frame of a simulation.</summary>
    LayerOnSimFrame = 11,
}
