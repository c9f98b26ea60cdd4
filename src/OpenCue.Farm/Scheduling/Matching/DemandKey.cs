using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>
/// A layer's place in the order of service, as it was when it was put there: jobs by the policy's rank; in a job by the frame's dispatch order, then
/// the layer's, so that the layers of a job take turns, frame by frame.
/// </summary>
public readonly struct DemandKey(Layer layer, JobRank rank) : IComparable<DemandKey>
{
    /// <summary>The layer.</summary>
    public Layer Layer { get; } = layer;

    /// <summary>Its job's rank.</summary>
    public JobRank Rank { get; } = rank;

    /// <summary>The dispatch order of its first waiting frame.</summary>
    public int FrameOrder { get; } = FirstWaiting(layer);

    private int LayerOrder { get; } = layer.Row.DispatchOrder;

    /// <summary>True if the layer's first waiting frame is still the one that the place was given for.</summary>
    public bool IsFresh => FrameOrder == FirstWaiting(Layer);

    /// <summary>True if it is the same layer's place, and nothing that it follows from has changed.</summary>
    internal bool IsSame(DemandKey other) =>
        Layer == other.Layer && FrameOrder == other.FrameOrder && Rank == other.Rank && LayerOrder == other.LayerOrder;

    /// <inheritdoc/>
    public int CompareTo(DemandKey other)
    {
        var byRank = Rank.CompareTo(other.Rank);
        if (byRank != 0)
        {
            return byRank;
        }

        if (Layer.Job != other.Layer.Job)
        {
            return Layer.Job.Id.CompareTo(other.Layer.Job.Id);
        }

        if (FrameOrder != other.FrameOrder)
        {
            return FrameOrder.CompareTo(other.FrameOrder);
        }

        return LayerOrder != other.LayerOrder ? LayerOrder.CompareTo(other.LayerOrder) : Layer.Id.CompareTo(other.Layer.Id);
    }

    private static int FirstWaiting(Layer layer) =>
        layer.Waiting.First() is >= 0 and var first ? layer.Frames[first].DispatchOrder : int.MaxValue;
}
