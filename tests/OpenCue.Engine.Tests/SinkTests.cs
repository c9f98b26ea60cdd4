using OpenCue.Farm.Changes;

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
    public async Task A_step_that_heeds_how_far_events_are_behind_makes_a_slow_sink_miss_none()
    {
        await using var rig = new Rig(options: o => o with { SinkBacklog = 200, StepTime = TimeSpan.FromMilliseconds(1) }, time: TimeProvider.System);
        var (made, wasBehind) = (0, false);
        rig.OnEvents = async _ => await Task.Delay(1);
        rig.Steps.Add(new TestStep((edit, slice) =>
        {
            if (slice.AreEventsBehind)
            {
                wasBehind = true;
                return StepResult.WaitForSinks;
            }

            for (var i = 0; i < 20 && made < 5000; i++, made++)
            {
                edit.Emit(FarmEventKind.Administration, edit.NewId(), reason: "made");
            }

            return made < 5000 ? StepResult.More : StepResult.Done;
        }));
        await rig.StartAsync();
        while (rig.Events.Sum(b => b.Events.Count(e => e.Reason == "made")) < 5000)
        {
            Assert.DoesNotContain(rig.Events.SkipWhile(b => b.Events.Count == 0), b => b.Gap);
            await Task.Delay(1);
        }

        Assert.True(wasBehind);
    }

    [Fact]
    public async Task What_a_sink_does_not_want_neither_comes_nor_makes_it_miss_something()
    {
        await using var rig = new Rig(options: o => o with { SinkBacklog = 10 }, time: TimeProvider.System);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.WantsEvent = kind => kind == FarmEventKind.Alarm;
        rig.OnEvents = batch =>
        {
            if (batch.Events.Count > 0)
            {
                reached.TrySetResult();
                return new ValueTask(hold.Task);
            }

            return ValueTask.CompletedTask;
        };
        await rig.StartAsync();
        await rig.Do(edit => Tell(edit, FarmEventKind.Alarm, "first", 1));
        await reached.Task.WaitAsync(Patience);
        await rig.Do(edit => Tell(edit, FarmEventKind.Alarm, "second", 1));
        for (var i = 0; i < 10; i++)
        {
            await rig.Do(edit => Tell(edit, FarmEventKind.FrameState, "frame", 1000));
        }

        hold.SetResult();
        await rig.Engine.StopAsync(CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(["first", "second"], rig.Events.SelectMany(b => b.Events).Select(e => e.Reason));
        Assert.DoesNotContain(rig.Events.SkipWhile(b => b.Events.Count == 0), b => b.Gap);
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

    private static int Tell(FarmEdit edit, FarmEventKind kind, string reason, int times)
    {
        for (var i = 0; i < times; i++)
        {
            edit.Emit(kind, edit.NewId(), reason: reason);
        }

        return times;
    }
}
