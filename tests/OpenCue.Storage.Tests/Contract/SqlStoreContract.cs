using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests.Contract;

/// <summary>What the stores on disk do beyond the one in memory.</summary>
public abstract class SqlStoreContract : StoreContract
{
    private static readonly Actor Jane = new(ActorKind.User, "jane", "127.0.0.1:4711");

    [Fact]
    public async Task Text_that_no_database_keeps_is_refused_with_table_row_and_column()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(20);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            await CommitAsync(store, random, random.Next());
            await AssertRefusedAsync(store, "a\0b", "NUL");
            await AssertRefusedAsync(store, "half \ud83c of a pair", "D83C");
            await AssertRefusedAsync(store, "end \udf9e", "DF9E");

            // The number is free for the batch without the bad row.
            await CommitAsync(store, random, random.Next());
        }

        await AssertLoadsAsync(home, random);

        async Task AssertRefusedAsync(IFarmStore store, string text, string problem)
        {
            var good = random.Rows.Row<JobRow>();
            var list = good with { Environment = [new EnvironmentVariable("A", text)] };
            foreach (var (bad, column) in (IEnumerable<(JobRow, string)>)[(good with { Shot = text }, "shot"), (list, "environment")])
            {
                var changes = new ChangeSet(random.Sequence + 1, new FarmTime(1, 1));
                changes.Table<ShowRow>().Upserts.Add(random.Rows.Row<ShowRow>());
                changes.Table<JobRow>().Upserts.Add(bad);
                var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.CommitAsync(changes, default));
                Assert.Equal("job", exception.Table);
                Assert.Contains(bad.Id.ToString(), exception.Row, StringComparison.Ordinal);
                Assert.Contains(column, exception.Message, StringComparison.Ordinal);
                Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Decisions_of_people_and_alarms_are_kept_and_what_happens_by_the_million_is_not()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(21);
        var (subject, job) = (random.Rows.Id(), random.Rows.Id());
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            foreach (var kind in Enum.GetValues<FarmEventKind>())
            {
                changes.Events.Add(new FarmEvent(kind, subject, job, 1, 2, Jane, $"because {kind}", 1234));
            }

            await CommitAsync(store, random, changes);
        }

        var kept = await home.AskAsync(
            "SELECT m.name, a.actor, a.peer, a.at_ms, a.from_value, a.to_value, a.reason, a.subject_id, a.job_id FROM audit a "
            + "JOIN meaning m ON m.column_name = 'audit.kind' AND m.value = a.kind ORDER BY a.batch, a.item");
        Assert.Equal(
            ["JOB_LAUNCHED", "JOB_FINISHED", "JOB_KILLED", "JOB_REVIVED", "JOB_ARCHIVED", "SETTING_CHANGED", "RUN_UNKNOWN", "RUN_ASSUMED_ENDED",
                "OPERATION_REQUESTED", "HOST_ADDED", "HOST_STATE", "HOST_LOCK", "ALARM", "ADMINISTRATION"],
            kept.Select(k => k[0]));
        Assert.Equal(
            ["jane", "127.0.0.1:4711", "1234", "1", "2", "because JobLaunched", subject.ToString(), job.ToString()], kept[0][1..]);
    }

    [Fact]
    public async Task Frames_of_archived_jobs_move_to_history_with_their_hosts_names_and_the_layer_counts_them()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(22);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            changes.Table<Farm.Hosts.HostRow>().Upserts.Add(random.Rows.Row<Farm.Hosts.HostRow>() with { Number = 3, Name = "r003" });
            var job = random.Rows.Row<JobRow>();
            changes.Table<JobRow>().Upserts.Add(job);
            var layer = random.AddLayer(changes, job, 5000);
            changes.NewFrames.Clear();
            for (var i = 0; i < 5000; i++)
            {
                var state = i % 5 == 0 ? FrameState.Eaten : i % 5 == 1 ? FrameState.Dead : FrameState.Succeeded;
                changes.NewFrames.Add(new FrameRow(layer.Id, i, Frame.New(i, 1) with { State = state, HostNumber = i % 2 == 0 ? 3 : 0 }));
            }

            await CommitAsync(store, random, changes);
            var archive = random.Empty();
            archive.ArchivedJobs.Add(job.Id);
            await CommitAsync(store, random, archive);
            await StoreHome.WaitForMovesAsync(store);
        }

        Assert.Equal(["0"], (await home.AskAsync("SELECT count(*) FROM frame")).Single());
        Assert.Equal(["0"], (await home.AskAsync("SELECT count(*) FROM frame_move")).Single());
        Assert.Equal(["2500"], (await home.AskAsync("SELECT count(*) FROM frame_history WHERE host_name = 'r003'")).Single());
        Assert.Equal(
            ["3000", "1000", "1000"],
            (await home.AskAsync("SELECT succeeded_frames, eaten_frames, dead_frames FROM layer_history")).Single());
    }

    [Fact]
    public async Task Moving_frames_goes_on_after_a_restart()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(23);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            var job = random.AddJob(changes, 5000);
            await CommitAsync(store, random, changes);
            var archive = random.Empty();
            archive.ArchivedJobs.Add(job.Id);
            await CommitAsync(store, random, archive);
        }

        await using (var store = home.Open())
        {
            random.Stored.AssertEqual(await store.TakeOverAsync("second", default));
            await StoreHome.WaitForMovesAsync(store);
        }

        Assert.Equal(["0"], (await home.AskAsync("SELECT count(*) FROM frame")).Single());
    }

    [Theory]
    [InlineData("UPDATE frame SET ordinal = 9 WHERE ordinal = 1", "frame")]
    [InlineData("DELETE FROM frame WHERE ordinal = 0", "frame")]
    [InlineData("UPDATE job SET environment = '{oops'", "job")]
    [InlineData("DELETE FROM layer", "frame")]
    [InlineData("DELETE FROM lease", "lease")]
    public async Task Damage_is_found_by_the_load_and_named(string damage, string table)
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(24);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            random.AddJob(changes, 3);
            await CommitAsync(store, random, changes);
        }

        await home.AskAsync(damage);
        await using var again = home.Open();
        var exception = await Assert.ThrowsAsync<StoreDataException>(() => again.TakeOverAsync("second", default));

        Assert.Equal(table, exception.Table);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_and_so_is_one_whose_steps_differ()
    {
        await using var home = await CreateHomeAsync();
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
        }

        await home.AskAsync("INSERT INTO migration (number, name, checksum, applied_at_ms) VALUES (9999, '9999_future', 'x', 0)");
        await AssertRefusedAsync("newer version");
        await home.AskAsync("DELETE FROM migration WHERE number = 9999");
        await home.AskAsync("UPDATE migration SET checksum = 'another' WHERE number = 1");
        await AssertRefusedAsync("differs");

        async Task AssertRefusedAsync(string words)
        {
            await using var store = home.Open();
            var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.TakeOverAsync("second", default));
            Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tables_of_another_program_are_left_alone()
    {
        await using var home = await CreateHomeAsync();
        await home.AskAsync("CREATE TABLE job (pk_job text)");
        await using (var store = home.Open())
        {
            var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.TakeOverAsync("first", default));
            Assert.Contains("another program", exception.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await home.AskAsync("SELECT pk_job FROM job"));
    }

    [Fact]
    public async Task History_can_be_asked_while_commits_go_on()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(25);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        await CommitAsync(store, random, random.Next());
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var last = 0;
            while (!stop.IsCancellationRequested)
            {
                var count = (await store.FindRunsAsync(new RunQuery(), default)).Count;
                Assert.True(count >= last, "Runs went missing.");
                last = count;
                await store.FindArchivedJobsAsync(new ArchivedJobQuery(), default);
            }
        })).ToList();
        for (var i = 0; i < 30; i++)
        {
            await CommitAsync(store, random, random.Next());
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(random.Ended.Count, (await store.FindRunsAsync(new RunQuery { Limit = 100_000 }, default)).Count);
    }
}
