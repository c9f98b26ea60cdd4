using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>The ways in which frames got lost or doubled on real farms, each as a scenario. (Two servers on one database is the store's affair.)</summary>
public class LostAndDoubledTests
{
    private const long Minute = 60_000;

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void Way01_the_frame_of_an_unreachable_host_is_not_booked_elsewhere_without_proof(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Silence(19 * Minute);

        Assert.Equal(HardwareState.Down, farm.HostOf(agent).Row.State);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Equal(RunPhase.Unknown, run.Row.Phase);
        Assert.Contains("has not reported", run.Row.UnknownReason);
        Assert.Equal(1, farm.EventCount(FarmEventKind.RunUnknown));

        // It was only the network: the same run goes on.
        farm.Live(10_000, agent);
        Assert.Equal(RunPhase.Started, run.Row.Phase);
        Assert.Equal(HardwareState.Up, farm.HostOf(agent).Row.State);
        Assert.Equal(CompletionVerdict.Applied, farm.Complete(agent.Finish(run.Id)));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
        Assert.Equal(0, farm.EventCount(FarmEventKind.RunAssumedEnded));
    }

    [Fact]
    public void Way01_what_time_decides_is_recorded_and_a_late_report_is_refused()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var other = new FakeAgent(FakeKind.Ours, "other");
        farm.AddHost(other);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Silence(21 * Minute, other);

        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(1, farm.EventCount(FarmEventKind.RunAssumedEnded));
        var next = farm.Launch(other, layer);

        Assert.Equal(CompletionVerdict.AssumedEnded, farm.Complete(agent.Finish(run.Id)));
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Same(next, layer.Runs[0]);
        Assert.Equal(1, farm.EventCount(FarmEventKind.RunReportRefused));
    }

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    internal void Way02_a_retried_frame_is_free_only_when_its_killed_run_has_ended(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        farm.CarryOut(agent);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);

        var report = agent.Finish(run.Id, 1, 9);
        farm.Complete(report);
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(ExitStatus.StoppedForRetry, layer.Frames[0].ExitStatus);

        var next = farm.Launch(agent, layer);
        Assert.Equal(CompletionVerdict.NotHeld, farm.Complete(report));
        Assert.Same(next, layer.Runs[0]);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Same(next, farm.Farm.Procs.Values.Single().Run);
    }

    [Fact]
    public void Way03_a_completion_counts_only_for_the_run_the_frame_and_the_host_that_it_is_of()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var liar = new FakeAgent(FakeKind.Python, "liar");
        farm.AddHost(liar);
        var first = farm.Launch(agent, layer);
        var second = farm.Launch(agent, layer, 1);
        var report = agent.Completion(agent.Known[0]);

        Assert.Equal(CompletionVerdict.WrongHost, farm.Complete(report with { HostName = "liar" }));
        Assert.Equal(CompletionVerdict.WrongHost, farm.Complete(report with { HostName = "nobody" }));
        Assert.Equal(CompletionVerdict.WrongFrame, farm.Complete(report with { Frame = report.Frame with { FrameId = second.FrameId } }));
        Assert.Equal(CompletionVerdict.NotHeld, farm.Complete(report with { Frame = report.Frame with { RunId = EntityId.None } }));
        Assert.Equal(4, farm.EventCount(FarmEventKind.RunReportRefused));
        Assert.Same(first, layer.Runs[0]);
        Assert.Same(second, layer.Runs[1]);
        Assert.Equal(CompletionVerdict.Applied, farm.Complete(report));
    }

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    internal void Way03_the_end_of_a_run_counts_although_its_host_was_given_another_domain_meanwhile(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.old.example" });
        var run = farm.Launch(agent, layer);
        var report = agent.Finish(run.Id) with { HostName = $"{agent.Name}.new.example" };
        Assert.Equal(CompletionVerdict.Applied, farm.Complete(report));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
    }

    [Theory]
    [InlineData(FakeKind.Ours, true)]
    [InlineData(FakeKind.Ours, false)]
    [InlineData(FakeKind.Python, true)]
    [InlineData(FakeKind.Python, false)]
    [InlineData(FakeKind.Rust, true)]
    [InlineData(FakeKind.Rust, false)]
    internal void Way04_a_launch_that_timed_out_is_unknown_until_evidence_settles_it(FakeKind kind, bool started)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Book(farm.HostOf(agent), layer);
        var effect = farm.TakeEffect(EffectKind.LaunchRun);
        if (started)
        {
            agent.Launch(run.Id, run.FrameId);
        }

        farm.Pass(10_000);
        farm.End(effect, CallAnswer.Unanswered, "deadline exceeded");
        Assert.Equal(RunPhase.Unknown, run.Row.Phase);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);

        farm.CarryOut(agent);
        farm.Live(3 * Minute, agent);
        Assert.Equal(started ? FrameState.Running : FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(started ? 1 : 0, layer.Runs.Count);
        Assert.Equal(started ? 1 : 0, agent.Alive.Count(r => !r.IsKilled));
        if (started)
        {
            Assert.Equal(RunPhase.Started, run.Row.Phase);
        }
        else if (kind == FakeKind.Ours)
        {
            // It comes after all: the agent remembers that the server gave it up.
            Assert.Equal(CallAnswer.Refused, agent.Launch(run.Id, run.FrameId));
            Assert.Equal(0, layer.Frames[0].Retries);
        }
    }

    [Fact]
    public void Way05_a_completion_that_was_not_acknowledged_comes_again_and_counts_once()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        var report = agent.Finish(run.Id);
        Assert.Equal(CompletionVerdict.Applied, farm.Complete(report));
        Assert.Equal(CompletionVerdict.NotHeld, farm.Complete(report));
        Assert.Equal(CompletionVerdict.NotHeld, farm.Complete(report));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
        Assert.Equal(1, layer.Usage.Row.Succeeded);
    }

    [Fact]
    public void Way05_a_report_that_was_made_before_a_run_began_does_not_end_it_while_its_completion_is_still_to_come()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var old = agent.Report();
        var run = farm.Launch(agent, layer);
        var completion = agent.Finish(run.Id);
        farm.Report(old);
        farm.Report(old);
        farm.CarryOut(agent);
        farm.Pass(30_000);
        farm.Report(old);

        Assert.Equal(CompletionVerdict.Applied, farm.Complete(completion));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
    }

    [Theory]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void Way06_a_kill_that_a_restarted_agent_does_not_understand_settles_in_the_end(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        agent.Restart(rendersDie: true);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.CarryOut(agent);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);

        farm.Live(2 * Minute, agent);
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Empty(farm.Farm.Unsettled);
    }

    [Fact]
    public void Way07_a_reported_run_that_the_farm_does_not_find_is_not_killed_for_that()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        agent.Launch(farm.Do(e => e.NewId()), farm.Do(e => e.NewId()).Frame(3));
        farm.Live(10 * Minute, agent);
        Assert.Single(agent.Alive, r => !r.IsKilled);
        Assert.Equal(1, farm.EventCount(FarmEventKind.RunReportRefused));
    }

    [Fact]
    public void Way08_a_host_that_does_not_answer_kills_keeps_its_frames_and_delays_no_others()
    {
        var (farm, deaf, layer) = RunFarm.OneHost(FakeKind.Python);
        var other = new FakeAgent(FakeKind.Python, "other");
        farm.AddHost(other);
        var stuck = farm.Launch(deaf, layer);
        var run = farm.Launch(other, layer, 1);
        foreach (var each in new[] { stuck, run })
        {
            farm.Do(edit => RunKills.Order(edit, each, new KillOrder(KillOutcome.ByReport, "killed", "me", farm.WallMs)));
        }

        for (var i = 0; i < 120; i++)
        {
            foreach (var effect in farm.TakeEffects())
            {
                farm.End(effect, effect.Subject == stuck.Id ? CallAnswer.Unanswered : other.Kill(run.Id, run.FrameId));
            }

            if (other.Alive.Any(r => r.IsKilled))
            {
                farm.Complete(other.Finish(run.Id, 1, 9));
            }

            farm.Pass(5000);
            farm.Report(deaf);
            farm.Report(other);
            farm.Sweep();
        }

        Assert.Equal(FrameState.Waiting, layer.Frames[1].State);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Same(stuck, layer.Runs[0]);
        Assert.Equal(1, farm.EventCount(FarmEventKind.Alarm));

        // When it answers again, the order still stands.
        farm.Live(Minute + 10_000, deaf, other);
        Assert.True(deaf.Alive.Single().IsKilled);
    }

    [Fact]
    public void Way09_a_lost_completion_does_not_hold_what_waits_for_the_frame()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python, frames: 1);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        agent.Finish(run.Id);
        farm.Live(3 * Minute, agent);

        // Its end is found out without the completion; as nobody knows how it ended, the frame runs again.
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        var again = farm.Launch(agent, layer);
        farm.Complete(agent.Finish(again.Id));
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
        Assert.Equal(JobState.Finished, layer.Job.Row.State);
    }

    [Fact]
    public void Way10_a_completion_in_a_batch_that_is_made_again_is_counted_once()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        var report = agent.Finish(run.Id);
        Assert.Throws<FarmException>(() => farm.Do(edit =>
        {
            CompletionReports.Apply(edit, farm.Scheduler, report);
            throw FarmException.Invalid("the batch is undone");
        }));
        Assert.Same(run, layer.Runs[0]);
        Assert.Equal(0, layer.Usage.Row.Succeeded);

        farm.Complete(report);
        Assert.Equal(1, layer.Usage.Row.Succeeded);
        Assert.Equal(FrameState.Succeeded, layer.Frames[0].State);
    }

    [Fact]
    public void Way12_what_is_reserved_equals_what_procs_reserve_after_memory_grew_and_was_lent()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var runs = Enumerable.Range(0, 4).Select(i => farm.Launch(agent, layer, i)).ToArray();
        var host = farm.HostOf(agent);
        farm.Report(agent.Report() with
        {
            Frames = runs.Select((r, i) => new RunningFrameReport { RunId = r.Id, FrameId = r.FrameId, RssKib = 1_000_000L * (i + 1) }).ToArray(),
        });
        Assert.Equal(host.Procs.Sum(p => p.Row.Reserved.MemoryKib), host.Reserved.MemoryKib);
        Assert.Equal(4_000_000, runs[3].Proc.Row.Reserved.MemoryKib);
        foreach (var run in runs)
        {
            farm.Complete(agent.Finish(run.Id));
        }

        Assert.Equal(default, host.Reserved);
        Assert.Equal(default, layer.Use);
        Assert.Equal(default, layer.Job.Use);
        Assert.Equal(default, farm.Farm.Subscriptions.Values.Single().Use);
    }

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    internal void Way13_a_new_boot_time_ends_no_run_that_is_still_reported(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Live(10 * Minute, agent);
        agent.BootTimeSeconds = farm.WallMs / 1000;
        farm.Live(Minute, agent);
        Assert.Same(run, layer.Runs[0]);
        Assert.Equal(RunPhase.Started, run.Row.Phase);
    }

    [Theory]
    [InlineData(86_400)]
    [InlineData(-86_400)]
    public void Way14_a_clock_that_jumps_ends_no_run(long jumpSeconds)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python, row => row with { TimeoutMinutes = 60, TimeoutLogMinutes = 60 });
        var run = farm.Launch(agent, layer);
        farm.Report(Grow(farm, agent, 0));
        farm.WallMs += jumpSeconds * 1000;
        farm.Pass(5000);
        farm.Report(Grow(farm, agent, -jumpSeconds));
        agent.BootTimeSeconds += jumpSeconds;
        farm.Pass(5000);
        farm.Report(Grow(farm, agent, jumpSeconds));
        farm.Sweep();

        Assert.Same(run, layer.Runs[0]);
        Assert.Null(run.Row.Kill);
        Assert.Equal(RunPhase.Started, run.Row.Phase);
        Assert.Equal(HardwareState.Up, farm.HostOf(agent).Row.State);
    }

    [Fact]
    public void Way15_a_frame_is_not_booked_on_a_host_while_a_kill_of_it_is_on_its_way_there()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var host = farm.HostOf(agent);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        var kill = farm.TakeEffect(EffectKind.KillRun);
        farm.Complete(agent.Finish(run.Id, 1));

        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, host, layer));
        farm.End(kill, CallAnswer.NotHere);
        Assert.Equal(BookingRefusal.None, Check(farm, host, layer));
    }

    [Fact]
    public void Way15_a_kill_that_was_not_answered_may_still_be_on_its_way()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var host = farm.HostOf(agent);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        var kill = farm.TakeEffect(EffectKind.KillRun);
        farm.Complete(agent.Finish(run.Id, 1));
        farm.Pass(10_000);
        farm.End(kill, CallAnswer.Unanswered);

        Assert.Equal(BookingRefusal.OpenCall, Check(farm, host, layer));
        farm.Live(30_000, agent);
        Assert.Equal(BookingRefusal.None, Check(farm, host, layer));
    }

    [Fact]
    public void Way15_a_kill_that_the_server_sent_before_it_died_may_still_be_on_its_way()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.Complete(agent.Finish(run.Id, 1));
        farm.Restart();
        layer = farm.Farm.Layers.Values.Single();

        Assert.Equal(BookingRefusal.OpenCall, Check(farm, farm.HostOf(agent), layer));
        farm.Live(30_000, agent);
        Assert.Equal(BookingRefusal.None, Check(farm, farm.HostOf(agent), layer));
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public void Way15_that_a_kill_may_still_be_on_its_way_is_known_although_the_servers_clock_was_set_while_it_was_down(long jumpMs)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var run = farm.Launch(agent, layer);
        farm.Pass(Minute);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.Complete(agent.Finish(run.Id, 1));
        farm.WallMs += jumpMs;
        farm.Restart();
        layer = farm.Farm.Layers.Values.Single();

        Assert.Equal(BookingRefusal.OpenCall, Check(farm, farm.HostOf(agent), layer));
    }

    [Fact]
    public void Way15_a_kill_that_was_ordered_before_the_server_died_may_still_be_on_its_way_when_its_run_ends_after_the_start()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.Restart();
        layer = farm.Farm.Layers.Values.Single();
        farm.End(farm.TakeEffect(EffectKind.KillRun), agent.Kill(run.Id, run.FrameId));
        farm.Complete(agent.Finish(run.Id, 1));

        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, farm.HostOf(agent), layer));
        farm.Live(30_000, agent);
        Assert.Equal(BookingRefusal.None, Check(farm, farm.HostOf(agent), layer));
    }

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void Way16_a_kill_that_meets_a_run_that_is_still_starting_proves_nothing(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        agent.StartsSlowly = true;
        var run = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.CarryOut(agent);
        farm.Pass(2000);
        farm.Report(agent);
        farm.Sweep();
        farm.CarryOut(agent);

        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        agent.Alive.Single().IsStarting = false;
        farm.Live(Minute, agent);
        Assert.True(agent.Alive.Single().IsKilled);
    }

    [Fact]
    public void Way16_a_kill_before_the_launch_was_sent_calls_the_launch_off()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var run = farm.Book(farm.HostOf(agent), layer);
        var launch = farm.TakeEffect(EffectKind.LaunchRun);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Eat, "eaten", "me", farm.WallMs)));
        Assert.False(RunCalls.IsWanted(farm.Farm, launch));
        farm.End(launch, CallAnswer.Withdrawn);

        Assert.Empty(agent.Alive);
        Assert.Equal(FrameState.Eaten, layer.Frames[0].State);
        Assert.False(RunCalls.IsWanted(farm.Farm, farm.TakeEffect(EffectKind.KillRun)));
    }

    [Fact]
    public void Way17_on_a_wrong_store_nothing_is_killed_and_an_alarm_is_raised()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        for (var i = 0; i < 4; i++)
        {
            // An old copy of the store: it knows the frames, not the runs.
            agent.Launch(farm.Do(e => e.NewId()), layer.FrameId(i));
        }

        farm.Restart();
        farm.Live(20 * Minute, agent);
        Assert.Equal(4, agent.Alive.Count(r => !r.IsKilled));
        Assert.Equal(1, farm.EventCount(FarmEventKind.Alarm));

        farm.Do(RunRules.AllowStrayKills);
        farm.Live(Minute, agent);
        Assert.All(agent.Alive, r => Assert.True(r.IsKilled));
    }

    [Fact]
    public void Way17_a_run_that_ended_while_its_host_reported_it_is_no_sign_of_a_wrong_store()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Restart();
        var late = agent.Report();
        Assert.Equal(CompletionVerdict.Applied, farm.Complete(agent.Finish(run.Id)));
        farm.Report(late);

        Assert.Equal(0, farm.EventCount(FarmEventKind.Alarm));
    }

    [Fact]
    public void A_run_that_two_hosts_report_and_the_farm_does_not_hold_is_killed_on_one_after_the_other()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var other = new FakeAgent(FakeKind.Ours, "other");
        farm.AddHost(other);
        farm.Do(RunRules.AllowStrayKills);
        var stray = farm.Do(e => e.NewId());
        agent.Launch(stray, layer.FrameId(0));
        other.Launch(stray, layer.FrameId(0));
        farm.Live(2 * Minute, agent, other);

        Assert.True(agent.Alive.Single().IsKilled);
        Assert.True(other.Alive.Single().IsKilled);
    }

    [Fact]
    public void A_run_that_its_host_showed_before_it_was_asked_about_stays_known()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var booked = farm.Book(farm.HostOf(agent), layer);
        agent.Launch(booked.Id, booked.FrameId);
        farm.Restart();
        farm.Report(agent);
        farm.End(farm.TakeEffect(EffectKind.SettleRun), CallAnswer.Withdrawn);

        Assert.Equal(RunPhase.Started, farm.Farm.Runs[booked.Id].Row.Phase);
        Assert.Equal(0, farm.EventCount(FarmEventKind.RunUnknown));
    }

    [Fact]
    public void Way18_what_was_ordered_and_not_sent_before_a_crash_is_ordered_again()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var killed = farm.Launch(agent, layer);
        farm.Do(edit => RunKills.Order(edit, killed, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        var unsent = farm.Book(farm.HostOf(agent), layer, 1);

        farm.Restart();
        farm.CarryOut(agent);
        Assert.True(agent.Alive.Single().IsKilled);
        layer = farm.Farm.Layers.Values.Single();
        Assert.Equal(FrameState.Waiting, layer.Frames[1].State);
        Assert.DoesNotContain(unsent.Id, farm.Farm.Runs.Keys);
        farm.Complete(agent.Finish(killed.Id, 1));
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
    }

    private static BookingRefusal Check(RunFarm farm, Host host, Layer layer) =>
        Booking.CheckStart(farm.Farm, new FarmTime(farm.EngineMs, farm.WallMs), host, layer, 0, new Resources(100, 524288));

    private static HostReport Grow(RunFarm farm, FakeAgent agent, long skewSeconds)
    {
        var report = agent.Report();
        return report with { Frames = report.Frames.Select(f => f with { LogUpdatedSeconds = (farm.WallMs / 1000) + skewSeconds }).ToArray() };
    }
}
