using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Shows;

namespace OpenCue.Engine.Tests;

/// <summary>Start, restart, take-over, stop.</summary>
public sealed class LifeTests
{
    [Fact]
    public async Task A_new_farm_is_seeded_once()
    {
        var database = new MemoryDatabase();
        for (var i = 0; i < 2; i++)
        {
            await using var rig = new Rig(database);
            rig.Engine.StartByHand(rig.Parts with { Seed = edit => Rig.AddShow(edit, "seed") });
            Assert.Equal(EngineState.Running, rig.Engine.Status.State);
            Assert.Equal(1, rig.Store.Database.Read().Shows.Count(s => s.Name == "seed"));
            _ = rig.Add($"other{i}");
            rig.Run();
        }

        Assert.Equal(3, database.Read().Shows.Count);
    }

    [Fact]
    public async Task What_has_to_be_put_right_after_a_load_is_durable_before_anybody_is_served()
    {
        var database = new MemoryDatabase();
        await using (var first = new Rig(database).StartByHand())
        {
            _ = first.Add("unfinished");
            first.Run();
        }

        await using var rig = new Rig(database);
        rig.Engine.StartByHand(rig.Parts with { AfterLoad = edit => edit.Remove(edit.Farm.Shows.Find("unfinished")!) });

        Assert.Equal("", rig.Stored);
        Assert.Equal("", (await rig.Names()).Value);
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_numbers_and_the_engine_time_of_the_store()
    {
        var database = new MemoryDatabase();
        long before;
        await using (var first = new Rig(database).StartByHand())
        {
            first.Time.Advance(TimeSpan.FromHours(5));
            _ = first.Add("one");
            first.Run();
            before = first.Engine.Now.EngineMs;
        }

        await using var rig = new Rig(database).StartByHand();
        Assert.Equal(before, rig.Engine.Now.EngineMs);
        var time = rig.Do(edit => (edit.Sequence, edit.Now.EngineMs));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Run();

        Assert.Equal((2, before + 1000), await time);
        Assert.Equal("one", (await rig.Names()).Value);
    }

    [Fact]
    public async Task Engine_time_does_not_move_with_the_wall_clock()
    {
        await using var rig = new Rig().StartByHand();
        var before = rig.Engine.Now.EngineMs;

        rig.Time.SetWall(rig.Time.GetUtcNow().AddDays(-3));
        Assert.Equal(before, rig.Engine.Now.EngineMs);
        rig.Time.SetWall(rig.Time.GetUtcNow().AddDays(30));
        Assert.Equal(before, rig.Engine.Now.EngineMs);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(before + 2000, rig.Engine.Now.EngineMs);
    }

    [Fact]
    public async Task Before_the_farm_is_there_completions_and_reports_are_held_and_the_rest_is_refused()
    {
        await using var rig = new Rig();

        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Add("early"));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Names());
        var completion = rig.Add("completion", CommandClass.Completion);
        rig.Engine.Report(new ReportKey("h"), ReportKind.State, Actor.Maintenance, edit => Rig.AddShow(edit, "report"));
        rig.StartByHand().Run();

