using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Depends;

/// <summary>
/// Something that waits for something else. The types that join frames pairwise (<see cref="DependType.FrameByFrame"/>,
/// <see cref="DependType.PreviousFrame"/>, <see cref="DependType.LayerOnSimFrame"/>) are one depend with edges that follow from the two
/// layers' frame ranges; only which edges are done is kept, one bit a frame (<see cref="DependMarks"/>).
/// </summary>
public sealed class Depend(DependRow row, Job erJob, Layer? erLayer, Job onJob, Layer? onLayer) : Entity<DependRow>(row)
{
    /// <summary>The job that waits, or whose layer or frame waits.</summary>
    public Job ErJob { get; } = erJob;

    /// <summary>The layer that waits, or whose frame waits; null if the whole job waits.</summary>
    public Layer? ErLayer { get; } = erLayer;

    /// <summary>The job that is waited for, or whose layer or frame is.</summary>
    public Job OnJob { get; } = onJob;

    /// <summary>The layer that is waited for, or whose frame is; null if the whole job is.</summary>
    public Layer? OnLayer { get; } = onLayer;

    /// <summary>Which edges are done, by side and segment. Only for the types with edges.</summary>
    public Dictionary<(DependSide Side, int Segment), DependMarks> Marks { get; } = [];

    /// <summary>Number of edges that are not done; 0 for the types without edges.</summary>
    public int OpenEdges { get; internal set; }

    /// <summary>
    /// True if each frame waits for the frame of the same ordinal, as between two layers of the same range: by far the usual case.
    /// </summary>
    internal bool IsOneToOne { get; } = row.Type == DependType.FrameByFrame && erLayer!.Chunks.ChunkSize == onLayer!.Chunks.ChunkSize
        && erLayer.Chunks.Set.Equals(onLayer.Chunks.Set);

    /// <summary>Number of <see cref="Marks"/> that are of single edges.</summary>
    internal int EdgeMarks { get; set; }

    /// <summary>True for the types that join frames pairwise.</summary>
    public bool HasEdges => Row.Type is DependType.FrameByFrame or DependType.PreviousFrame or DependType.LayerOnSimFrame;

    /// <summary>True if depender and what it depends on are of the same job.</summary>
    public bool IsInternal => ErJob == OnJob;

    /// <summary>True if the frame or edge has its bit.</summary>
    public bool IsMarked(DependSide side, int index) =>
        Marks.TryGetValue((side, index / 64), out var marks) && (marks.Row.Bits & (1UL << (index % 64))) != 0;

    internal override void Attach(FarmModel farm)
    {
        farm.Depends.Add(Id, this);
        ErJob.WaitsOn.Add(this);
        OnJob.WaitedFor.Add(this);
        if (OnLayer is null)
        {
            OnJob.WaitedForAsWhole.Add(this);
        }
        else if (Row.OnFrame is { } frame)
        {
            OnLayer.LinkWaitedForFrame(frame, this);
        }
        else
        {
            OnLayer.WaitedFor.Add(this);
        }

        OpenEdges = HasEdges ? DependEdges.CountOpen(this) : 0;
        if (Row.Active)
        {
            Hold(1);
        }
    }

    internal override void Detach(FarmModel farm)
    {
        if (Row.Active)
        {
            Hold(-1);
        }

        farm.Depends.Remove(Id);
        ErJob.WaitsOn.Remove(this);
        OnJob.WaitedFor.Remove(this);
        if (OnLayer is null)
        {
            OnJob.WaitedForAsWhole.Remove(this);
        }
        else if (Row.OnFrame is { } frame)
        {
            OnLayer.UnlinkWaitedForFrame(frame, this);
        }
        else
        {
            OnLayer.WaitedFor.Remove(this);
        }
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, DependRow old)
    {
        if (old.Active != Row.Active)
        {
            Hold(Row.Active ? 1 : -1);
        }
    }

    /// <summary>Adds this depend to the count of every frame that it holds, or takes it away.</summary>
    private void Hold(int sign)
    {
        if (HasEdges)
        {
            DependEdges.HoldOpen(this, sign);
        }
        else if (ErLayer is null)
        {
            foreach (var layer in ErJob.Layers)
            {
                HoldLayer(layer, sign);
            }
        }
        else if (Row.ErFrame is { } frame)
        {
            ErLayer.ShiftDepends(frame, sign);
        }
        else
        {
            HoldLayer(ErLayer, sign);
        }
    }

    private static void HoldLayer(Layer layer, int sign)
    {
        for (var i = 0; i < layer.FrameCount; i++)
        {
            layer.ShiftDepends(i, sign);
        }
    }
}

/// <summary>What is stored of a depend.</summary>
public sealed record DependRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>What waits for what.</summary>
    public required DependType Type { get; init; }

    /// <summary>Layer on layer: one frame that succeeds is enough.</summary>
    public bool AnyFrame { get; init; }

    /// <summary>False once it is satisfied or dropped as a whole. A depend with edges is active while one edge is.</summary>
    public bool Active { get; init; } = true;

    /// <summary>A person let it go for what waits: a retry of what it waits for doesn't bring it back.</summary>
    public bool Dropped { get; init; }

    /// <summary>The job that waits, or whose layer or frame waits.</summary>
    public required EntityId ErJobId { get; init; }

    /// <summary>The layer that waits, or whose frame waits.</summary>
    public EntityId? ErLayerId { get; init; }

    /// <summary>The ordinal of the frame that waits.</summary>
    public int? ErFrame { get; init; }

    /// <summary>The job that is waited for, or whose layer or frame is.</summary>
    public required EntityId OnJobId { get; init; }

    /// <summary>The layer that is waited for, or whose frame is.</summary>
    public EntityId? OnLayerId { get; init; }

    /// <summary>The ordinal of the frame that is waited for.</summary>
    public int? OnFrame { get; init; }

    /// <summary>When it was made, ms since 1970.</summary>
    public long CreatedAtMs { get; init; }

    /// <summary>When it was satisfied or dropped, ms since 1970; 0 while active.</summary>
    public long SatisfiedAtMs { get; init; }
}
