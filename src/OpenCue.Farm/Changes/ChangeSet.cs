using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Changes;

/// <summary>
/// All that one batch of commands changed, by value: what a store commits in one transaction, and what is told to the world after that.
/// </summary>
/// <remarks>Rows hold absolute values, so a change set may be sent again when it is unknown whether it was committed.</remarks>
public sealed class ChangeSet(long sequence, FarmTime time)
{
    private readonly Dictionary<Type, IRowChanges> _tables = [];

    /// <summary>The number of the batch: one more than that of the change set before.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>When the batch was applied. Its engine time is stored: engine time goes on from it after a restart.</summary>
    public FarmTime Time { get; } = time;

    /// <summary>Frames whose row changed, each once, with its new value.</summary>
    public List<FrameRow> Frames { get; } = [];

    /// <summary>New frames of a job that is being submitted; they have no row yet.</summary>
    public List<FrameRow> NewFrames { get; } = [];

    /// <summary>Runs that ended in this batch: their last value, which stays in the store as history.</summary>
    public List<RunRow> EndedRuns { get; } = [];

    /// <summary>Jobs that leave the model in this batch. The store moves them, their layers and frames to the history tables.</summary>
    public List<EntityId> ArchivedJobs { get; } = [];

    /// <summary>Jobs that never became active and leave without a trace: the store deletes them, their layers and frames.</summary>
    public List<EntityId> DroppedJobs { get; } = [];

    /// <summary>What happened, in order.</summary>
    public List<FarmEvent> Events { get; } = [];

    /// <summary>What must be done in the world once this is durable.</summary>
    public List<Effect> Effects { get; } = [];

    /// <summary>Changed rows by type, in the order in which types first changed.</summary>
    public IEnumerable<IRowChanges> Tables => _tables.Values;

    /// <summary>True if nothing has to be stored.</summary>
    public bool IsEmpty =>
        Frames.Count == 0 && NewFrames.Count == 0 && EndedRuns.Count == 0 && ArchivedJobs.Count == 0 && DroppedJobs.Count == 0
        && _tables.Values.All(t => t.Count == 0);

    /// <summary>The changed rows of one type.</summary>
    public RowChanges<TRow> Table<TRow>()
        where TRow : class, IRow
    {
        if (!_tables.TryGetValue(typeof(TRow), out var table))
        {
            _tables.Add(typeof(TRow), table = new RowChanges<TRow>());
        }

        return (RowChanges<TRow>)table;
    }
}

/// <summary>Changed rows of one type.</summary>
public interface IRowChanges
{
    /// <summary>The row type.</summary>
    Type RowType { get; }

    /// <summary>Number of rows changed and deleted.</summary>
    int Count { get; }
}

/// <summary>Rows of one type that were added or changed, and the ids of those that are gone.</summary>
public sealed class RowChanges<TRow> : IRowChanges
    where TRow : class, IRow
{
    /// <summary>Added or changed rows, each once, with the new value.</summary>
    public List<TRow> Upserts { get; } = [];

    /// <summary>Ids whose row must not exist any more.</summary>
    public List<EntityId> Deletes { get; } = [];

    /// <inheritdoc/>
    public Type RowType => typeof(TRow);

    /// <inheritdoc/>
    public int Count => Upserts.Count + Deletes.Count;
}
