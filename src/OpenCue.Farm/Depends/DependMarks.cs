using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Depends;

/// <summary>One of the two sides of a depend with edges.</summary>
public enum DependSide
{
    /// <summary>The layer that waits: a bit says that this frame's edges were dropped.</summary>
    Er = 0,

    /// <summary>The layer that is waited for: a bit says that edges on this frame are satisfied.</summary>
    On = 1,
}

/// <summary>Which edges of a depend are done, for 64 frames of one side. An edge is active while neither of its two ends has its bit.</summary>
public sealed class DependMarks(DependMarksRow row, Depend depend) : Entity<DependMarksRow>(row)
{
    /// <summary>The depend.</summary>
    public Depend Depend { get; } = depend;

    internal override void Attach(FarmModel farm) => Depend.Marks.Add((Row.Side, Row.Segment), this);

    internal override void Detach(FarmModel farm) => Depend.Marks.Remove((Row.Side, Row.Segment));
}

/// <summary>What is stored of 64 edge marks.</summary>
/// <param name="Id">Identity.</param>
/// <param name="DependId">The depend.</param>
/// <param name="Side">Which layer the bits count.</param>
/// <param name="Segment">The first of the 64 frames has the ordinal 64 × segment.</param>
/// <param name="Bits">The marks, the lowest bit first.</param>
public sealed record DependMarksRow(EntityId Id, EntityId DependId, DependSide Side, int Segment, ulong Bits) : IRow;
