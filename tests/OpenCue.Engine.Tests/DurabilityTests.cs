using OpenCue.Engine.Storing;
using OpenCue.Farm;

namespace OpenCue.Engine.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Nobody_hears_of_a_batch_before_it_is_durable()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);

        var added = rig.Add("one");
        rig.Run();
        var seen = rig.Names();
        rig.Run();
        Assert.False(added.IsCompleted);
        Assert.False(seen.IsCompleted);
        Assert.Empty(rig.Sent);
        Assert.DoesNotContain(rig.Events, b => b.Events.Count > 0);

        stall.SetResult();
        rig.Run();
        await added;
        Assert.Equal("one", (await seen).Value);
        Assert.Equal(["one"], rig.Sent.Select(e => e.Reason));
        Assert.Contains(rig.Events, b => b.Events.Count > 0);
    }

    [Fact]
    public async Task A_refusal_waits_for_what_it_tells_of()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);

        _ = rig.Add("one");
        rig.Run();
        var second = rig.Add("one");
        rig.Run();
        Assert.False(second.IsCompleted);

        stall.SetResult();
        rig.Run();
        await Assert.ThrowsAsync<FarmException>(() => second);
    }

    [Fact]
    public async Task A_query_that_fails_waits_for_what_it_saw()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        _ = rig.Add("one");
        rig.Run();

        var failing = rig.Engine.QueryAsync<int>(_ => throw FarmException.NotFound("one is there, but two is not"), CancellationToken.None);
        Assert.False(failing.IsCompleted);

        stall.SetResult();
        rig.Run();
        await Assert.ThrowsAsync<FarmException>(() => failing);
    }

    [Fact]
    public async Task What_is_applied_during_a_commit_becomes_one_batch_behind_it()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        var committed = new List<int>();
        rig.Store.OnCommit = changes =>
        {
            committed.Add(changes.Table<Farm.Shows.ShowRow>().Upserts.Count);
            return committed.Count == 1 ? StoreFault.Stall(stall.Task) : null;
        };

        _ = rig.Add("first");
        rig.Run();
        for (var i = 0; i < 10; i++)
        {
            _ = rig.Add($"s{i}");
            rig.Run();
        }

        stall.SetResult();
        rig.Run();
        Assert.Equal([1, 10], committed);
    }

    [Fact]
    public async Task Batches_are_numbered_without_gaps_whatever_happens()
    {
        await using var rig = new Rig(options: o => o with { RetryFirst = TimeSpan.FromMilliseconds(1), RetryLongest = TimeSpan.FromMilliseconds(1) })
            .StartByHand();
        var sequences = new List<long>();
        var turn = 0;
        rig.Store.OnCommit = changes =>
        {
            sequences.Add(changes.Sequence);
            return (turn++ % 5) switch
            {
                0 => StoreFault.UnknownOutcome,
                1 => StoreFault.Unavailable,
                2 => StoreFault.Refuses("show", "row"),
                _ => null,
            };
        };

        for (var i = 0; i < 50; i++)
        {
            _ = rig.Add($"s{i}");
            rig.Time.Advance(TimeSpan.FromMilliseconds(5));
            rig.Engine.RunBatch();
        }

        rig.Store.OnCommit = null;
        rig.Time.Advance(TimeSpan.FromMilliseconds(5));
        rig.Run();
        Assert.All(sequences.Zip(sequences.Skip(1)), pair => Assert.InRange(pair.Second, pair.First, pair.First + 1));
        Assert.Equal(rig.Engine.Status.DurableSequence, rig.Store.Database.Batch);
        Assert.Equal(rig.Stored, (await rig.Names()).Value);
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_unknown_is_sent_again_as_it_was()
    {
        await using var rig = new Rig().StartByHand();
        var sent = new List<object>();
        rig.Store.OnCommit = changes =>
        {
            sent.Add(changes);
            return sent.Count == 1 ? StoreFault.UnknownOutcome : null;
        };

        var added = rig.Add("one");
        rig.Run();
        rig.Run();

        await added;
        Assert.Equal(2, sent.Count);
        Assert.Same(sent[0], sent[1]);
        Assert.Equal("one", rig.Stored);
        Assert.Equal(["one"], rig.Sent.Select(e => e.Reason));
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
    }

    [Fact]
    public async Task A_command_that_changes_nothing_is_answered_without_a_commit()
    {
        await using var rig = new Rig().StartByHand();

        var answer = rig.Do(edit => edit.Farm.Shows.Count);
        rig.Run();

        Assert.Equal(0, await answer);
        Assert.Equal(0, rig.Store.Database.Batch);
    }

    [Fact]
    public async Task A_command_that_changes_nothing_waits_for_what_it_saw()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        _ = rig.Add("one");
        rig.Run();

        var answer = rig.Do(edit => edit.Farm.Shows.Count);
        rig.Run();
        Assert.False(answer.IsCompleted);

        stall.SetResult();
        rig.Run();
        Assert.Equal(1, await answer);
        Assert.Equal(1, rig.Store.Database.Batch);
    }

    [Fact]
    public async Task Effects_come_in_order_with_the_numbers_of_their_batches()
    {
        await using var rig = new Rig().StartByHand();
        for (var i = 0; i < 5; i++)
        {
            _ = rig.Add($"s{i}");
            rig.Run();
        }

        Assert.Equal(["s0", "s1", "s2", "s3", "s4"], rig.Sent.Select(e => e.Reason));
        Assert.Equal([1, 2, 3, 4, 5], rig.Effects.Where(b => b.Effects.Count > 0).Select(b => b.Sequence));
    }

    [Fact]
    public async Task After_a_load_sinks_are_told_to_find_out_by_themselves()
    {
        await using var rig = new Rig().StartByHand();
        rig.Run();

        Assert.True(rig.Effects.Single().Resync);
        Assert.True(rig.Events.Single().Gap);
    }
}
