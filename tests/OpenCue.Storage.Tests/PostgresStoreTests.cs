using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;
using OpenCue.Storage.CrashWriter;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Tests.Support;
using OpenCue.TestSupport;

namespace OpenCue.Storage.Tests;

public sealed class PostgresStoreTests(PostgresServer server)
{
    [Fact]
    public async Task A_commit_whose_connection_is_killed_before_it_is_done_is_stored_once_when_it_comes_again()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await using var store = home.OpenPostgres();
        await store.TakeOverAsync("first", default);
        await store.CommitAsync(CountedFarm.Batch(1), default);

        // Somebody sits on the lease row, so that the commit stands still in its middle.
        await using var other = await home.ConnectAsync();
        await ExecuteAsync(other, "BEGIN");
        await ExecuteAsync(other, "SELECT * FROM lease FOR UPDATE");
        var commit = store.CommitAsync(CountedFarm.Batch(2), default);
        const string waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while (await AskAsync(other, $"SELECT count(*) {waiting}") == 0)
        {
            await Task.Delay(5);
        }

        await ExecuteAsync(other, $"SELECT pg_terminate_backend(pid) {waiting}");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => commit);
        await ExecuteAsync(other, "ROLLBACK");

        await store.CommitAsync(CountedFarm.Batch(2), default);
        await store.CommitAsync(CountedFarm.Batch(3), default);
        await AssertHoldsAsync(home, 3);
    }

    [Fact]
    public void A_commit_has_as_many_statements_however_many_rows_it_has()
    {
        Assert.Equal(Statements(1), Statements(5000));

        static int Statements(int rows)
        {
            var random = new RandomChanges(7);
            var changes = random.Empty();
            var job = random.Rows.Row<JobRow>();
            var layer = random.AddLayer(changes, job, rows);
            for (var i = 0; i < rows; i++)
            {
                changes.Table<JobRow>().Upserts.Add(random.Rows.Row<JobRow>());
                changes.Table<JobRow>().Deletes.Add(random.Rows.Id());
                changes.Table<RunRow>().Upserts.Add(random.Rows.Row<RunRow>());
                changes.EndedRuns.Add(random.Rows.Row<RunRow>());
                changes.Frames.Add(new FrameRow(layer.Id, i, random.Rows.Frame()));
                changes.ArchivedJobs.Add(random.Rows.Id());
                changes.DroppedJobs.Add(random.Rows.Id());
                changes.Events.Add(new Farm.Changes.FarmEvent(Farm.Changes.FarmEventKind.Alarm, job.Id, job.Id, 0, 0, Actor.Maintenance, "because", 1));
            }

            using var batch = new NpgsqlBatch();
            new PostgresCommit().Fill(batch, changes, 1);
            return batch.BatchCommands.Count;
        }
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_found_stored_when_it_comes_again()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await using var wire = new CuttingProxy((await server.GetAsync()).Port);
        await using var store = home.OpenPostgres($";Port={wire.Port}");
        await store.TakeOverAsync("first", default);
        for (var n = 1; n <= 5; n++)
        {
            await store.CommitAsync(CountedFarm.Batch(n), default);
        }

        wire.CutNextAnswer();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(CountedFarm.Batch(6), default));
        Assert.Equal("6", (await home.AskAsync("SELECT batch FROM lease"))[0][0]);

        await store.CommitAsync(CountedFarm.Batch(6), default);
        await store.CommitAsync(CountedFarm.Batch(7), default);
        await AssertHoldsAsync(home, 7);
    }

    [Fact]
    public async Task A_commit_that_stands_still_is_given_up_at_its_deadline()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await using var store = home.OpenPostgres(";Command Timeout=1");
        await store.TakeOverAsync("first", default);
        await using (var other = await home.ConnectAsync())
        {
            await ExecuteAsync(other, "BEGIN");
            await ExecuteAsync(other, "SELECT * FROM lease FOR UPDATE");
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(CountedFarm.Batch(1), default));
            await ExecuteAsync(other, "ROLLBACK");
        }

        await store.CommitAsync(CountedFarm.Batch(1), default);
        await AssertHoldsAsync(home, 1);
    }

    [Fact]
    public async Task Of_servers_that_take_over_at_once_exactly_one_can_commit()
    {
        // On an empty database, so that they also race for its tables.
        await using var home = await PostgresHome.CreateAsync(server);
        var stores = Enumerable.Range(0, 6).Select(_ => home.OpenPostgres()).ToList();
        await Task.WhenAll(stores.Select((s, i) => Task.Run(() => s.TakeOverAsync($"server {i}", default))));

        var outcomes = await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            try
            {
                await store.CommitAsync(CountedFarm.Batch(1), default);
                return true;
            }
            catch (StoreDeposedException)
            {
                return false;
            }
        })));

        Assert.Single(outcomes, true);
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }

        Assert.Equal(["6", "1"], (await home.AskAsync("SELECT epoch, batch FROM lease"))[0]);
        await AssertHoldsAsync(home, 1);
    }

    [Fact]
    public async Task A_batch_is_as_many_statements_however_many_rows_it_has()
    {
        Assert.Equal(Statements(3), Statements(20_000));

        static int Statements(int rows)
        {
            var random = new RandomChanges(1);
            var changes = random.Empty();
            var job = random.AddJob(changes, 1);
            random.AddLayer(changes, job, rows);
            changes.Table<ShowRow>().Upserts.AddRange(Enumerable.Range(0, rows).Select(_ => random.Rows.Row<ShowRow>()));
            changes.Table<ShowRow>().Deletes.AddRange(Enumerable.Range(0, rows).Select(_ => random.Rows.Id()));
            changes.Frames.AddRange(changes.NewFrames);
            changes.ArchivedJobs.AddRange(Enumerable.Range(0, rows).Select(_ => random.Rows.Id()));
            using var batch = new NpgsqlBatch();
            new PostgresCommit().Fill(batch, changes, 1);
            return batch.BatchCommands.Count;
        }
    }

    [Fact]
    public async Task A_database_that_may_lose_acknowledged_work_is_refused_unless_allowed()
    {
        await using var careless = await PrivatePostgres.StartAsync("fsync=off", "full_page_writes=off");
        await using var home = new PostgresHome(await careless.CreateDatabaseAsync());
        await AssertRefusedAsync(home, "fsync = off", "full_page_writes = off");

        await using var allowed = home.OpenPostgres(allowUnsafe: true);
        await allowed.TakeOverAsync("first", default);
        await allowed.CommitAsync(CountedFarm.Batch(1), default);
    }

    [Fact]
    public async Task A_database_that_answers_before_the_disk_is_refused_even_if_only_this_user_gets_it_so()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        var name = new NpgsqlConnectionStringBuilder(home.ConnectionString).Database;
        await (await server.GetAsync()).ExecuteAsync($"ALTER DATABASE {name} SET synchronous_commit = off");

        await AssertRefusedAsync(home, "synchronous_commit = off");
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=cue;Username=cue;Password=s3cret")]
    [InlineData("Host=127.0.0.1;Port=1;Database=cue;Username=cue;Passwort=s3cret")]
    [InlineData("postgresql://cue:s3cret@db/cue")]
    [InlineData("Host=127.0.0.1;Port=s3cret;Password=s3cret")]
    public async Task No_message_shows_the_password(string connectionString)
    {
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await using var store = new PostgresFarmStore(connectionString, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
            Assert.DoesNotContain("s3cret", store.Description, StringComparison.Ordinal);
            await store.TakeOverAsync("first", default);
        });

        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named_with_the_way_out()
    {
        var connection = (await server.GetAsync()).ConnectionString("no_such_database");
        await using var store = new PostgresFarmStore(connection, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TakeOverAsync("first", default));

        Assert.Contains("no_such_database", exception.Message, StringComparison.Ordinal);
        Assert.Contains("createdb", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_the_database_refuses_is_about_the_data_and_names_the_table()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await using var store = home.OpenPostgres();
        await store.TakeOverAsync("first", default);
        await home.AskAsync("ALTER TABLE job ADD CONSTRAINT no_priority_two CHECK (priority <> 2)");
        await store.CommitAsync(CountedFarm.Batch(1), default);

        var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.CommitAsync(CountedFarm.Batch(2), default));

        Assert.Equal("job", exception.Table);
        await home.AskAsync("ALTER TABLE job DROP CONSTRAINT no_priority_two");
        await store.CommitAsync(CountedFarm.Batch(2), default);
        await AssertHoldsAsync(home, 2);
    }

    [Fact]
    public async Task Nothing_is_committed_without_the_lease_row()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await using var store = home.OpenPostgres();
        await store.TakeOverAsync("first", default);
        await home.AskAsync("DELETE FROM lease");

        var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.CommitAsync(CountedFarm.Batch(1), default));

        Assert.Equal("lease", exception.Table);
        Assert.Empty(await home.AskAsync("SELECT id FROM job"));
    }

    [Fact]
    public async Task Rows_are_found_by_their_keys_also_with_plans_that_were_made_while_the_tables_were_empty()
    {
        // Making and loading the tables reads them as a whole; the commits after that do not.
        Assert.Equal(await ScansAsync(0), await ScansAsync(20));

        async Task<List<string[]>> ScansAsync(int commits)
        {
            await using var home = await PostgresHome.CreateAsync(server);
            await using (var store = home.OpenPostgres())
            {
                await store.TakeOverAsync("first", default);
                var random = new RandomChanges(1);
                var first = random.Empty();
                var layer = random.AddLayer(first, random.AddJob(first), 100);
                await store.CommitAsync(first, default);
                for (; commits > 0; commits--)
                {
                    var changes = random.Empty();
                    changes.Frames.AddRange(Enumerable.Range(0, 100).Select(i => new FrameRow(layer.Id, i, random.Rows.Frame())));
                    changes.Table<LayerRow>().Deletes.AddRange(Enumerable.Range(0, 50).Select(_ => random.Rows.Id()));
                    await store.CommitAsync(changes, default);
                }
            }

            // A server process hands in its counts at the latest when its connection ends.
            while ((await home.AskAsync("SELECT 1 FROM pg_stat_activity WHERE application_name = 'cuebot' AND datname = current_database()")).Count > 0)
            {
                await Task.Delay(10);
            }

            return await home.AskAsync(
                "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname IN ('frame', 'run', 'layer', 'layer_usage', 'job') ORDER BY relname");
        }
    }

    private static async Task AssertRefusedAsync(PostgresHome home, params string[] words)
    {
        await using var store = home.OpenPostgres();
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TakeOverAsync("first", default));
        Assert.All(words, word => Assert.Contains(word, exception.Message, StringComparison.Ordinal));
    }

    private static async Task AssertHoldsAsync(PostgresHome home, long batches)
    {
        await using var store = home.OpenPostgres();
        var rows = await store.TakeOverAsync("reader", default);
        Assert.Equal(batches, rows.Sequence);
        Assert.Null(await CountedFarm.FindFaultAsync(store, rows));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
