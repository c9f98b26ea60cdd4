using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>Runs that the farm does not hold any more and that may live on: what is known of them, also after the server was started again.</summary>
public sealed class OldRunTests
{
    private const long Minute = 60_000;

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void After_a_restart_a_late_report_of_an_assumed_run_is_known_for_what_it_is(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var run = farm.Launch(agent, layer);
        farm.Silence(21 * Minute);
        Assert.Equal(FrameState.Waiting, layer.Frames[0].State);
        farm.Restart();

        farm.Report(agent);
        Assert.Equal(0, farm.EventCount(FarmEventKind.Alarm));
        Assert.Equal(0, farm.Farm.Strays.Unknown);
        Assert.Equal(CompletionVerdict.AssumedEnded, farm.Complete(agent.Finish(run.Id)));
    }

    [Fact]
    public void After_a_restart_a_run_that_a_person_accepted_to_have_ended_is_remembered()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Ours);
        var run = farm.Launch(agent, layer);
        farm.Silence(6 * Minute);
        farm.Do(edit => RunRules.AcceptEnded(edit, run));
        farm.Restart();

        Assert.Equal(CompletionVerdict.AssumedEnded, farm.Complete(agent.Finish(run.Id)));
        Assert.Contains("a person accepted", farm.Events.Last(e => e.Kind == FarmEventKind.RunReportRefused).Reason);
    }

    [Fact]
    public void After_a_restart_a_frame_is_not_booked_where_an_assumed_run_of_it_may_live()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.Launch(agent, layer);
        farm.Silence(21 * Minute);
        farm.Restart();
        layer = farm.Farm.Layers.Values.Single();

        Assert.Equal(BookingRefusal.OpenCall, Check(farm, agent, layer));
        farm.Pass(5 * Minute);
        farm.Sweep();
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, agent, layer));
        agent.Restart(rendersDie: true);
        farm.Report(agent);
        Assert.Equal(BookingRefusal.None, Check(farm, agent, layer));
        Assert.Equal(0, farm.Farm.OldRuns.Count);
    }

    [Theory]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void After_a_restart_a_frame_is_not_booked_where_a_kill_of_a_stray_run_of_it_may_be_on_its_way(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        farm.Do(RunRules.AllowStrayKills);
        var stray = farm.Do(e => e.NewId());
        agent.Launch(stray, layer.FrameId(0));
        while (farm.Effects.All(e => e.Kind != EffectKind.KillStray))
        {
            farm.Pass(5000);
            farm.Report(agent);
            farm.Sweep();
        }

        // The kill is sent, the server dies, and the stray ends before the kill gets there.
        farm.Restart();
        layer = farm.Farm.Layers.Values.Single();
        agent.Restart(rendersDie: true);
        farm.Report(agent);
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, agent, layer));

        farm.Live(30_000, agent);
        Assert.Equal(BookingRefusal.None, Check(farm, agent, layer));
        Assert.Equal(0, farm.Farm.OldRuns.Count);
    }

    [Fact]
    public void A_stray_run_that_was_ordered_killed_before_a_restart_is_no_sign_of_a_wrong_store()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.Do(RunRules.AllowStrayKills);
        agent.Launch(farm.Do(e => e.NewId()), layer.FrameId(0));
        farm.Live(2 * Minute, agent);
        farm.Events.Clear();
        farm.Restart();
        farm.Report(agent);

        Assert.Equal(0, farm.EventCount(FarmEventKind.Alarm));
        farm.Live(10 * Minute, agent);
        Assert.True(agent.Alive.Single().IsKilled);
    }

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    internal void A_frame_is_not_booked_on_a_host_that_shows_another_run_of_it(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        var stray = farm.Do(e => e.NewId());
        agent.Launch(stray, layer.FrameId(0));
        Assert.Equal(BookingRefusal.None, Check(farm, agent, layer));
        farm.Report(agent);
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, agent, layer));
        farm.Report(agent);
        agent.Finish(stray);
        farm.Report(agent);
        Assert.Equal(BookingRefusal.None, Check(farm, agent, layer));
    }

    [Fact]
    public void A_completion_that_comes_from_elsewhere_does_not_end_the_doubt_about_an_assumed_run()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.AddHost(new FakeAgent(FakeKind.Python, "liar"));
        var run = farm.Launch(agent, layer);
        farm.Silence(21 * Minute);

        Assert.Equal(CompletionVerdict.AssumedEnded, farm.Complete(agent.Completion(agent.Known[0]) with { HostName = "liar" }));
        Assert.NotNull(farm.Farm.OldRuns.Find(run.Id));
        Assert.Equal(CompletionVerdict.AssumedEnded, farm.Complete(agent.Finish(run.Id)));
        Assert.Null(farm.Farm.OldRuns.Find(run.Id));
    }

    [Fact]
    public void An_assumed_run_of_a_job_that_goes_to_history_is_forgotten_with_it()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.Launch(agent, layer);
        var other = farm.AddJob("other");
        farm.Silence(21 * Minute);
        var kept = farm.Do(edit => OldRunOf(edit, farm.HostOf(agent), other));
        farm.Do(edit => JobRules.Kill(edit, layer.Job, "tester", "because"));
        farm.Pass(100 * 3_600_000L);
        Assert.Equal(1, farm.Do(edit => JobRules.ArchiveDue(edit, 10)));

        Assert.Equal(kept, Assert.Single(farm.Farm.OldRuns.All).Id);
        Assert.Equal(BookingRefusal.OpenCall, Check(farm, agent, other));
    }

    [Fact]
    public void A_kill_that_is_not_answered_does_not_shorten_how_long_one_of_before_the_restart_is_waited_for()
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        var run = farm.Launch(agent, layer);
        farm.Do(edit => FrameOperations.Kill(edit, layer, 0, "tester", "because"));
        farm.Restart();
        var until = farm.EngineMs + farm.Farm.Settings.LaunchDeadlineMs + farm.Farm.Settings.ForgottenAfterMs;
        farm.NobodyAnswers();
        farm.Complete(agent.Finish(run.Id));
        farm.Pass(until - farm.EngineMs - 1);
        farm.Sweep();
        Assert.Equal(1, farm.Farm.OpenCalls.Count);
        farm.Pass(2);
        farm.Sweep();
        Assert.Equal(0, farm.Farm.OpenCalls.Count);
    }

    private static EntityId OldRunOf(FarmEdit edit, Host host, Layer layer)
    {
        var id = edit.NewId();
        edit.Add(new OldRun(new OldRunRow { Id = id, HostId = host.Id, FrameId = layer.FrameId(0), End = RunEnd.AssumedLost, AtMs = edit.Now.WallMs }));
        return id;
    }

    private static BookingRefusal Check(RunFarm farm, FakeAgent agent, Layer layer) =>
        Booking.CheckStart(farm.Farm, new FarmTime(farm.EngineMs, farm.WallMs), farm.HostOf(agent), layer, 0, new Resources(100, 524288));
}
