using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Depends;

/// <summary>One end of a depend: a job, a layer or a frame.</summary>
/// <param name="Job">The job, or the job of the layer or frame.</param>
/// <param name="Layer">The layer, or the layer of the frame; null for a whole job.</param>
/// <param name="Frame">The frame's ordinal in the layer; null for a whole job or layer.</param>
public readonly record struct DependEnd(Job Job, Layer? Layer = null, int? Frame = null)
{
    /// <summary>A whole layer.</summary>
    public static DependEnd Of(Layer layer) => new(layer.Job, layer);

    /// <summary>A frame.</summary>
    public static DependEnd Of(Layer layer, int frame) => new(layer.Job, layer, frame);

    /// <summary>As a person reads it.</summary>
    public override string ToString() => this switch
    {
        { Layer: { } layer, Frame: { } frame } => $"frame {layer.FrameName(frame)} of job {Job.Row.Name}",
        { Layer: { } layer } => $"layer {layer.Row.Name} of job {Job.Row.Name}",
        _ => $"job {Job.Row.Name}",
    };
}

/// <summary>Which depends a drop concerns, with the numbers of the wire.</summary>
public enum DependTarget
{
    /// <summary>Those inside one job.</summary>
    Internal = 0,

    /// <summary>Those between two jobs.</summary>
    External = 1,

    /// <summary>All.</summary>
    Any = 2,
}