        await completion;
        Assert.Equal("completion,report", rig.Stored);
    }

    [Fact]
    public async Task An_engine_that_never_starts_tells_who_waits()
    {
        var rig = new Rig();
        var completion = rig.Add("completion", CommandClass.Completion);

        await rig.DisposeAsync();

        await Assert.ThrowsAsync<EngineUnavailableException>(() => completion);
    }

    [Fact]
    public async Task A_store_that_can_not_be_opened_ends_the_start_with_its_own_words()
    {
        await using var rig = new Rig();
        rig.Store.OnTakeOver = () => new StoreUnavailableException("no such directory");

        var error = Assert.Throws<StoreUnavailableException>(() => rig.StartByHand());

        Assert.Equal("no such directory", error.Message);
        Assert.Equal(EngineState.Stopped, rig.Engine.Status.State);
    }

    [Fact]
    public async Task A_seed_that_fails_ends_the_start()
    {
        await using var rig = new Rig();

        Assert.Throws<CommandFailedException>(() => rig.Engine.StartByHand(rig.Parts with { Seed = _ => throw new InvalidOperationException("no seed") }));
        Assert.Equal(EngineState.Faulted, rig.Engine.Status.State);
        Assert.Equal(0, rig.Store.Database.Batch);
    }

    [Fact]
    public async Task A_deposed_engine_stands_by_and_answers_nobody_with_yes()
    {
        var database = new MemoryDatabase();
        await using var old = new Rig(database).StartByHand();
        _ = old.Add("one");
        old.Run();
        await using var heir = new Rig(database).StartByHand();

        var lost = old.Add("lost");
        var behind = old.Add("behind", CommandClass.Completion);
        old.Run();

        Assert.Equal(EngineState.Standby, (await Assert.ThrowsAsync<EngineUnavailableException>(() => lost)).State);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => behind);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => old.Names());
        await Assert.ThrowsAsync<EngineUnavailableException>(() => old.Add("later"));
        Assert.Equal(["one"], old.Sent.Select(e => e.Reason));
        Assert.Equal("one", (await heir.Names()).Value);
        Assert.Equal("one", heir.Stored);
    }

    [Fact]
    public async Task A_deposed_engine_can_take_over_again()
    {
        var database = new MemoryDatabase();
        await using var old = new Rig(database).StartByHand();
        await using var heir = new Rig(database).StartByHand();
        _ = old.Add("lost");
        old.Run();
        _ = heir.Add("heir");
        heir.Run();

        old.StartByHand();
        _ = old.Add("old");
        old.Run();

        Assert.Equal("heir,old", (await old.Names()).Value);
        Assert.Equal("heir,old", old.Stored);
    }

    [Fact]
    public async Task Stopping_finishes_what_was_accepted_and_takes_no_more()
    {
        await using var rig = new Rig().StartByHand();
        var accepted = Enumerable.Range(0, 10).Select(i => rig.Add($"s{i}")).ToList();

        await rig.Engine.StopAsync(CancellationToken.None);

        await Task.WhenAll(accepted);
        Assert.Equal(10, rig.Store.Database.Read().Shows.Count);
        Assert.Equal(EngineState.Stopped, rig.Engine.Status.State);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Add("late"));
    }

    [Fact]
    public async Task While_stopping_queries_are_answered()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        _ = rig.Add("one");
        rig.Run();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        var two = rig.Add("two");
        await rig.Engine.StopAsync(CancellationToken.None);

        var seen = rig.Names();
        stall.SetResult();
        rig.Run();

        Assert.Equal("one,two", (await seen).Value);
        await two;
        Assert.Equal(EngineState.Stopped, rig.Engine.Status.State);
    }

    [Fact]
    public async Task An_engine_that_is_disposed_tells_who_waits_that_nobody_knows()
    {
        var rig = new Rig().StartByHand();
        rig.Store.OnCommit = _ => StoreFault.Stall(new TaskCompletionSource().Task);
        var sent = rig.Add("sent");
        rig.Run();
        var waiting = rig.Add("waiting");

        await rig.DisposeAsync();

        Assert.True((await Assert.ThrowsAsync<EngineUnavailableException>(() => sent)).OutcomeUnknown);
        Assert.False((await Assert.ThrowsAsync<EngineUnavailableException>(() => waiting)).OutcomeUnknown);
    }

    [Fact]
    public async Task A_damaged_model_is_dropped_and_loaded_again_and_only_the_culprit_fails()
    {
        await using var rig = new Rig().StartByHand();
        _ = rig.Add("old");
        rig.Run();
        var before = rig.Add("before");

        // Two shows of one name: the second fails in the middle of its attaching, which nothing can undo.
        var culprit = rig.Do<int>(edit =>
        {
            edit.Add(new Show(new ShowRow { Id = edit.NewId(), Name = "old" }));
            return 0;
        });
        var behind = rig.Add("behind");
        rig.Run();
        rig.Run();

        await Assert.ThrowsAsync<CommandFailedException>(() => culprit);
        await before;
        await behind;
        Assert.Equal("before,behind,old", rig.Stored);
        Assert.Equal("before,behind,old", (await rig.Names()).Value);
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
        Assert.Equal(2, rig.Effects.Count(b => b.Resync));
    }

    [Fact]
    public async Task A_model_damaged_while_a_batch_is_in_doubt_is_loaded_with_that_batch()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        var first = rig.Add("first");
        rig.Run();
        var culprit = rig.Do<int>(edit =>
        {
            edit.Add(new Show(new ShowRow { Id = edit.NewId(), Name = "first" }));
            return 0;
        });
        rig.Run();
        await Assert.ThrowsAsync<CommandFailedException>(() => culprit);
        Assert.Equal(EngineState.Loading, rig.Engine.Status.State);

        // While it loads, completions and reports are taken in; the rest is refused.
        var completion = rig.Add("completion", CommandClass.Completion);
        rig.Engine.Report(new ReportKey("host"), ReportKind.State, Actor.Maintenance, edit => Rig.AddShow(edit, "report"));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Add("action"));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Names());
        rig.Run();

        rig.Store.OnCommit = null;
        stall.SetResult();
        rig.Run();
        rig.Run();

        await first;
        await completion;
        Assert.Equal("completion,first,report", (await rig.Names()).Value);
    }

    [Fact]
    public async Task A_farm_found_wrong_by_the_check_is_never_stored()
    {
        await using var rig = new Rig();
        rig.Engine.StartByHand(rig.Parts with
        {
            Check = farm =>
            {
                if (farm.Shows.Find("wrong") is not null)
                {
                    throw new InvalidDataException("a wrong show");
                }
            },
        });
        _ = rig.Add("right");
        rig.Run();

        var wrong = rig.Add("wrong");
        Assert.Throws<InvalidDataException>(() => rig.Run());

        Assert.Equal(EngineState.Faulted, (await Assert.ThrowsAsync<EngineUnavailableException>(() => wrong)).State);
        Assert.Equal("right", rig.Stored);
    }
}
