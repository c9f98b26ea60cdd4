using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests.Contract;

/// <summary>What stays of runs, jobs and hosts when they leave the model.</summary>
public abstract partial class StoreContract
{
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
                LayerId = layer.Id,
                JobId = job.Id,
                FrameOrdinal = i % 3,
                End = RunEnd.Completed,
                EndedAtMs = 100 + i / 2,
                HostId = i < 2 ? host : random.Rows.Id(),
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

    private static void AssertArchived(ArchivedJob expected, ArchivedJob actual)
    {
        Assert.Equal(expected.Job, actual.Job);
        Assert.Equal(expected.ArchivedAtMs, actual.ArchivedAtMs);
        Assert.Equal(expected.Layers.OrderBy(l => l.Layer.Id), actual.Layers.OrderBy(l => l.Layer.Id));
        Assert.Equal(actual.Layers.Select(l => l.Layer.DispatchOrder).Order(), actual.Layers.Select(l => l.Layer.DispatchOrder));
    }

    private static void AssertFrames(IReadOnlyList<FrameRow> expected, IReadOnlyList<FrameRow> actual) => Assert.Equal(expected, actual);
}
