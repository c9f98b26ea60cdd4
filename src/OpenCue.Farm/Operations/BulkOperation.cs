using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Operations;

/// <summary>What is to be done to many frames.</summary>
public enum BulkKind
{
    /// <summary>Run them again; those that run are killed first.</summary>
    Retry,

    /// <summary>Do without them; those that run are killed first.</summary>
    Eat,

    /// <summary>Kill those that run; what becomes of them is decided by their exit status.</summary>
    Kill,

    /// <summary>Satisfy all that waits for them.</summary>
    MarkDone,

    /// <summary>A job was killed: kill what runs and put it back to WAITING.</summary>
    KillJob,

    /// <summary>Book them in another order. A span's first number is the place to which its first frame goes, and counts moves.</summary>
    Reorder,

    /// <summary>A depend holds again: what has run goes back to wait.</summary>
    Hold,
}

/// <summary>
/// Something that a person asked for and that concerns many frames. It is stored when it is acknowledged, and done in chunks of a batch
/// each, so that nobody waits for it; after a crash it goes on where it was.
/// </summary>
public sealed class BulkOperation(BulkOperationRow row) : Entity<BulkOperationRow>(row)
{
    internal override void Attach(FarmModel farm)
    {
        farm.Operations.Add(Id, this);
        CountHold(farm, 1);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Operations.Remove(Id);
        CountHold(farm, -1);
    }

    private void CountHold(FarmModel farm, int more)
    {
        if (Row.Kind == BulkKind.Hold && farm.Jobs.Find(Row.JobId) is { } job)
        {
            job.OpenHolds += more;
        }
    }
}

/// <summary>What is stored of a bulk operation.</summary>
public sealed record BulkOperationRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>What to do.</summary>
    public required BulkKind Kind { get; init; }

    /// <summary>The job.</summary>
    public required EntityId JobId { get; init; }

    /// <summary>The frames, chosen when the person asked: a later change of state does not change whom it concerns.</summary>
    public required ValueList<FrameSpan> Frames { get; init; }

    /// <summary>How many frames of the spans, in their order, are done.</summary>
    public int Done { get; init; }

    /// <summary>What the kind needs besides: the frames in their new order; the depend that holds.</summary>
    public string Argument { get; init; } = "";

    /// <summary>Who asked.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When, ms since 1970.</summary>
    public long AtMs { get; init; }

    /// <summary>When, in engine time: runs that were booked later are not meant, whatever was done to the clock meanwhile.</summary>
    public long AtEngineMs { get; init; }
}

/// <summary>Frames of one layer that follow one another.</summary>
/// <param name="LayerId">The layer.</param>
/// <param name="First">Ordinal of the first frame.</param>
/// <param name="Count">Number of frames.</param>
public readonly record struct FrameSpan(EntityId LayerId, int First, int Count);
