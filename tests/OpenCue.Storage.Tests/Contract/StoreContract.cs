using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Shows;
using OpenCue.Storage.Tables;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests.Contract;

/// <summary>What every store does, the one in memory too.</summary>
public abstract class StoreContract
{
    /// <summary>An empty place for a farm.</summary>
    protected abstract Task<StoreHome> CreateHomeAsync();

    [Fact]
    public async Task A_new_store_is_empty_and_stands_at_batch_0()
    {
        await using var home = await CreateHomeAsync();
        await using var store = home.Open();

        var rows = await store.TakeOverAsync("first", default);

        new StoredRows().AssertEqual(rows);
    }

    [Fact]
    public async Task Every_column_of_every_row_comes_back_as_it_was()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(17);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            for (var i = 0; i < 12; i++)
            {
                await CommitAsync(store, random, random.Next());
            }
        }

        Assert.All(FarmTables.All, table => Assert.True(random.Stored.Count(table.Table.RowType) > 0, $"No {table.Table.Name} was stored."));
        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task A_changed_row_replaces_the_old_one_and_a_deleted_one_is_gone()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(2);
        var (kept, gone) = (random.Rows.Row<ShowRow>(), random.Rows.Row<ShowRow>());
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var first = random.Empty();
            first.Table<ShowRow>().Upserts.AddRange([kept, gone]);
            await CommitAsync(store, random, first);

            var second = random.Empty();
            second.Table<ShowRow>().Upserts.Add(kept with { Name = "renamed", FramesCreated = 5 });
            second.Table<ShowRow>().Deletes.Add(gone.Id);
            await CommitAsync(store, random, second);
        }

        var rows = await AssertLoadsAsync(home, random);
        Assert.Equal("renamed", Assert.Single(rows.Shows).Name);
    }

    [Fact]
    public async Task Rows_may_swap_their_names_within_a_batch()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(3);
        var (one, two) = (random.Rows.Row<ShowRow>() with { Name = "one" }, random.Rows.Row<ShowRow>() with { Name = "two" });
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            foreach (var (a, b) in (IEnumerable<(ShowRow, ShowRow)>)[(one, two), (one with { Name = "two" }, two with { Name = "one" })])
            {
                var changes = random.Empty();
                changes.Table<ShowRow>().Upserts.AddRange([a, b]);
                await CommitAsync(store, random, changes);
            }
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task A_batch_that_comes_again_is_not_stored_twice()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(4);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            await CommitAsync(store, random, random.Next());

            // The same number with other rows: if anything of it were written, the load would show it.
            var again = new ChangeSet(1, new FarmTime(1, 1));
            again.Table<ShowRow>().Upserts.Add(random.Rows.Row<ShowRow>());
            await store.CommitAsync(again, default);
            await CommitAsync(store, random, random.Next());
        }

        await AssertLoadsAsync(home, random);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task A_batch_out_of_order_is_refused_and_leaves_no_trace(long sequence)
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(5);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            await CommitAsync(store, random, random.Next());
            var wrong = new ChangeSet(sequence, new FarmTime(1, 1));
            wrong.Table<ShowRow>().Upserts.Add(random.Rows.Row<ShowRow>());

            await Assert.ThrowsAsync<StoreDeposedException>(() => store.CommitAsync(wrong, default));

            await CommitAsync(store, random, random.Next());
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task New_frames_may_be_changed_in_the_batch_that_brings_them()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(6);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            var layer = random.AddLayer(changes, random.AddJob(changes), 10);
            changes.Frames.Add(new FrameRow(layer.Id, 3, random.Rows.Frame()));
            await CommitAsync(store, random, changes);
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task The_mark_of_a_pending_write_is_not_stored()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(7);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var changes = random.Empty();
        var layer = random.AddLayer(changes, random.AddJob(changes), 1);
        var dirty = Frame.New(0, 5) with { Flags = FrameFlags.Dirty | FrameFlags.DependsIgnored, DependCount = 7, ChangedIn = 8 };
        changes.Frames.Add(new FrameRow(layer.Id, 0, dirty));
        await store.CommitAsync(changes, default);

        var rows = await store.TakeOverAsync("again", default);

        var frame = Assert.Single(rows.Frames[layer.Id]);
        Assert.Equal(FrameFlags.DependsIgnored, frame.Flags);
        Assert.Equal((0, 0L), (frame.DependCount, frame.ChangedIn));
    }

    [Fact]
    public async Task A_job_that_was_being_submitted_loads_with_the_frames_that_came()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(8);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var changes = random.Empty();
        var layer = random.AddLayer(changes, random.AddJob(changes), 10);
        changes.NewFrames.RemoveAll(f => f.Layer == layer.Id && f.Ordinal >= 4);
        await store.CommitAsync(changes, default);

        var rows = await store.TakeOverAsync("again", default);

        Assert.Equal(4, rows.Frames[layer.Id].Length);
    }

    [Fact]
    public async Task Only_the_server_that_took_over_last_can_commit()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(9);
        var old = home.Open();
        await old.TakeOverAsync("old", default);
        await CommitAsync(old, random, random.Next());
        await home.LetGoAsync(old);
        var young = home.Open();
        await young.TakeOverAsync("young", default);
        await CommitAsync(young, random, random.Next());
        await home.LetGoAsync(young);

        var refused = new ChangeSet(2, new FarmTime(1, 1));
        refused.Table<ShowRow>().Upserts.Add(random.Rows.Row<ShowRow>());
        var exception = await Assert.ThrowsAsync<StoreDeposedException>(() => old.CommitAsync(refused, default));

        Assert.Contains("young", exception.Message, StringComparison.Ordinal);
        await old.DisposeAsync();
        await young.DisposeAsync();
        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task One_server_may_take_over_from_itself()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(10);
        await using var store = home.Open();
        for (var i = 0; i < 3; i++)
        {
            random.Stored.AssertEqual(await store.TakeOverAsync("me", default));
            await CommitAsync(store, random, random.Next());
            await CommitAsync(store, random, random.Next());
        }
    }

    [Fact]
    public async Task Ended_runs_are_history_and_are_found_by_what_they_are_of()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(11);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var first = random.Empty();
        var job = random.AddJob(first);
        var layer = random.AddLayer(first, job, 5);
        await CommitAsync(store, random, first);
        var host = random.Rows.Id();
        var batch = random.Empty();
        for (var i = 0; i < 6; i++)
        {
            batch.EndedRuns.Add(random.Rows.Row<RunRow>() with
            {
                LayerId = layer.Id, JobId = job.Id, FrameOrdinal = i % 3, End = RunEnd.Completed, EndedAtMs = 100 + i / 2, HostId = i < 2 ? host : random.Rows.Id(),
            });
        }

        batch.EndedRuns.Add(random.Rows.Row<RunRow>() with { End = RunEnd.AssumedLost, EndedAtMs = 99 });
        batch.Table<RunRow>().Upserts.Add(random.Rows.Row<RunRow>() with { LayerId = layer.Id, JobId = job.Id, End = RunEnd.None });
        await CommitAsync(store, random, batch);

        await AssertRunsAsync(new RunQuery(), r => true);
        await AssertRunsAsync(new RunQuery { Job = job.Id }, r => r.JobId == job.Id);
        await AssertRunsAsync(new RunQuery { Layer = layer.Id }, r => r.LayerId == layer.Id);
        await AssertRunsAsync(new RunQuery { Layer = layer.Id, FrameOrdinal = 2 }, r => r.LayerId == layer.Id && r.FrameOrdinal == 2);
        await AssertRunsAsync(new RunQuery { Host = host, Job = job.Id }, r => r.HostId == host);
        await AssertRunsAsync(new RunQuery { Job = random.Rows.Id() }, r => false);

        async Task AssertRunsAsync(RunQuery query, Func<RunRow, bool> expected)
        {
            var all = random.Ended.Where(expected).OrderByDescending(r => r.EndedAtMs).ThenByDescending(r => r.Id).ToList();
            Assert.Equal(all, await store.FindRunsAsync(query, default));

            // Two at a time gives the same, nothing twice and nothing missed.
            var paged = new List<RunRow>();
            while (await store.FindRunsAsync(query with { Limit = 2, Before = Last(paged) }, default) is { Count: > 0 } page)
            {
                paged.AddRange(page);
            }

            Assert.Equal(all, paged);
        }

        static (long, EntityId)? Last(List<RunRow> runs) => runs is [.., var last] ? (last.EndedAtMs, last.Id) : null;
    }

    [Fact]
    public async Task An_archived_job_leaves_the_model_and_is_found_in_history_as_it_was()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(12);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var changes = random.Empty();
        var (job, other) = (random.AddJob(changes, 3), random.AddJob(changes, 2));
        var layer = random.AddLayer(changes, job, 4500);
        await CommitAsync(store, random, changes);
        var frames = changes.NewFrames.Where(f => f.Layer == layer.Id).ToList();

        // What the batch itself changes goes with the job.
        var archive = random.Empty();
        frames[7] = new FrameRow(layer.Id, 7, random.Rows.Frame());
        archive.Frames.Add(frames[7]);
        archive.ArchivedJobs.Add(job.Id);
        await CommitAsync(store, random, archive);

        await AssertHistoryAsync(store);
        await StoreHome.WaitForMovesAsync(store);
        await AssertHistoryAsync(store);
        await home.LetGoAsync(store);
        var rows = await AssertLoadsAsync(home, random);
        Assert.Equal([other.Id], rows.Jobs.Select(j => j.Id));

        async Task AssertHistoryAsync(IFarmStore history)
        {
            var archived = Assert.Single(await history.FindArchivedJobsAsync(new ArchivedJobQuery(), default));
            AssertArchived(random.Archived[0], archived);
            AssertFrames(frames, await history.FindArchivedFramesAsync(layer.Id, 0, 5000, default));
            AssertFrames(frames[4..9], await history.FindArchivedFramesAsync(layer.Id, 4, 5, default));
            Assert.Empty(await history.FindArchivedFramesAsync(random.Rows.Id(), 0, 10, default));
        }
    }

    [Fact]
    public async Task Archived_jobs_are_found_by_id_name_and_show_a_page_at_a_time()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(13);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var shows = new[] { random.Rows.Id(), random.Rows.Id() };
        for (var i = 0; i < 4; i++)
        {
            var made = random.Empty();
            var jobs = Enumerable.Range(0, 2).Select(k => random.AddJob(made) with { Name = $"job{k}", ShowId = shows[i % 2] }).ToList();
            made.Table<JobRow>().Upserts.Clear();
            made.Table<JobRow>().Upserts.AddRange(jobs);
            await CommitAsync(store, random, made);
            var archive = random.Empty();
            archive.ArchivedJobs.AddRange(jobs.Select(j => j.Id));
            await CommitAsync(store, random, archive);
        }

        await AssertJobsAsync(new ArchivedJobQuery(), j => true, 8);
        await AssertJobsAsync(new ArchivedJobQuery { Name = "job1" }, j => j.Job.Name == "job1", 4);
        await AssertJobsAsync(new ArchivedJobQuery { Show = shows[1] }, j => j.Job.ShowId == shows[1], 4);
        var one = random.Archived[3].Job.Id;
        await AssertJobsAsync(new ArchivedJobQuery { Id = one }, j => j.Job.Id == one, 1);

        async Task AssertJobsAsync(ArchivedJobQuery query, Func<ArchivedJob, bool> expected, int count)
        {
            var all = random.Archived.Where(expected).OrderByDescending(j => j.ArchivedAtMs).ThenByDescending(j => j.Job.Id).ToList();
            Assert.Equal(count, all.Count);
            var paged = new List<ArchivedJob>();
            while (await store.FindArchivedJobsAsync(query with { Limit = 3, Before = Last(paged) }, default) is { Count: > 0 } page)
            {
                paged.AddRange(page);
            }

            Assert.Equal(all.Count, paged.Count);
            Assert.All(all.Zip(paged), pair => AssertArchived(pair.First, pair.Second));
        }

        static (long, EntityId)? Last(List<ArchivedJob> jobs) => jobs is [.., var last] ? (last.ArchivedAtMs, last.Job.Id) : null;
    }

    [Fact]
    public async Task A_dropped_job_leaves_no_trace()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(14);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var changes = random.Empty();
        var (job, other) = (random.AddJob(changes, 3), random.AddJob(changes, 2));
        random.AddLayer(changes, job, 2500);
        await CommitAsync(store, random, changes);

        var drop = random.Empty();
        drop.DroppedJobs.Add(job.Id);
        await CommitAsync(store, random, drop);

        Assert.Empty(await store.FindArchivedJobsAsync(new ArchivedJobQuery(), default));
        await StoreHome.WaitForMovesAsync(store);
        await home.LetGoAsync(store);
        var rows = await AssertLoadsAsync(home, random);
        Assert.Equal([other.Id], rows.Jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task A_job_that_came_and_went_within_a_batch_leaves_no_trace()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(15);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var changes = random.Empty();
        var layer = random.AddLayer(changes, random.AddJob(changes), 20);
        var job = layer.JobId;
        changes.Table<JobRow>().Upserts.Clear();
        changes.Table<LayerRow>().Upserts.Clear();
        changes.Table<LayerUsageRow>().Upserts.Clear();
        changes.DroppedJobs.Add(job);

        await store.CommitAsync(changes, default);

        await StoreHome.WaitForMovesAsync(store);
        var rows = await store.TakeOverAsync("again", default);
        Assert.Empty(rows.Frames);
        Assert.Empty(rows.Jobs);
    }

    [Fact]
    public async Task Names_of_hosts_that_are_gone_stay_with_their_numbers()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(16);
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
        var host = random.Rows.Row<HostRow>() with { Number = 7, Name = "old-host" };
        var add = random.Empty();
        add.Table<HostRow>().Upserts.Add(host);
        await CommitAsync(store, random, add);
        var remove = random.Empty();
        remove.Table<HostRow>().Deletes.Add(host.Id);
        await CommitAsync(store, random, remove);

        var rows = await store.TakeOverAsync("again", default);

        Assert.Empty(rows.Hosts);
        Assert.Equal("old-host", rows.HostNames[7]);
    }

    [Fact]
    public async Task A_big_batch_is_stored_like_a_small_one()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(18);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            var job = random.AddJob(changes);
            for (var i = 0; i < 4; i++)
            {
                random.AddLayer(changes, job, 5000);
            }

            changes.Table<RunRow>().Upserts.AddRange(Enumerable.Range(0, 3000).Select(_ => random.Rows.Row<RunRow>() with { End = RunEnd.None }));
            changes.EndedRuns.AddRange(Enumerable.Range(0, 3000).Select(_ => random.Rows.Row<RunRow>() with { End = RunEnd.Completed }));
            changes.Table<HostRow>().Upserts.AddRange(Enumerable.Range(0, 3000).Select(i => random.Rows.Row<HostRow>() with { Number = i }));
            changes.Table<HostRow>().Deletes.AddRange(Enumerable.Range(0, 3000).Select(_ => random.Rows.Id()));
            await CommitAsync(store, random, changes);
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task A_load_gives_what_any_change_sets_have_left()
    {
        // Not quiet: a failure prints the seed, and the seed is the case.
        for (var seed = 100; seed < 110; seed++)
        {
            await using var home = await CreateHomeAsync();
            var random = new RandomChanges(seed);
            var store = home.Open();
            await store.TakeOverAsync("first", default);
            for (var i = random.Rows.Random.Next(1, 15); i > 0; i--)
            {
                await CommitAsync(store, random, random.Next());
                if (random.Rows.Random.Next(4) == 0)
                {
                    await store.DisposeAsync();
                    store = home.Open();
                    random.Stored.AssertEqual(await store.TakeOverAsync($"seed {seed}", default));
                }
            }

            await store.DisposeAsync();
            await AssertLoadsAsync(home, random);
        }
    }

    /// <summary>Commits, and notes what must be stored.</summary>
    private protected static async Task CommitAsync(IFarmStore store, RandomChanges random, ChangeSet changes)
    {
        await store.CommitAsync(changes, default);
        random.Keep(changes);
    }

    /// <summary>Opens the place anew and asserts that it holds what it must.</summary>
    private protected static async Task<FarmRows> AssertLoadsAsync(StoreHome home, RandomChanges random)
    {
        await using var store = home.Open();
        var rows = await store.TakeOverAsync("reader", default);
        random.Stored.AssertEqual(rows);
        return rows;
    }

    private static void AssertArchived(ArchivedJob expected, ArchivedJob actual)
    {
        Assert.Equal(expected.Job, actual.Job);
        Assert.Equal(expected.ArchivedAtMs, actual.ArchivedAtMs);
        Assert.Equal(expected.Layers.OrderBy(l => l.Layer.Id), actual.Layers.OrderBy(l => l.Layer.Id));
        Assert.Equal(actual.Layers.Select(l => l.Layer.DispatchOrder).Order(), actual.Layers.Select(l => l.Layer.DispatchOrder));
    }

    private static void AssertFrames(IReadOnlyList<FrameRow> expected, IReadOnlyList<FrameRow> actual) => Assert.Equal(expected, actual);
}
