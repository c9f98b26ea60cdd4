using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Shows;
using OpenCue.Storage.Tables;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests.Contract;

/// <summary>What every store does, the one in memory too.</summary>
public abstract partial class StoreContract
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
    public async Task Columns_that_hold_nothing_in_all_rows_replace_what_was_there()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(19);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var full = random.Empty();
            var job = random.Rows.Row<JobRow>() with { Paused = true, Email = "jane@example.org", Shot = "s1" };
            full.Table<JobRow>().Upserts.Add(job);
            var layer = random.AddLayer(full, job, 100);
            await CommitAsync(store, random, full);
            for (var i = 0; i < 12; i++)
            {
                // Twelve mixtures of columns that hold something and columns that don't: more than there are forms of a statement.
                var changes = random.Empty();
                changes.Table<JobRow>().Upserts.Add(job with
                {
                    Paused = i % 2 == 0,
                    Email = i % 3 == 0 ? null : "joe@example.org",
                    Shot = i % 4 == 0 ? "" : "s2",
                    Priority = i % 5 == 0 ? 0 : i,
                    Uid = i % 6 == 0 ? null : 7,
                });
                var count = i % 3 == 0 ? 100 : 3;
                changes.Frames.AddRange(Enumerable.Range(0, count).Select(f => new FrameRow(layer.Id, f, Frame.New(i % 2, i) with { Gpus = i % 4, GpuSeconds = f % (1 + (i % 3)) })));
                await CommitAsync(store, random, changes);
                var nothing = random.Empty();
                nothing.Frames.AddRange(Enumerable.Range(0, count).Select(f => new FrameRow(layer.Id, f, default)));
                await CommitAsync(store, random, nothing);
            }
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task Frames_at_rest_are_left_by_a_load_and_read_when_they_are_asked_for()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(18);
        LayerRow resting, moving, empty;
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            var job = random.Rows.Row<JobRow>();
            changes.Table<JobRow>().Upserts.Add(job);
            (resting, moving, empty) = (random.AddLayer(changes, job, 4500), random.AddLayer(changes, job, 3), random.AddLayer(changes, job, 0));
            await CommitAsync(store, random, changes);
            var rest = random.Empty();
            rest.Table<FramesAtRestRow>().Upserts.AddRange([new(resting.Id, 1, 4490, 2, 3, 4), new(empty.Id, 0, 0, 0, 0, 0)]);
            await CommitAsync(store, random, rest);
        }

        await using var second = home.Open();
        var rows = await second.TakeOverAsync("second", default);
        Assert.Equal([moving.Id], rows.Frames.Keys);
        Assert.Equal(2, rows.FramesAtRest.Count);

        var gone = resting with { Id = random.Rows.Id() };
        var frames = await second.ReadFramesAsync([resting, empty, gone], default);
        Assert.Equal(new[] { resting.Id, empty.Id }.Order(), frames.Keys.Order());
        Assert.Empty(frames[empty.Id]);
        var wanted = random.Stored.FramesOf(resting.Id);
        Assert.Equal(4500, wanted.Count);
        Assert.All(frames[resting.Id].Zip(wanted), f => Assert.Equal(f.Second, f.First));

        // What moves again is loaded again.
        var awake = random.Empty();
        awake.Table<FramesAtRestRow>().Deletes.Add(resting.Id);
        await CommitAsync(second, random, awake);
        await home.LetGoAsync(second);
        await using var third = home.Open();
        Assert.Equal(4500, (await third.TakeOverAsync("third", default)).Frames[resting.Id].Length);
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
    public async Task A_new_frame_that_is_there_already_is_refused()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(26);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            var changes = random.Empty();
            var layer = random.AddLayer(changes, random.AddJob(changes), 3);
            await CommitAsync(store, random, changes);
            var twice = new ChangeSet(2, new FarmTime(1, 1));
            twice.NewFrames.Add(new FrameRow(layer.Id, 1, random.Rows.Frame()));

            var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.CommitAsync(twice, default));

            Assert.Equal("frame", exception.Table);
        }

        await AssertLoadsAsync(home, random);
    }

    [Fact]
    public async Task A_frame_of_a_job_that_is_gone_is_nobodys_loss()
    {
        await using var home = await CreateHomeAsync();
        var random = new RandomChanges(27);
        await using (var store = home.Open())
        {
            await store.TakeOverAsync("first", default);
            await CommitAsync(store, random, random.Next());
            var late = random.Empty();
            late.Frames.Add(new FrameRow(random.Rows.Id(), 0, random.Rows.Frame()));
            await store.CommitAsync(late, default);
            await CommitAsync(store, random, random.Next());
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

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    [InlineData(104)]
    [InlineData(105)]
    [InlineData(106)]
    [InlineData(107)]
    public async Task A_load_gives_what_any_change_sets_have_left(int seed)
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
                random.Stored.AssertEqual(await store.TakeOverAsync("another", default));
            }
        }

        await store.DisposeAsync();
        await AssertLoadsAsync(home, random);
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
}
