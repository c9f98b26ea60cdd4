using OpenCue.Farm.Changes;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.History;

/// <summary>The one row that says who owns the farm and what it committed last.</summary>
/// <param name="Epoch">Grows with each take-over.</param>
/// <param name="Batch">Number of the last change set committed.</param>
/// <param name="Owner">Who took over last.</param>
/// <param name="EngineMs">Engine time of that change set.</param>
internal sealed record Lease(long Epoch, long Batch, string Owner, long EngineMs)
{
    /// <summary>Reads the row.</summary>
    public const string Select = "SELECT epoch, batch, owner, engine_ms FROM lease";

    /// <summary>A row of <see cref="Select"/>.</summary>
    public static Lease Read(IRowReader reader) => new(reader.Long(), reader.Long(), reader.Text(), reader.Long());

    /// <summary>
    /// Returns if the change set is stored already; throws what else it can mean that the row could not be set to its number.
    /// </summary>
    public void DemandStored(ChangeSet changes, long epoch)
    {
        if (Epoch != epoch)
        {
            throw new StoreDeposedException($"{Owner} has taken over this farm (epoch {Epoch}; this server had {epoch}).");
        }

        if (Batch != changes.Sequence)
        {
            // Nobody else may have written under this epoch, so what this server believes is not what is stored: it has to load anew.
            throw new StoreDeposedException($"Batch {changes.Sequence} can't follow batch {Batch}, the last one stored.");
        }
    }

    /// <summary>The row is gone: nobody may act without it.</summary>
    public static StoreDataException Missing() => new("lease", null, "The store is damaged: the table lease does not have its one row.");
}
