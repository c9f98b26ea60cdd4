using Microsoft.Extensions.Logging;
using OpenCue.Engine.Storing;
using OpenCue.Farm;

namespace OpenCue.Engine.Tests;

public sealed class QueryTests
{
    [Fact]
    public async Task A_query_says_which_batch_it_saw()
    {
        await using var rig = new Rig().StartByHand();
        _ = rig.Add("one");
        rig.Run();
        _ = rig.Add("two");
        rig.Run();

        var seen = await rig.Names();

        Assert.Equal(("one,two", 2, false), (seen.Value, seen.Sequence, seen.Stale));
    }

    [Fact]
    public async Task A_query_of_what_is_durable_does_not_wait_for_a_commit_that_it_did_not_see()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        var waiting = rig.Add("not applied yet");

        Assert.Equal("", (await rig.Names()).Value);
        Assert.False(waiting.IsCompleted);
        stall.SetResult();
    }

    [Fact]
    public async Task A_query_whose_caller_gives_up_ends()
    {
        await using var rig = new Rig().StartByHand();
        rig.Store.OnCommit = _ => StoreFault.Stall(new TaskCompletionSource().Task);
        _ = rig.Add("one");
        rig.Run();
        using var cancel = new CancellationTokenSource();

        var seen = rig.Engine.QueryAsync(Rig.NamesOf, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => seen);
    }

    [Fact]
    public async Task A_query_that_holds_the_farm_for_too_long_is_logged_by_name_once_a_minute()
    {
        await using var rig = new Rig().StartByHand();
        for (var i = 0; i < 10; i++)
        {
            await rig.Engine.QueryAsync(
                farm =>
                {
                    rig.Time.Advance(TimeSpan.FromMilliseconds(60));
                    return farm.Shows.Count;
                },
                CancellationToken.None,
                "GetEverything");
        }

        var warning = Assert.Single(rig.Log.Lines, l => l.Level == LogLevel.Warning);
        Assert.Contains("GetEverything", warning.Text);
        Assert.Contains("60.0 ms", warning.Text);
    }

    [Fact]
    public async Task A_long_list_is_read_in_slices()
    {
        await using var rig = new Rig().StartByHand();
        for (var i = 0; i < 20; i++)
        {
            _ = rig.Add($"s{i:00}");
        }

        rig.Run();
        var list = await rig.Engine.QueryListAsync<EntityId, string>(
            farm => [.. farm.Shows.All.OrderBy(s => s.Row.Name, StringComparer.Ordinal).Select(s => s.Id)],
            (farm, id, names) =>
            {
                rig.Time.Advance(TimeSpan.FromMilliseconds(0.4));
                if (farm.Shows.Find(id) is { } show)
                {
                    names.Add(show.Row.Name);
                }
            },
            CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"s{i:00}"), list.Value);
        Assert.DoesNotContain(rig.Log.Lines, l => l.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_list_waits_for_the_newest_batch_that_one_of_its_slices_saw()
    {
        await using var rig = new Rig().StartByHand();
        _ = rig.Add("one");
        rig.Run();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);

        _ = rig.Add("two");
        rig.Run();
        var list = rig.Engine.QueryListAsync<int, string>(_ => [0, 1], (farm, _, all) => all.Add(Rig.NamesOf(farm)), CancellationToken.None);
        Assert.False(list.IsCompleted);

        stall.SetResult();
        rig.Run();
        Assert.Equal(["one,two", "one,two"], (await list).Value);
        Assert.Equal(2, (await list).Sequence);
    }

    [Fact]
    public async Task A_list_that_saw_what_was_taken_back_is_read_again()
    {
        await using var rig = new Rig().StartByHand();
        rig.Store.OnCommit = _ => StoreFault.Refuses("show", "one");
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Refuses("show", "one") with { Until = stall.Task };
        _ = rig.Add("one");
        rig.Run();

        var list = rig.Engine.QueryListAsync<int, string>(_ => [0], (farm, _, all) => all.Add(Rig.NamesOf(farm)), CancellationToken.None);
        stall.SetResult();
        rig.Run();

        Assert.Equal([""], (await list).Value);
    }

    [Fact]
    public async Task An_error_in_a_list_reaches_the_caller()
    {
        await using var rig = new Rig().StartByHand();

        await Assert.ThrowsAsync<FarmException>(() => rig.Engine.QueryListAsync<int, string>(
            _ => [0, 1], (_, key, _) => throw FarmException.NotFound($"No {key}."), CancellationToken.None));
    }
}
