using OpenCue.Engine.Storing;

namespace OpenCue.Engine.Tests;

/// <summary>The engine on its own thread, with many callers.</summary>
public sealed class ThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Commands_of_many_callers_are_all_done_once_and_queries_see_only_what_is_durable()
    {
        await using var rig = await new Rig(time: TimeProvider.System).StartAsync();
        using var stop = new CancellationTokenSource();
        var answered = 0;
        var queries = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (last, count) = (0L, 0);
            while (!stop.IsCancellationRequested)
            {
                var seen = await rig.Engine.QueryAsync(farm => farm.Shows.Count, CancellationToken.None);
                Assert.True(seen.Value <= rig.Store.Database.Read().Shows.Count);
                Assert.True(seen.Sequence >= last && seen.Sequence <= rig.Store.Database.Batch);
                (last, count) = (seen.Sequence, count + 1);
            }

            return count;
        })).ToList();
        var callers = Enumerable.Range(0, 8).Select(c => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var id = await rig.Add($"{c}-{i}", (CommandClass)(i % 4));
                Assert.Contains(rig.Store.Database.Read().Shows, s => s.Id == id);
                Interlocked.Increment(ref answered);
            }
        })).ToList();

        await Task.WhenAll(callers).WaitAsync(Patience);
        await stop.CancelAsync();

        Assert.Equal(800, answered);
        Assert.Equal(800, rig.Store.Database.Read().Shows.Count);
        Assert.All(await Task.WhenAll(queries), count => Assert.True(count > 0));
        await rig.Engine.StopAsync(CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(800, rig.Sent.Select(e => e.Subject).Distinct().Count());
        Assert.Equal(800, rig.Sent.Count());
        Assert.Equal(rig.Effects.Select(b => b.Sequence).Order(), rig.Effects.Select(b => b.Sequence));
    }

    [Fact]
    public async Task Readers_that_never_pause_do_not_stop_the_writer()
    {
        await using var rig = await new Rig(time: TimeProvider.System).StartAsync();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await rig.Names();
            }
        })).ToList();

        for (var i = 0; i < 100; i++)
        {
            await rig.Add($"s{i}").WaitAsync(Patience);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_writer_that_never_pauses_does_not_stop_readers()
    {
        await using var rig = new Rig(time: TimeProvider.System);
        rig.Steps.Add(new TestStep((_, slice) =>
        {
            while (!slice.IsOver)
            {
            }

            return StepResult.More;
        }));
        await rig.StartAsync();

        for (var i = 0; i < 50; i++)
        {
            await rig.Names().WaitAsync(Patience);
            await rig.Add($"s{i}").WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task It_goes_on_after_the_store_was_away_under_load()
    {
        await using var rig = await new Rig(
            options: o => o with
            {
                RetryFirst = TimeSpan.FromMilliseconds(1),
                RetryLongest = TimeSpan.FromMilliseconds(5),
                StallAfter = TimeSpan.FromMilliseconds(5),
            },
            time: TimeProvider.System).StartAsync();
        var random = new Random(1);
        rig.Store.OnCommit = _ =>
        {
            lock (random)
            {
                return random.Next(6) switch
                {
                    0 => StoreFault.Unavailable,
                    1 => StoreFault.UnknownOutcome,
                    2 => StoreFault.Stall(Task.Delay(random.Next(12))),
                    _ => null,
                };
            }
        };
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(c => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await rig.Add($"{c}-{i}");
                Assert.Contains($"{c}-{i}", (await rig.Names()).Value.Split(','));
            }

            return 100;
        }))).WaitAsync(Patience);

        Assert.Equal(800, added.Sum());
        await rig.Engine.WaitForAsync(s => s.State == EngineState.Running, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(rig.Stored, (await rig.Names()).Value);
        await rig.Engine.StopAsync(CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(800, rig.Sent.Select(e => e.Subject).Distinct().Count());
        Assert.Equal(rig.Effects.Select(b => b.Sequence).Order(), rig.Effects.Select(b => b.Sequence));
    }

    [Fact]
    public async Task Stopping_finishes_what_was_accepted_and_lets_the_sinks_finish()
    {
        await using var rig = await new Rig(time: TimeProvider.System).StartAsync();
        var accepted = Enumerable.Range(0, 1000).Select(i => rig.Add($"s{i}")).ToList();

        await rig.Engine.StopAsync(CancellationToken.None).WaitAsync(Patience);

        await Task.WhenAll(accepted);
        Assert.Equal(1000, rig.Store.Database.Read().Shows.Count);
        Assert.Equal(1000, rig.Sent.Count());
        await rig.Engine.Completion;
    }

    [Fact]
    public async Task Stopping_while_the_store_is_away_ends_when_it_is_told_to_give_up()
    {
        await using var rig = await new Rig(time: TimeProvider.System).StartAsync();
        rig.Store.OnCommit = _ => StoreFault.Stall(new TaskCompletionSource().Task);
        var sent = rig.Add("sent");
        using var giveUp = new CancellationTokenSource();

        var stopped = rig.Engine.StopAsync(giveUp.Token);
        await Task.Yield();
        Assert.False(stopped.IsCompleted);
        await giveUp.CancelAsync();

        await stopped.WaitAsync(Patience);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => sent);
        Assert.Equal("", rig.Stored);
    }

    [Fact]
    public async Task Being_deposed_ends_the_engine_with_an_error()
    {
        var database = new MemoryDatabase();
        await using var old = await new Rig(database, time: TimeProvider.System).StartAsync();
        await using var heir = await new Rig(database, time: TimeProvider.System).StartAsync();

        await Assert.ThrowsAsync<EngineUnavailableException>(() => old.Add("lost"));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => old.Engine.Completion.WaitAsync(Patience));
        Assert.Equal(EngineState.Standby, old.Engine.Status.State);
        await heir.Add("heir");
    }

    [Fact]
    public async Task A_start_that_is_given_up_leaves_nothing_running()
    {
        await using var rig = new Rig(time: TimeProvider.System);
        rig.Store.OnCommit = _ => StoreFault.Unavailable;
        using var cancel = new CancellationTokenSource();

        var start = rig.Engine.StartAsync(rig.Parts with { Seed = edit => Rig.AddShow(edit, "seed") }, cancel.Token);
        await rig.Engine.WaitForAsync(s => s.State == EngineState.Unavailable, CancellationToken.None).WaitAsync(Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Equal(EngineState.Stopped, rig.Engine.Status.State);
    }

    [Fact]
    public async Task A_defect_in_the_writer_ends_the_engine_and_tells_everybody()
    {
        await using var rig = new Rig(time: TimeProvider.System);
        await rig.Engine.StartAsync(
            rig.Parts with { Check = farm => _ = farm.Shows.Find("wrong") is null ? 0 : throw new InvalidDataException("wrong") },
            CancellationToken.None);

        var wrong = rig.Add("wrong");

        await Assert.ThrowsAsync<EngineUnavailableException>(() => wrong.WaitAsync(Patience));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => rig.Engine.Completion.WaitAsync(Patience));
        Assert.Equal(EngineState.Faulted, rig.Engine.Status.State);
    }
}
