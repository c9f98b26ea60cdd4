using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Engine.Storing;

/// <summary>
/// A store in memory, for tests and simulations: an engine's connection to a <see cref="MemoryDatabase"/>. It behaves like the stores on disk, and can be
/// told to fail like them.
/// </summary>
public sealed class MemoryStore(MemoryDatabase database) : IFarmStore
{
    private long _epoch = -1;

    /// <summary>A store of its own.</summary>
    public MemoryStore()
        : this(new MemoryDatabase())
    {
    }

    /// <summary>Asked at each commit whether and how it fails; null: it does not.</summary>
    public Func<ChangeSet, StoreFault?>? OnCommit { get; set; }

    /// <summary>Asked at each take-over; what it returns is thrown.</summary>
    public Func<Exception?>? OnTakeOver { get; set; }

    /// <summary>What the store is connected to.</summary>
    public MemoryDatabase Database { get; } = database;

    /// <inheritdoc/>
    public string Description => "the store in memory";

    /// <inheritdoc/>
    public Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
    {
        if (OnTakeOver?.Invoke() is { } failure)
        {
            return Task.FromException<FarmRows>(failure);
        }

        (_epoch, var rows) = Database.TakeOver(owner);
        return Task.FromResult(rows);
    }

    /// <inheritdoc/>
    public async Task CommitAsync(ChangeSet changes, CancellationToken cancel)
    {
        var fault = OnCommit?.Invoke(changes);
        if (fault?.Until is { } until)
        {
            await until.WaitAsync(cancel).ConfigureAwait(false);
        }

        // Data that is there already is not looked at again.
        if (fault?.Before is { } before && !(before is StoreDataException && Database.Batch == changes.Sequence))
        {
            throw before;
        }

        Database.Commit(_epoch, changes);
        if (fault?.After is { } after)
        {
            throw after;
        }
    }

    /// <summary>Asked each time frames at rest are read; what it returns is thrown.</summary>
    public Func<IReadOnlyList<LayerRow>, Exception?>? OnReadFrames { get; set; }

    /// <summary>What was read of frames at rest is handed out when this completes; null: at once.</summary>
    public Task? FramesReadUntil { get; set; }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel)
    {
        if (OnReadFrames?.Invoke(layers) is { } failure)
        {
            throw failure;
        }

        var frames = Database.ReadFrames(layers);
        if (FramesReadUntil is { } until)
        {
            await until.WaitAsync(cancel).ConfigureAwait(false);
        }

        return frames;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) => Task.FromResult(Database.FindRuns(query));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        Task.FromResult(Database.FindArchivedJobs(query));

    /// <inheritdoc/>
    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        Task.FromResult(Database.FindArchivedFrames(layer, first, count));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>How a commit of a <see cref="MemoryStore"/> fails. What is given happens in the order of the properties.</summary>
public sealed record StoreFault
{
    /// <summary>The commit stalls until this completes.</summary>
    public Task? Until { get; init; }

    /// <summary>Thrown instead of committing.</summary>
    public Exception? Before { get; init; }

    /// <summary>Thrown after it was committed: the caller can't know.</summary>
    public Exception? After { get; init; }

    /// <summary>The store is away: nothing is committed.</summary>
    public static StoreFault Unavailable { get; } = new() { Before = new StoreUnavailableException("the store is away") };

    /// <summary>The connection breaks after the commit.</summary>
    public static StoreFault UnknownOutcome { get; } = new() { After = new StoreUnavailableException("the connection broke") };

    /// <summary>The store refuses a row.</summary>
    public static StoreFault Refuses(string table, string row) =>
        new() { Before = new StoreDataException(table, row, $"the table {table} refuses {row}") };

    /// <summary>The commit stalls until <paramref name="until"/> completes, and then succeeds.</summary>
    public static StoreFault Stall(Task until) => new() { Until = until };
}
