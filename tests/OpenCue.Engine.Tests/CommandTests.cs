using OpenCue.Engine.Storing;
using OpenCue.Farm;

namespace OpenCue.Engine.Tests;

public sealed class CommandTests
{
    [Fact]
    public async Task A_command_is_answered_with_its_result_once_it_is_stored()
    {
        await using var rig = new Rig().StartByHand();

        var added = rig.Add("bigshow");
        Assert.False(added.IsCompleted);
        rig.Run();

        Assert.Equal(rig.Store.Database.Read().Shows.Single().Id, await added);
    }

    [Fact]
    public async Task A_refused_command_leaves_no_trace()
    {
        await using var rig = new Rig().StartByHand();
        _ = rig.Add("one");
        rig.Run();
        var batch = rig.Store.Database.Batch;

        var refused = rig.Do<int>(edit =>
        {
            Rig.AddShow(edit, "half");
            var one = edit.Farm.Shows.Find("one")!;
            edit.Set(one, one.Row with { Name = "renamed" });
            throw FarmException.Precondition("Not today.");
        });
        rig.Run();

        Assert.Equal("Not today.", (await Assert.ThrowsAsync<FarmException>(() => refused)).Message);
        Assert.Equal("one", (await rig.Names()).Value);
        Assert.Equal(batch, rig.Store.Database.Batch);
        Assert.Equal(["one"], rig.Sent.Select(e => e.Reason));
    }

    [Fact]
    public async Task A_command_that_fails_by_a_defect_leaves_no_trace_and_says_so()
    {
        await using var rig = new Rig().StartByHand();

        var failed = rig.Do<int>(
            edit =>
            {
                Rig.AddShow(edit, "half");
                throw new InvalidCastException("oops");
            },
            name: "Breaking");
        var good = rig.Add("good");
        rig.Run();

        var error = await Assert.ThrowsAsync<CommandFailedException>(() => failed);
        Assert.Contains("Breaking", error.Message);
        Assert.IsType<InvalidCastException>(error.InnerException);
        Assert.Contains(rig.Log.Lines, l => l.Text.Contains("Breaking"));
        await good;
        Assert.Equal("good", rig.Stored);
    }

    [Fact]
    public async Task Commands_are_applied_by_class_and_in_order_of_arrival_within_it()
    {
        await using var rig = new Rig().StartByHand();
        var applied = new List<string>();
        Task Put(string text, CommandClass commandClass) => rig.Do(
            _ =>
            {
                applied.Add(text);
                return 0;
            },
            commandClass);
        _ = Put("internal", CommandClass.Internal);
        _ = Put("report", CommandClass.Report);
        _ = Put("action 1", CommandClass.UserAction);
        _ = Put("action 2", CommandClass.UserAction);
        _ = Put("completion", CommandClass.Completion);
        rig.Run();

        Assert.Equal(["completion", "action 1", "action 2", "report", "internal"], applied);
    }

    [Theory]
    [InlineData(CommandClass.Completion)]
    [InlineData(CommandClass.UserAction)]
    [InlineData(CommandClass.Report)]
    public async Task A_flood_of_one_class_does_not_stop_the_others(CommandClass flood)
    {
        await using var rig = new Rig(options: o => o with { TurnCommands = 40 }).StartByHand();
        var applied = new List<CommandClass>();
        foreach (var commandClass in Enum.GetValues<CommandClass>())
        {
            for (var i = 0; i < (commandClass == flood ? 1000 : 2); i++)
            {
                _ = rig.Do(
                    _ =>
                    {
                        applied.Add(commandClass);
                        return 0;
                    },
                    commandClass);
            }
        }

        rig.Engine.RunBatch();

        Assert.All(Enum.GetValues<CommandClass>(), c => Assert.Contains(c, applied));
        Assert.True(applied.Count <= 40);
    }

    [Fact]
    public async Task Too_many_user_actions_are_refused_and_completions_are_not()
    {
        await using var rig = new Rig(options: o => o with { UserActionsWaiting = 3 }).StartByHand();
        var actions = Enumerable.Range(0, 4).Select(i => rig.Add($"a{i}")).ToArray();
        var completions = Enumerable.Range(0, 1000).Select(i => rig.Add($"c{i}", CommandClass.Completion)).ToArray();

        var refusal = await Assert.ThrowsAsync<FarmException>(() => actions[3]);
        Assert.Equal(Refusal.ResourceExhausted, refusal.Refusal);
        rig.Run();
        await Task.WhenAll(completions);
        Assert.Equal(1003, rig.Store.Database.Read().Shows.Count);
    }

    [Fact]
    public async Task A_command_whose_caller_gives_up_while_it_waits_is_never_applied()
    {
        await using var rig = new Rig().StartByHand();
        using var cancel = new CancellationTokenSource();

        var given = rig.Add("late", cancel: cancel.Token);
        var kept = rig.Add("kept");
        await cancel.CancelAsync();
        rig.Run();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await kept;
        Assert.Equal("kept", rig.Stored);
    }

    [Fact]
    public async Task A_command_whose_caller_gives_up_after_it_was_applied_stands()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        using var cancel = new CancellationTokenSource();

        var given = rig.Add("applied", cancel: cancel.Token);
        rig.Engine.RunBatch();
        await cancel.CancelAsync();
        stall.SetResult();
        rig.Run();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal("applied", rig.Stored);
    }

    [Fact]
    public async Task Actions_whose_callers_have_gone_do_not_keep_others_out()
    {
        await using var rig = new Rig(options: o => o with { UserActionsWaiting = 2 }).StartByHand();
        for (var i = 0; i < 500; i++)
        {
            using var cancel = new CancellationTokenSource();
            _ = rig.Add($"gone{i}", cancel: cancel.Token);
            await cancel.CancelAsync();
        }

        var last = rig.Add("last");
        Assert.Equal(1, rig.Engine.Waiting(CommandClass.UserAction));
        rig.Run();

        await last;
        Assert.Equal("last", rig.Stored);
    }

    [Fact]
    public async Task A_cancelled_token_is_not_even_queued()
    {
        await using var rig = new Rig().StartByHand();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Add("never", cancel: new CancellationToken(true)));
        Assert.Equal(0, rig.Engine.Waiting(CommandClass.UserAction));
    }

    [Fact]
    public async Task Each_command_has_the_actor_and_the_time_of_its_own()
    {
        await using var rig = new Rig().StartByHand();
        var ada = new Actor(ActorKind.User, "ada");

        var seen = rig.Engine.ExecuteAsync(CommandClass.UserAction, ada, edit => (edit.Actor, edit.Now.WallMs), CancellationToken.None);
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        rig.Run();

        Assert.Equal((ada, rig.Time.GetUtcNow().ToUnixTimeMilliseconds()), await seen);
    }

    [Fact]
    public async Task A_batch_that_is_full_waits_for_the_store()
    {
        await using var rig = new Rig(options: o => o with { BatchCommands = 5 }).StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        for (var i = 0; i < 100; i++)
        {
            _ = rig.Add($"s{i:00}");
        }

        rig.Run();
        Assert.Equal(90, rig.Engine.Waiting(CommandClass.UserAction));

        rig.Store.OnCommit = null;
        stall.SetResult();
        rig.Run();
        Assert.Equal(100, rig.Store.Database.Read().Shows.Count);
    }
}
