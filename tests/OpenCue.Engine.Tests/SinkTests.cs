namespace OpenCue.Engine.Tests;

public sealed class SinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_slow_sink_holds_up_nobody_and_is_told_to_find_out_when_too_much_was_dropped()
    {
        await using var rig = new Rig(options: o => o with { SinkBacklog = 10 }, time: TimeProvider.System);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.OnEffects = batch =>
        {
            if (batch.Resync)
            {
                return ValueTask.CompletedTask;
            }

            reached.TrySetResult();
            return new ValueTask(hold.Task);
        };
        await rig.StartAsync();
        await rig.Add("first");
        await reached.Task.WaitAsync(Patience);

        for (var i = 0; i < 50; i++)
        {
            await rig.Add($"s{i}").WaitAsync(Patience);
        }

        hold.SetResult();
        await rig.Add("last");
        await rig.Engine.StopAsync(CancellationToken.None).WaitAsync(Patience);
        var batches = rig.Effects.SkipWhile(b => b.Effects.Count == 0).ToList();
        Assert.Equal("first", batches[0].Effects[0].Reason);
        Assert.Contains(batches, b => b.Resync);
        Assert.True(batches[^1].Resync || batches[^1].Effects[^1].Reason == "last");
        Assert.Contains(rig.Log.Lines, l => l.Text.Contains("effects"));
        Assert.Equal(batches.Select(b => b.Sequence).Order(), batches.Select(b => b.Sequence));
    }

    [Fact]
    public async Task A_sink_that_hangs_does_not_keep_the_engine_from_stopping_for_ever()
    {
        await using var rig = new Rig(time: TimeProvider.System);
        rig.OnEffects = _ => new ValueTask(new TaskCompletionSource().Task);
        await rig.StartAsync();
        await rig.Add("one");
        using var giveUp = new CancellationTokenSource();

        var stopped = rig.Engine.StopAsync(giveUp.Token);
        await rig.Engine.WaitForAsync(s => s.State == EngineState.Stopped, CancellationToken.None).WaitAsync(Patience);
        await giveUp.CancelAsync();

        await stopped.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_sink_that_fails_is_told_to_find_out_with_the_next_batch()
    {
        await using var rig = new Rig().StartByHand();
        rig.Run();
        rig.OnEffects = _ => throw new InvalidOperationException("sink broke");
        _ = rig.Add("lost");
        rig.Run();
        rig.OnEffects = _ => ValueTask.CompletedTask;
        _ = rig.Add("next");
        rig.Run();

        var last = rig.Effects.Last();
        Assert.True(last.Resync);
        Assert.Equal("next", Assert.Single(last.Effects).Reason);
    }

    [Fact]
    public async Task A_sink_may_give_commands_and_ask_while_it_takes_effects()
    {
        await using var rig = new Rig(time: TimeProvider.System);
        rig.OnEffects = async batch =>
        {
            foreach (var effect in batch.Effects.Where(e => e.Reason == "asked"))
            {
                Assert.Contains("asked", (await rig.Names()).Value);
                await rig.Add("answered", CommandClass.Internal);
            }
        };
        await rig.StartAsync();
        await rig.Add("asked");

        while ((await rig.Names().WaitAsync(Patience)).Value != "answered,asked")
        {
            await Task.Yield();
        }
    }
}
