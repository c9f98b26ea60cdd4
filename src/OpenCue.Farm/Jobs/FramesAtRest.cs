using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// Says of a layer of a finished job that the store has its frames as they are, and that nothing changes them: they need not be in memory. Whatever
/// changes one of them, or makes the job pending again, takes this away first, in the same batch.
/// </summary>
public sealed class FramesAtRest(FramesAtRestRow row, Layer layer) : Entity<FramesAtRestRow>(row)
{
    /// <summary>The layer.</summary>
    public Layer Layer { get; } = layer;

    /// <summary>Engine time until which the frames, which were fetched, need not leave memory even when there is too much of it; not stored.</summary>
    internal long StayAtLeastUntilEngineMs { get; set; }

    /// <summary>Engine time until which the frames, which were fetched, stay in memory; 0 if nobody asked for them; not stored.</summary>
    internal long StayUntilEngineMs { get; set; }

    internal override void Attach(FarmModel farm)
    {
        Layer.Rest = this;
        Layer.Job.RestingLayers++;
        farm.Jobs.RestChanged(Layer.Job);
        if (Layer.HasFrames)
        {
            farm.Resting.Add(this);
        }
    }

    internal override void Detach(FarmModel farm)
    {
        Layer.Rest = null;
        Layer.Job.RestingLayers--;
        farm.Jobs.RestChanged(Layer.Job);
        farm.Resting.Remove(this);
    }
}

/// <summary>What is stored of frames at rest: how many there are in each state. The id is the layer's.</summary>
/// <param name="Id">The layer's id.</param>
/// <param name="Waiting">Frames WAITING: the job was killed.</param>
/// <param name="Succeeded">Frames SUCCEEDED.</param>
/// <param name="Dead">Frames DEAD.</param>
/// <param name="Eaten">Frames EATEN.</param>
/// <param name="Checkpoint">Frames in CHECKPOINT.</param>
public sealed record FramesAtRestRow(EntityId Id, int Waiting, int Succeeded, int Dead, int Eaten, int Checkpoint) : IRow
{
    /// <summary>The counts of a layer as they are.</summary>
    public static FramesAtRestRow Of(Layer layer)
    {
        var counts = layer.Counts;
        return new(
            layer.Id,
            counts[FrameState.Waiting],
            counts[FrameState.Succeeded],
            counts[FrameState.Dead],
            counts[FrameState.Eaten],
            counts[FrameState.Checkpoint]);
    }

    /// <summary>The same as counts.</summary>
    public FrameCounts Counts() => new()
    {
        [FrameState.Waiting] = Waiting,
        [FrameState.Succeeded] = Succeeded,
        [FrameState.Dead] = Dead,
        [FrameState.Eaten] = Eaten,
        [FrameState.Checkpoint] = Checkpoint,
    };
}
