using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>What proves that a run has ended, and what does not.</summary>
public class EvidenceTests
{
    private const long Minute = 60_000;

    [Fact]
    public void A_boot_of_our_agents_host_ends_what_was_reported_before_it()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Pass(20_000);
        agent.Reboot();
        farm.Do(edit => HostReports.Apply(edit, agent.Boot()));
        farm.Report(agent);

        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(ExitStatus.HostDown, layer.Frames[0].ExitStatus);
        Assert.Contains(farm.Events, e => e.Kind == FarmEventKind.RunEnded && e.From == (int)RunEnd.HostRebooted);
    }

    [Fact]
    public void A_boot_proves_nothing_about_a_launch_that_may_have_come_after_it()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Book(farm.HostOf(agent), layer);
        var launch = farm.TakeEffect(EffectKind.LaunchRun);
        agent.Reboot();
        farm.End(launch, CallAnswer.Unanswered);
        farm.Effects.Clear();
        farm.Pass(20_000);
        farm.Report(agent);

        Assert.Same(run, layer.Runs[0]);
        Assert.Equal(RunPhase.Unknown, run.Row.Phase);
    }

    [Fact]
    public void A_report_from_before_the_boot_that_comes_late_is_ignored()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        farm.Launch(agent, layer);
        farm.Report(agent);
        var old = agent.Report();
        agent.Reboot();
        farm.Pass(20_000);
        farm.Report(agent);
        var next = farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Pass(20_000);
        farm.Report(old);

        Assert.Same(next, layer.Runs[0]);
        Assert.Equal(RunPhase.Started, next.Row.Phase);
        Assert.Equal(agent.BootId, farm.HostOf(agent).Row.BootId);
    }

    [Fact]
    public void A_boot_id_that_was_thought_to_be_old_is_believed_once_the_other_is_heard_of_no_more()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var old = agent.Report();
        agent.Reboot();
        farm.Report(agent);
        farm.Pass(100_000);
        farm.Report(old);
        Assert.Equal(old.Agent.BootId, farm.HostOf(agent).Row.BootId);
        farm.Pass(5_000);
        farm.Report(agent);
        Assert.Equal(old.Agent.BootId, farm.HostOf(agent).Row.BootId);
        farm.Pass(100_000);
        farm.Report(agent);
        Assert.Equal(agent.BootId, farm.HostOf(agent).Row.BootId);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_boot_time_ends_a_run_of_an_agent_without_boot_id_only_if_it_is_newer_than_the_run_by_the_margin(bool early, bool ended)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Rust);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        agent.Restart(rendersDie: true);
        agent.BootTimeSeconds = (run.Row.BookedAtMs / 1000) + (early ? 250 : 350);
        farm.Pass(10 * Minute);
        farm.Report(agent);
        Assert.Equal(ended ? FrameState.Waiting : FrameState.Running, layer.Frames[0].State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_900_000_000)]
    public void A_boot_time_that_is_unknown_or_in_the_future_proves_nothing(long bootTime)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Rust);
        farm.Launch(agent, layer);
        farm.Report(agent);
        agent.Restart(rendersDie: true);
        agent.BootTimeSeconds = bootTime;
        farm.Pass(10 * Minute);
        farm.Report(agent);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);
    }

    [Fact]
    public void Reports_that_were_made_before_a_run_began_and_come_late_do_not_have_it_killed()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var report = agent.Report();
        farm.Launch(agent, layer);
        for (var i = 0; i < 8; i++)
        {
            farm.Pass(10_000);
            farm.Report(report);
            farm.Sweep();
            farm.CarryOut(agent);
        }

        Assert.False(agent.Alive.Single().IsKilled);
        farm.Report(agent);
        Assert.Equal(RunPhase.Started, layer.Runs[0].Row.Phase);
    }

    [Theory]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void A_host_that_stood_still_while_it_started_a_run_does_not_lose_it_by_denying_it_then(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        agent.StartsSlowly = true;
        var run = farm.Launch(agent, layer);
        farm.Pass(2 * Minute);
        farm.Do(edit => RunKills.Order(edit, run, new KillOrder(KillOutcome.Retry, "retried", "me", farm.WallMs)));
        farm.End(farm.TakeEffect(EffectKind.KillRun), CallAnswer.NotHere);
        farm.Pass(10);
        farm.Report(agent);
        farm.Pass(10);
        farm.Report(agent);
        Assert.Equal(FrameState.Running, layer.Frames[0].State);

        agent.Alive.Single().IsStarting = false;
        farm.NobodyAnswers();
        farm.Live(Minute, agent);
        Assert.True(agent.Alive.Single().IsKilled);
    }

    [Fact]
    public void One_report_without_a_run_that_was_just_taken_says_nothing()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var report = agent.Report();
        var run = farm.Launch(agent, layer);
        farm.Report(report);
        Assert.Empty(farm.Effects);
        Assert.Equal(RunPhase.Started, run.Row.Phase);
        farm.Report(agent);
        Assert.Equal(0, run.Contact.AbsentReports);
    }

    [Fact]
    public void A_run_whose_completion_is_announced_is_waited_for()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        var completion = agent.Finish(run.Id, 3);
        farm.Live(10 * Minute, agent);
        Assert.Same(run, layer.Runs[0]);
        farm.Complete(completion);
        Assert.Equal(3, layer.Frames[0].ExitStatus);
    }

    [Fact]
    public void Our_agent_with_another_journal_is_believed_as_little_as_others()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        agent.LoseJournal();
        farm.Pass(5000);
        farm.Report(agent);
        farm.Report(agent);
        farm.CarryOut(agent);
        Assert.False(RunDoubts.IsJournalTrusted(run));
        Assert.Same(run, layer.Runs[0]);
        farm.Live(3 * Minute, agent);
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Contains(farm.Events, e => e.Kind == FarmEventKind.RunEnded && e.From == (int)RunEnd.ForgottenByAgent);
    }

    [Theory]
    [InlineData(OnHostLost.Wait, 0)]
    [InlineData(OnHostLost.Ask, 1)]
    public void A_layer_that_says_wait_or_ask_leaves_it_to_a_person(OnHostLost onLost, int alarms)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours, row => row with { OnHostLost = onLost });
        var run = farm.Launch(agent, layer);
        for (var i = 0; i < 200; i++)
        {
            farm.Pass(10_000);
            farm.Sweep();
        }

        Assert.Equal(FrameState.Running, layer.Frames[0].State);
        Assert.Equal(alarms, farm.EventCount(FarmEventKind.Alarm));
        Assert.Contains("fence it by a reboot", RunRules.ExplainUnknown(run));
        farm.NobodyAnswers();

        farm.Do(edit => RunRules.AcceptEnded(edit, run));
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        Assert.Equal(1, farm.EventCount(FarmEventKind.RunAssumedEnded));
    }

    [Fact]
    public void A_run_that_is_known_to_live_cannot_be_accepted_as_ended()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        var refusal = Assert.Throws<FarmException>(() => farm.Do(edit => RunRules.AcceptEnded(edit, run)));
        Assert.Equal(Refusal.FailedPrecondition, refusal.Refusal);
        Assert.Contains("kill it instead", refusal.Message);
    }

    [Fact]
    public void After_a_restart_no_host_is_down_before_it_had_the_full_time_to_report()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Pass(290_000);
        farm.Restart();
        farm.Pass(290_000);
        farm.Sweep();
        Assert.Equal(HardwareState.Up, farm.HostOf(agent).Row.State);
    }

    [Fact]
    public void A_server_that_was_held_up_gives_its_hosts_the_full_time_again()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        farm.Launch(agent, layer);
        farm.Report(agent);
        farm.Sweep();
        farm.Pass(30 * Minute);
        farm.Sweep();
        Assert.Equal(HardwareState.Up, farm.HostOf(agent).Row.State);
        Assert.Equal(FrameState.Running, farm.Farm.Layers.Values.Single().Frames[0].State);
    }

    [Fact]
    public void A_first_report_that_is_older_than_a_completion_is_no_sign_of_a_wrong_store()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Restart();
        farm.CarryOut(agent);
        var report = agent.Report();
        farm.Complete(agent.Finish(run.Id));
        farm.Report(report);
        Assert.Equal(0, farm.Farm.Strays.Unknown);
        Assert.Equal(0, farm.EventCount(FarmEventKind.Alarm));
    }

    [Fact]
    public void A_host_that_invents_runs_is_told_of_a_few_times_and_no_more()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        farm.Launch(agent, layer);
        for (var i = 0; i < 20; i++)
        {
            var invented = Enumerable.Range(0, 500).Select(_ => new RunningFrameReport { RunId = farm.Do(edit => edit.NewId()), FrameId = layer.FrameId(0) });
            farm.Report(agent.Report() with { Frames = [.. agent.Report().Frames, .. invented] });
            farm.Complete(new CompletionReport { HostName = $"nowhere{i}", Frame = new RunningFrameReport { RunId = farm.Do(edit => edit.NewId()), FrameId = layer.FrameId(0) } });
        }

        Assert.Equal(RefusedReports.MostTold + 20, farm.EventCount(FarmEventKind.RunReportRefused));
        Assert.Equal(10_000, farm.HostOf(agent).RefusedReports.Count);
        Assert.Contains(farm.Events, e => e.Reason?.Contains("more are not told of", StringComparison.Ordinal) == true);
        farm.Pass(11 * Minute);
        farm.Report(agent.Report() with { Frames = [new RunningFrameReport { RunId = farm.Do(edit => edit.NewId()), FrameId = layer.FrameId(0) }] });
        Assert.Equal(RefusedReports.MostTold + 21, farm.EventCount(FarmEventKind.RunReportRefused));
    }

    [Fact]
    public void What_running_frames_use_is_nothing_to_store_so_no_booking_can_wait_for_it()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Report(agent);
        for (var i = 1; i <= 5; i++)
        {
            farm.Pass(1000);
            var report = agent.Report();
            var changes = farm.DoAndTake(edit => HostReports.Apply(edit, report with
            {
                Frames = [.. report.Frames.Select(f => f with { RssKib = 1000 * i, MaxRssKib = 1000 * i, LogUpdatedSeconds = i })],
            }));
            Assert.True(changes.IsEmpty);
        }

        Assert.Equal(5000, farm.Farm.Runs[run.Id].Usage.MaxRssKib);
    }

    [Fact]
    public void A_run_left_over_from_an_assumption_is_killed_when_its_host_is_back()
    {
        var farm = new RunFarm();
        var (lost, other) = (new FakeAgent(FakeKind.Python, "lost"), new FakeAgent(FakeKind.Python, "other"));
        farm.AddHost(lost);
        farm.AddHost(other);
        var layer = farm.AddJob();
        farm.Launch(lost, layer);
        farm.Report(lost);
        for (var i = 0; i < 130; i++)
        {
            farm.Pass(10_000);
            farm.NobodyAnswers();
            farm.Report(other);
            farm.Sweep();
        }

        var next = farm.Launch(other, layer);
        Assert.Equal(BookingRefusal.FrameNotWaiting, Booking.CheckStart(farm.Farm, new FarmTime(farm.EngineMs, farm.WallMs), farm.HostOf(lost), layer, 0, new Resources(100, 1)));
        farm.Live(2 * Minute, lost, other);
        Assert.True(lost.Alive.Single().IsKilled);
        Assert.False(other.Alive.Single().IsKilled);
        Assert.Same(next, layer.Runs[0]);
    }

    [Fact]
    public void A_frame_is_not_booked_where_an_assumed_run_of_it_may_live()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.Launch(agent, layer);
        for (var i = 0; i < 130; i++)
        {
            farm.Pass(10_000);
            farm.NobodyAnswers();
            farm.Sweep();
        }

        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        var now = new FarmTime(farm.EngineMs, farm.WallMs);
        Assert.Equal(BookingRefusal.OpenCall, Booking.CheckStart(farm.Farm, now, farm.HostOf(agent), layer, 0, new Resources(100, 524288)));
        agent.Restart(rendersDie: true);
        farm.Report(agent);
        Assert.Equal(BookingRefusal.None, Booking.CheckStart(farm.Farm, now, farm.HostOf(agent), layer, 0, new Resources(100, 524288)));
    }
}
