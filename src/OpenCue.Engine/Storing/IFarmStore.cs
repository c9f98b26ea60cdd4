using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Engine.Storing;

/// <summary>
/// Where a farm is kept: memory, SQLite, PostgreSQL. One engine uses a store object; the lease inside the store sees to it that of several engines
/// on one store only the last one that took over can commit.
/// </summary>
/// <remarks>
/// <para>
/// The lease is one row: <c>epoch</c> (grows with each take-over), <c>batch</c> (number of the last change set committed), <c>engine_ms</c>
/// (engine time of that batch) and the owner's name.
/// </para>
/// <para>
/// All methods throw <see cref="StoreUnavailableException"/> if the store can't be reached or can't work now; what they throw beyond that stands
/// at each. Any other exception counts as a defect and is handled as if the store were unavailable: nobody knows what became of the call.
/// </para>
/// </remarks>
public interface IFarmStore : IFarmHistory, IAsyncDisposable
{
    /// <summary>What and where it is, for people: "SQLite /data/cue.db", "PostgreSQL host=db database=cue". Never a password.</summary>
    string Description { get; }

    /// <summary>
    /// Brings the schema up to date, takes the lease (epoch + 1) and then reads everything. Called at the start and each time the model has to be
    /// loaded again; never while a commit of this object is under way.
    /// </summary>
    /// <param name="owner">Who takes over, for people who look at the lease row: host name and process.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>All rows, but for frames at rest; <see cref="FarmRows.Sequence"/> is 0 for a new store.</returns>
    /// <exception cref="StoreDataException">What is stored can't be read: a damaged file, a schema newer than this program.</exception>
    Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel);

    /// <summary>
    /// Reads the frames of layers that are at rest (<see cref="FramesAtRestRow"/>): a load leaves them in the store. Safe to call at any time after the
    /// take-over, from any thread, also during a commit, which it does not hold up for long.
    /// </summary>
    /// <returns>
    /// By layer, all its frames; a layer that the store does not have whole (its job has just gone to history) is left out.
    /// </returns>
    /// <exception cref="StoreDataException">What is stored can't be read.</exception>
    Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel);

    /// <summary>
    /// Commits a change set in one transaction that begins with setting <c>batch = n</c> on the lease row where <c>epoch</c> is the one this object
    /// took over with and <c>batch = n − 1</c>. When the task completes, the change set survives power loss.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Calls come one at a time, in the order of <see cref="ChangeSet.Sequence"/>. A change set whose outcome stayed unknown comes again as it was:
    /// if the lease row already says <c>batch = n</c> with this epoch, it is there and the call succeeds without doing anything.
    /// </para>
    /// <para>
    /// Order inside the transaction: upserts of all tables in the order of <see cref="ChangeSet.Tables"/>, new frames, frames, ended runs, archived
    /// jobs (moved with what this same change set wrote), dropped jobs, and deletes last, tables in reverse order. A delete of a row that was never
    /// stored, and a frame row of a job that is gone, are not errors: something can come and go within one batch. It may take the thread for as long as it
    /// likes; the engine calls it on none that matters.
    /// </para>
    /// </remarks>
    /// <exception cref="StoreDeposedException">Another owner has taken the lease. Nothing was committed.</exception>
    /// <exception cref="StoreDataException">The store refuses what the change set holds. Nothing was committed.</exception>
    Task CommitAsync(ChangeSet changes, CancellationToken cancel);
}
