using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Storage.CrashWriter;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Tests.Support;
using OpenCue.TestSupport;

namespace OpenCue.Storage.Tests;

/// <summary>kill -9 in the middle of commits: what was acknowledged is there, and nothing is there by half.</summary>
public sealed class CrashTests(PostgresServer server)
{
    private const int Rounds = 4;

    [Fact]
    public async Task Sqlite_keeps_every_acknowledged_batch_when_the_server_is_killed()
    {
        await using var home = new SqliteHome();
        await KillAgainAndAgainAsync(home, "sqlite", home.File, seed: 1);
    }

    [Fact]
    public async Task Postgres_keeps_every_acknowledged_batch_when_the_server_is_killed()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await KillAgainAndAgainAsync(home, "postgres", home.ConnectionString, seed: 2);
    }

    [Fact]
    public async Task Postgres_keeps_every_acknowledged_batch_when_postgres_itself_is_killed()
    {
        await using var postgres = await PrivatePostgres.StartAsync();
        var connection = await postgres.CreateDatabaseAsync();
        await using var store = new PostgresFarmStore(connection, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
        await store.TakeOverAsync("first", default);
        var acknowledged = 0L;
        for (var round = 0; round < 3; round++)
        {
            // The crash comes while batches are under way: the task below is somewhere between two of its steps.
            var enough = new TaskCompletionSource();
            var target = acknowledged + 25;
            var writing = Task.Run(async () =>
            {
                while (true)
                {
                    await store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default);
                    if (++acknowledged == target)
                    {
                        enough.SetResult();
                    }
                }
            });
            await enough.Task;
            await postgres.CrashAsync();
            await Assert.ThrowsAsync<StoreUnavailableException>(() => writing);

            // While it is away, and as long as it starts, the store says so; then it goes on with the batch of unknown fate.
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default));
            await postgres.RestartAsync();
            await store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default);
            acknowledged++;
            await using var reader = new PostgresFarmStore(connection, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
            var rows = await store.TakeOverAsync("first", default);
            Assert.Equal(acknowledged, rows.Sequence);
            Assert.Null(await CountedFarm.FindFaultAsync(reader, rows));
        }
    }

    private static async Task KillAgainAndAgainAsync(StoreHome home, string kind, string place, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            await using var writer = Writer.Start(kind, place);
            Assert.True(await writer.WaitForLinesAsync(random.Next(2, 150)), "The writer ended by itself.");
            await writer.KillAsync();

            await using var store = home.Open();
            var rows = await store.TakeOverAsync($"round {round}", default);

            // One more than acknowledged is right: it was stored, and the word of it died with the writer.
            Assert.InRange(rows.Sequence, writer.Acknowledged, writer.Acknowledged + 1);
            Assert.Null(await CountedFarm.FindFaultAsync(store, rows));
        }
    }
}
