namespace OpenCue.Farm.Changes;

/// <summary>
/// Something in the farm that is stored: an identity, a row (what is stored, immutable), and links and counters that follow from the rows.
/// </summary>
/// <remarks>
/// Rows change through <see cref="FarmEdit"/> alone. All links, indexes and counters are kept in <see cref="Attach"/>, <see cref="Detach"/> and
/// <c>OnRowChanged</c>: they run the same way when a command is applied, when it is undone and when a farm is loaded, so counters can't drift.
/// </remarks>
public abstract class Entity
{
    /// <summary>Identity; never changes.</summary>
    public EntityId Id { get; protected init; }

    /// <summary>True from <see cref="Attach"/> to <see cref="Detach"/>.</summary>
    public bool InFarm { get; internal set; }

    /// <summary>The sequence number of the batch that last changed this.</summary>
    public long ChangedIn { get; internal set; }

    /// <summary>The sequence number of the change set that holds or will hold this entity's row.</summary>
    internal long DirtyIn { get; set; }

    /// <summary>
    /// True if this, once out of the farm, leaves the store by a way of its own (an ended run becomes history; layers go with their job).
    /// </summary>
    internal virtual bool LeavesByItself => false;

    /// <summary>Puts this into the farm's tables, indexes and sums. What it refers to is already there.</summary>
    internal abstract void Attach(FarmModel farm);

    /// <summary>Undoes <see cref="Attach"/>.</summary>
    internal abstract void Detach(FarmModel farm);

    /// <summary>Puts the row, or the fact that it is gone, into the change set.</summary>
    internal abstract void WriteTo(ChangeSet changes);

    /// <summary>The row as an object, for undo.</summary>
    internal abstract object RowObject { get; }

    /// <summary>Puts back a row that <see cref="RowObject"/> gave.</summary>
    internal abstract void RestoreRow(FarmModel farm, object row);
}

/// <summary>An entity with a row of type <typeparamref name="TRow"/>.</summary>
public abstract class Entity<TRow> : Entity
    where TRow : class, IRow
{
    /// <summary>An entity that is not in the farm yet.</summary>
    protected Entity(TRow row)
    {
        Row = row;
        Id = row.Id;
    }

    /// <summary>What is stored of this entity.</summary>
    public TRow Row { get; private set; }

    internal override object RowObject => Row;

    internal void SetRow(FarmModel farm, TRow row)
    {
        var old = Row;
        Row = row;
        if (InFarm)
        {
            OnRowChanged(farm, old);
        }
    }

    internal override void RestoreRow(FarmModel farm, object row) => SetRow(farm, (TRow)row);

    /// <summary>Re-does the indexes and sums that follow from the row, which was <paramref name="old"/> before.</summary>
    protected virtual void OnRowChanged(FarmModel farm, TRow old)
    {
    }

    internal override void WriteTo(ChangeSet changes)
    {
        if (InFarm)
        {
            changes.Table<TRow>().Upserts.Add(Row);
        }
        else
        {
            changes.Table<TRow>().Deletes.Add(Id);
        }
    }
}

/// <summary>A stored row with an identity.</summary>
public interface IRow
{
    /// <summary>Identity.</summary>
    EntityId Id { get; }
}
