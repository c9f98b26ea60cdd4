using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Depends;

/// <summary>What the bits of <see cref="DependMarks"/> count.</summary>
public enum DependSide
{
    /// <summary>Frames of the layer that waits: a bit says that this frame's edges were dropped.</summary>
    Er = 0,

    /// <summary>Frames of the layer that is waited for: a bit says that edges on this frame are satisfied.</summary>
    On = 1,

    /// <summary>Single edges, by number: a bit says that a person satisfied this one edge.</summary>
    Edge = 2,
}

/// <summary>
/// Which edges of a depend are done, 64 bits at a time. An edge is active while neither of its two ends nor itself has its bit.
/// </summary>
public sealed class DependMarks(DependMarksRow row, Depend depend) : Entity<DependMarksRow>(row)
{
    /// <summary>The depend.</summary>
    public Depend Depend { get; } = depend;

    // A depend that is not in the farm counts its marks itself when it comes in.
    internal override void Attach(FarmModel farm)
    {
        Depend.Marks.Add((Row.Side, Row.Segment), this);
        Depend.EdgeMarks += Row.Side == DependSide.Edge ? 1 : 0;
        if (Depend.InFarm)
        {
            DependEdges.MarksChanged(Depend, Row, Row.Bits);
        }
    }

    internal override void Detach(FarmModel farm)
    {
        Depend.Marks.Remove((Row.Side, Row.Segment));
        Depend.EdgeMarks -= Row.Side == DependSide.Edge ? 1 : 0;
        if (Depend.InFarm)
        {
            DependEdges.MarksChanged(Depend, Row with { Bits = 0 }, Row.Bits);
        }
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, DependMarksRow old) => DependEdges.MarksChanged(Depend, Row, old.Bits ^ Row.Bits);
}

/// <summary>What is stored of 64 edge marks.</summary>
/// <param name="Id">Identity.</param>
/// <param name="DependId">The depend.</param>
/// <param name="Side">What the bits count.</param>
/// <param name="Segment">The lowest bit is for the frame or edge 64 × segment.</param>
/// <param name="Bits">The marks, the lowest bit first.</param>
public sealed record DependMarksRow(EntityId Id, EntityId DependId, DependSide Side, int Segment, ulong Bits) : IRow;
