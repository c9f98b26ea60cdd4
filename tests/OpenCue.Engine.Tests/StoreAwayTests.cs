using OpenCue.Engine.Storing;

namespace OpenCue.Engine.Tests;

/// <summary>The store is away: nothing is acknowledged, nothing undurable is shown, and it goes on by itself.</summary>
public sealed class StoreAwayTests
{
    private static Rig RigWithOneShow()
    {
        var rig = new Rig().StartByHand();
        _ = rig.Add("old");
        rig.Run();
        return rig;
    }

    /// <summary>Lets the next commits fail, and one command be caught in it.</summary>
    private static Task<Farm.EntityId> Lose(Rig rig, StoreFault fault, string name)
    {
        rig.Store.OnCommit = _ => fault;
        var lost = rig.Add(name);
        rig.Run();
        rig.Run();
        return lost;
    }

    private static void ComeBack(Rig rig)
    {
        rig.Store.OnCommit = null;
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        rig.Run();
        rig.Run();
    }

    [Fact]
    public async Task Queries_answer_from_the_last_durable_state_and_say_so()
    {
        await using var rig = RigWithOneShow();
        var caught = Lose(rig, StoreFault.Unavailable, "new");

        var seen = await rig.Names();

        Assert.Equal(("old", 1, true), (seen.Value, seen.Sequence, seen.Stale));
        Assert.Equal(EngineState.Unavailable, rig.Engine.Status.State);
        Assert.Contains("the store is away", rig.Engine.Status.Reason);
        Assert.False(caught.IsCompleted);
    }

    [Fact]
    public async Task It_goes_on_by_itself_and_everything_that_waited_is_done_once()
    {
        await using var rig = RigWithOneShow();
        var caught = Lose(rig, StoreFault.Unavailable, "caught");
        var waited = rig.Add("waited");
        rig.Run();
        Assert.Equal("old", rig.Stored);

        ComeBack(rig);

        await caught;
        await waited;
        Assert.Equal("caught,old,waited", rig.Stored);
        var seen = await rig.Names();
        Assert.Equal(("caught,old,waited", false), (seen.Value, seen.Stale));
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
        Assert.Null(rig.Engine.Status.Reason);
    }

    [Fact]
    public async Task A_batch_that_was_stored_before_the_connection_broke_is_in_the_model_afterwards()
    {
        await using var rig = RigWithOneShow();
        var caught = Lose(rig, StoreFault.UnknownOutcome, "stored");
        Assert.Equal("old,stored", rig.Stored);
        Assert.Equal("old", (await rig.Names()).Value);
        Assert.False(caught.IsCompleted);

        ComeBack(rig);

        await caught;
        Assert.Equal("old,stored", (await rig.Names()).Value);
        Assert.Equal(["old", "stored"], rig.Sent.Select(e => e.Reason));
        Assert.Equal(2, rig.Store.Database.Batch);
    }

    [Fact]
    public async Task Commands_behind_the_batch_in_doubt_are_taken_back_and_applied_anew()
    {
        await using var rig = RigWithOneShow();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => new StoreFault { Until = stall.Task, Before = StoreFault.Unavailable.Before };
        var first = rig.Add("first");
        rig.Run();
        var second = rig.Add("second");
        var duplicate = rig.Add("first");
        var seenBefore = rig.Names();
        rig.Run();
        rig.Store.OnCommit = _ => StoreFault.Unavailable;
        stall.SetResult();
        rig.Run();
        rig.Run();

        Assert.Equal("old", (await seenBefore).Value);
        ComeBack(rig);

        await first;
        await second;
        await Assert.ThrowsAsync<Farm.FarmException>(() => duplicate);
        Assert.Equal("first,old,second", rig.Stored);
        Assert.Equal("first,old,second", (await rig.Names()).Value);
    }

