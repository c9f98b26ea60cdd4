using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>What no booking may pass, whoever decided it.</summary>
public class BookingTests
{
    private static readonly Resources s_one = new(100, 524288);

    private readonly RunFarm _farm = new();
    private readonly FakeAgent _agent = new(FakeKind.Ours, "host");

    private Host Host => _farm.HostOf(_agent);

    [Fact]
    public void A_booked_frame_runs_counts_everywhere_and_is_to_be_launched()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Book(Host, layer);

        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Equal(s_one, Host.Reserved);
        Assert.Equal(s_one, layer.Use);
        Assert.Equal(s_one, layer.Job.Use);
        Assert.Equal(s_one, layer.Job.Group.Use);
        Assert.Equal(s_one, _farm.Farm.Subscriptions.Values.Single().Use);
        Assert.NotEqual(run.Id, run.Proc.Id);
        var effect = _farm.TakeEffect(EffectKind.LaunchRun);
        Assert.Equal((run.Id, Host.Id, layer.FrameId(0)), (effect.Subject, effect.Host, effect.Frame));
        Assert.True(RunCalls.IsWanted(_farm.Farm, effect));
    }

    [Fact]
    public void A_booking_that_is_undone_leaves_nothing()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        Assert.Throws<FarmException>(() => _farm.Do(edit =>
        {
            Assert.NotNull(Booking.Start(edit, Host, layer, 0, s_one));
            throw FarmException.Invalid("no");
        }));
        Assert.Equal(0, _farm.Farm.OpenCalls.Count);
        Assert.Equal(default, Host.Reserved);
        Assert.Empty(_farm.Farm.Runs);
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Empty(_farm.Effects);
        _farm.Book(Host, layer);
    }

    [Fact]
    public void The_next_frame_keeps_the_place()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Launch(_agent, layer);
        var proc = run.Proc;
        _farm.Do(edit =>
        {
            FrameCompletion.Apply(edit, run, new RunOutcome { End = RunEnd.Completed });
            var next = Booking.Next(edit, proc, layer, 1);
            Assert.NotNull(next);
            Assert.Same(proc, next.Proc);
            Assert.NotEqual(run.Id, next.Id);
        });
        Assert.Equal(s_one, Host.Reserved);
        Assert.Equal(FrameState.Running, layer.Frames[1].State);
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
    }

    [Fact]
    public void A_place_that_still_runs_something_takes_no_next_frame_and_cannot_be_given_back()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Launch(_agent, layer);
        Assert.Null(_farm.Do(edit => Booking.Next(edit, run.Proc, layer, 1)));
        Assert.Throws<InvalidOperationException>(() => _farm.Do(edit => ProcRules.Release(edit, run.Proc)));
    }

    [Theory]
    [InlineData(900, 524288, BookingRefusal.HostRoom)]
    [InlineData(100, 100_000_000, BookingRefusal.HostRoom)]
    [InlineData(0, 524288, BookingRefusal.Reservation)]
    [InlineData(100, -1, BookingRefusal.Reservation)]
    public void A_host_is_not_overbooked(int cores, long memory, BookingRefusal refusal)
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        Assert.Equal(refusal, Check(layer, new Resources(cores, memory)));
        Assert.Null(_farm.Do(edit => Booking.Start(edit, Host, layer, 0, new Resources(cores, memory))));
        Assert.Empty(_farm.Farm.Procs);
    }

    [Fact]
    public void No_cap_is_passed()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var subscription = _farm.Farm.Subscriptions.Values.Single();
        _farm.Do(edit => edit.Set(subscription, subscription.Row with { Burst = 99 }));
        Assert.Equal(BookingRefusal.Burst, Check(layer, s_one));
        _farm.Do(edit => edit.Set(subscription, subscription.Row with { Burst = 100 }));
        Assert.Equal(BookingRefusal.None, Check(layer, s_one));

        var group = layer.Job.Group;
        _farm.Do(edit => edit.Set(group, group.Row with { MaxCores = 99 }));
        Assert.Equal(BookingRefusal.GroupMaximum, Check(layer, s_one));
        _farm.Do(edit => edit.Set(group, group.Row with { MaxCores = -1 }));

        _farm.Do(edit => edit.Set(layer.Job, layer.Job.Row with { MaxCores = 50 }));
        Assert.Equal(BookingRefusal.JobMaximum, Check(layer, s_one));
        Assert.Equal(BookingRefusal.None, Check(layer, s_one, local: true));
        _farm.Do(edit => edit.Set(layer.Job, layer.Job.Row with { MaxCores = 100 }));

        _farm.Do(edit => edit.Remove(subscription));
        Assert.Equal(BookingRefusal.NoSubscription, Check(layer, s_one));
    }

    [Fact]
    public void All_limits_of_a_layer_must_have_room()
    {
        _farm.AddHost(_agent);
        var (first, second) = _farm.Do(edit =>
        {
            var limits = (new Limit(new LimitRow(edit.NewId(), "nuke", 2)), new Limit(new LimitRow(edit.NewId(), "arnold", 1)));
            edit.Add(limits.Item1);
            edit.Add(limits.Item2);
            return limits;
        });
        var layer = _farm.AddJob(layer: row => row with { LimitIds = [first.Id, second.Id] });
        _farm.Book(Host, layer);
        Assert.Equal(1, first.Running);
        Assert.Equal(BookingRefusal.Limit, Check(layer, s_one, ordinal: 1));
    }

    [Fact]
    public void A_layer_does_not_start_before_its_time()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob(layer: row => row with { StartAfterMs = _farm.WallMs + 1 });
        Assert.Equal(BookingRefusal.StartAfter, Check(layer, s_one));
        _farm.Pass(1);
        Assert.Equal(BookingRefusal.None, Check(layer, s_one));
    }

    [Theory]
    [InlineData(CallAnswer.NotSent)]
    [InlineData(CallAnswer.Refused)]
    public void A_launch_that_surely_failed_costs_no_retry_and_the_host_rests_longer_each_time(CallAnswer answer)
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        long[] rests = [2000, 4000, 8000, 10_000, 10_000];
        foreach (var rest in rests)
        {
            _farm.Book(Host, layer);
            _farm.End(_farm.TakeEffect(EffectKind.LaunchRun), answer, "no");
            Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
            Assert.Equal((short)0, layer.Frames[0].Retries);
            Assert.Equal(ExitStatus.NeverRan, layer.Frames[0].ExitStatus);
            _farm.Pass(rest - 1);
            Assert.Equal(BookingRefusal.LaunchBackOff, Check(layer, s_one));
            _farm.Pass(1);
        }

        // One launch tries whether it works again.
        _farm.Launch(_agent, layer);
        Assert.Equal(0, Host.LaunchFailures);
        Assert.Equal(BookingRefusal.None, Check(layer, s_one, ordinal: 1));
    }

    [Fact]
    public void While_one_launch_tries_a_host_that_failed_no_other_goes_there()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        _farm.Book(Host, layer);
        _farm.End(_farm.TakeEffect(EffectKind.LaunchRun), CallAnswer.NotSent);
        _farm.Pass(2000);
        _farm.Book(Host, layer);
        Assert.Equal(BookingRefusal.LaunchBackOff, Check(layer, s_one, ordinal: 1));
        _farm.End(_farm.TakeEffect(EffectKind.LaunchRun), CallAnswer.Done);
        Assert.Equal(BookingRefusal.None, Check(layer, s_one, ordinal: 1));
    }

    [Fact]
    public void An_order_that_no_agent_would_take_rests_its_layer_and_not_the_host()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        _farm.Book(Host, layer);
        _farm.End(_farm.TakeEffect(EffectKind.LaunchRun), CallAnswer.RefusedOrder, "uid is 0: root owns no frames.");
        Assert.Equal(BookingRefusal.StartAfter, Check(layer, s_one));
        Assert.Contains("root owns no frames", layer.Row.StartAfterReason);
        Assert.Equal(0, Host.LaunchFailures);
        Assert.Equal(BookingRefusal.None, Check(_farm.AddJob("other"), s_one));
    }

    [Fact]
    public void A_completion_may_be_faster_than_the_launchs_answer()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Book(Host, layer);
        var launch = _farm.TakeEffect(EffectKind.LaunchRun);
        _agent.Launch(run.Id, run.FrameId);
        Assert.Equal(CompletionVerdict.Applied, _farm.Complete(_agent.Finish(run.Id)));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
        _farm.End(launch, CallAnswer.Done);
        Assert.Equal(0, _farm.Farm.OpenCalls.Count);
        Assert.Empty(_farm.Farm.Runs);
    }

    private BookingRefusal Check(Layer layer, Resources reserve, bool local = false, int ordinal = 0) =>
        Booking.CheckStart(_farm.Farm, new FarmTime(_farm.EngineMs, _farm.WallMs), Host, layer, ordinal, reserve, local);
}
