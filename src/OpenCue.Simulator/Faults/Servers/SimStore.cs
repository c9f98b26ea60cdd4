using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>
/// A server's connection to the one database. A commit travels there, is done, and its answer travels back; each of these can take long, fail or be lost,
/// and the server can die meanwhile. What is in the database stays.
/// </summary>
internal sealed class SimStore(SimWorld world, SimServer server, IFarmStore database) : IFarmStore
{
    private readonly Chance _chance = Chance.Of(world.Plan.Seed, $"store {server.Number}");

    /// <inheritdoc/>
    public string Description => "the simulated store";

    /// <inheritdoc/>
    public Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
    {
        world.Truth.TookOver(server);
        return database.TakeOverAsync(owner, cancel);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel)
    {
        if (world.Disk.StallsUntilMs <= world.NowMs)
        {
            return database.ReadFramesAsync(layers, cancel);
        }

        var done = new TaskCompletionSource<IReadOnlyDictionary<EntityId, Frame[]>>();
        world.Tally.Add("reads of frames at rest stalled");
        world.Events.At(world.Disk.StallsUntilMs, () => _ = PassOnAsync(database.ReadFramesAsync(layers, cancel), done));
        return done.Task;
    }

    /// <inheritdoc/>
    public Task CommitAsync(ChangeSet changes, CancellationToken cancel)
    {
        var done = new TaskCompletionSource();
        if (server.Edge("before a commit is sent"))
        {
            world.Events.After(_chance.Skewed(0, 8), () => Arrive(changes, done));
        }

        return done.Task;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) => database.FindRunsAsync(query, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        database.FindArchivedJobsAsync(query, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        database.FindArchivedFramesAsync(layer, first, count, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task PassOnAsync<T>(Task<T> from, TaskCompletionSource<T> to)
    {
        try
        {
            to.SetResult(await from);
        }
        catch (Exception e)
        {
            to.SetException(e);
        }
    }

    private void Arrive(ChangeSet changes, TaskCompletionSource done)
    {
        if (world.Disk.StallsUntilMs > world.NowMs)
        {
            world.Tally.Add("commits stalled");
            world.Events.At(Math.Min(world.Disk.StallsUntilMs, world.NowMs + 500), () => Arrive(changes, done));
            return;
        }

        if (!server.IsAlive && _chance.Permille(500))
        {
            return;
        }

        if (world.Disk.TakeRefusal())
        {
            world.Tally.Add("commits that failed");
            Answer(done, new StoreUnavailableException("the disk is full"));
            return;
        }

        if (!server.IsAlive)
        {
            world.Tally.Add("commits that outlived their server");
        }

        var commit = database.CommitAsync(changes, CancellationToken.None);
        if (!commit.IsCompleted)
        {
            throw new InvalidOperationException("The database in memory must answer at once.");
        }

        Exception? failure = commit.Exception?.InnerException;
        if (failure is null)
        {
            world.Truth.Committed(server, changes);
        }

        if (failure is null && world.Disk.TakeSilence())
        {
            world.Tally.Add("commits done without saying so");
            failure = new StoreUnavailableException("the connection broke");
        }

        server.Edge(SimServer.AfterCommit);
        world.Events.After(_chance.Skewed(0, 5), () => Answer(done, failure));
    }

    private void Answer(TaskCompletionSource done, Exception? failure)
    {
        if (!server.IsAlive)
        {
            return;
        }

        if (failure is null)
        {
            done.SetResult();
        }
        else
        {
            done.SetException(failure);
        }

        server.Wake();
    }
}