    [Fact]
    public async Task A_user_action_whose_deadline_passes_meanwhile_is_not_done_and_its_caller_is_told()
    {
        await using var rig = RigWithOneShow();
        using var deadline = new CancellationTokenSource();
        _ = Lose(rig, StoreFault.Unavailable, "caught");
        var waiting = rig.Add("waiting", cancel: deadline.Token);
        rig.Run();

        await deadline.CancelAsync();

        var error = await Assert.ThrowsAsync<EngineUnavailableException>(() => waiting);
        Assert.False(error.OutcomeUnknown);
        ComeBack(rig);
        Assert.Equal("caught,old", rig.Stored);
    }

    [Fact]
    public async Task A_user_action_that_was_applied_but_taken_back_is_not_done_after_its_deadline()
    {
        await using var rig = RigWithOneShow();
        using var deadline = new CancellationTokenSource();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        _ = rig.Add("first");
        rig.Run();
        var second = rig.Add("second", cancel: deadline.Token);
        rig.Run();
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        rig.Run();

        await deadline.CancelAsync();

        Assert.False((await Assert.ThrowsAsync<EngineUnavailableException>(() => second)).OutcomeUnknown);
        rig.Store.OnCommit = null;
        stall.SetResult();
        rig.Run();
        Assert.Equal("first,old", rig.Stored);
    }

    [Fact]
    public async Task A_user_action_in_the_batch_in_doubt_is_told_that_nobody_knows()
    {
        await using var rig = RigWithOneShow();
        using var deadline = new CancellationTokenSource();
        rig.Store.OnCommit = _ => StoreFault.UnknownOutcome;
        var caught = rig.Add("caught", cancel: deadline.Token);
        rig.Run();
        rig.Run();

        await deadline.CancelAsync();

        Assert.True((await Assert.ThrowsAsync<EngineUnavailableException>(() => caught)).OutcomeUnknown);
    }

    [Fact]
    public async Task A_store_that_stalls_counts_as_away()
    {
        await using var rig = RigWithOneShow();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        var caught = rig.Add("caught");
        rig.Run();
        var seen = rig.Names();
        rig.Time.Advance(TimeSpan.FromSeconds(4));
        rig.Run();
        Assert.False(seen.IsCompleted);

        rig.Time.Advance(TimeSpan.FromSeconds(2));
        rig.Run();

        Assert.Equal(("old", true), ((await seen).Value, (await seen).Stale));
        Assert.Equal(EngineState.Unavailable, rig.Engine.Status.State);
        stall.SetResult();
        rig.Run();
        await caught;
        Assert.Equal("caught,old", (await rig.Names()).Value);
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
    }

    [Fact]
    public async Task Retries_are_spaced()
    {
        await using var rig = RigWithOneShow();
        var attempts = 0;
        rig.Store.OnCommit = _ =>
        {
            attempts++;
            return StoreFault.Unavailable;
        };
        _ = rig.Add("caught");
        for (var ms = 0; ms < 60_000; ms += 10)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(10));
            rig.Engine.RunBatch();
        }

        // Two at once, then after 50, 100, 200 ... and every 2 s.
        Assert.InRange(attempts, 30, 40);
    }

    [Fact]
    public async Task Completions_and_reports_are_taken_in_meanwhile()
    {
        await using var rig = RigWithOneShow();
        _ = Lose(rig, StoreFault.Unavailable, "caught");

        var completion = rig.Add("completion", CommandClass.Completion);
        rig.Engine.Report(new ReportKey("host"), ReportKind.State, Farm.Actor.Maintenance, edit => Rig.AddShow(edit, "report"));
        rig.Run();
        Assert.False(completion.IsCompleted);

        ComeBack(rig);
        await completion;
        Assert.Equal("caught,completion,old,report", rig.Stored);
    }

    [Fact]
    public async Task An_exception_that_no_store_should_throw_is_handled_like_a_broken_connection()
    {
        await using var rig = RigWithOneShow();
        _ = Lose(rig, new StoreFault { Before = new InvalidOperationException("a defect") }, "caught");
        Assert.Equal(EngineState.Unavailable, rig.Engine.Status.State);

        ComeBack(rig);
        Assert.Equal("caught,old", rig.Stored);
    }
}
