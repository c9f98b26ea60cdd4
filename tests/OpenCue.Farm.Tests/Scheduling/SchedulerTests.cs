using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Tests.Scheduling;

public sealed class SchedulerTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void Frames_fill_the_host_and_no_more()
    {
        var host = _farm.Host("a", cores: 400);
        var layer = _farm.Work("comp", frames: 6);

        _farm.Pass();

        Assert.Equal("a a a a - -", SchedulingFarm.Places(layer));
        Assert.Equal(0, host.Idle.CorePoints);
        Assert.Equal(400, layer.Job.Use.CorePoints);
    }

    [Fact]
    public void Higher_priority_goes_first_whenever_it_was_submitted()
    {
        _farm.Host("a", cores: 200);
        var low = _farm.Work("low", frames: 2, priority: 1);
        var high = _farm.Work("high", frames: 2, priority: 2);

        _farm.Pass();

        Assert.Equal(("- -", "a a"), (SchedulingFarm.Places(low), SchedulingFarm.Places(high)));
    }

    [Fact]
    public void Layers_of_a_job_take_turns_frame_by_frame()
    {
        _farm.Host("a", cores: 300);
        var first = _farm.Work("first", frames: 3);
        var second = _farm.Work("second", frames: 3, of: first.Job);

        _farm.Pass();

        Assert.Equal(("a a -", "a - -"), (SchedulingFarm.Places(first), SchedulingFarm.Places(second)));
    }

    [Fact]
    public void Shows_share_a_host_by_use_against_subscription_size()
    {
        _farm.Host("a", cores: 800, memoryGib: 64);
        var big = _farm.NewShow("big", size: 600, burst: 10000);
        var small = _farm.NewShow("small", size: 200, burst: 10000);
        var ofBig = _farm.Work("x", frames: 20, show: big);
        var ofSmall = _farm.Work("x", frames: 20, show: small);

        _farm.Pass();

        Assert.Equal((600, 200), (ofBig.Job.Use.CorePoints, ofSmall.Job.Use.CorePoints));
    }

    [Fact]
    public void Burst_is_reached_exactly_and_never_passed()
    {
        for (var i = 0; i < 10; i++)
        {
            _farm.Host($"h{i}", cores: 800);
        }

        var show = _farm.NewShow("capped", size: 100, burst: 1500);
        var layer = _farm.Work("x", frames: 100, show: show);

        _farm.Pass();

        Assert.Equal(1500, layer.Job.Use.CorePoints);
        _farm.Finish(layer, 0);
        _farm.Pass();
        Assert.Equal(1500, layer.Job.Use.CorePoints);
    }

    [Fact]
    public void Work_waiting_for_its_shows_share_goes_on_when_another_job_of_the_show_gives_cores_back()
    {
        _farm.Host("a", cores: 800);
        var show = _farm.NewShow("capped", size: 100, burst: 200);
        var first = _farm.Work("first", frames: 2, show: show);
        var second = _farm.Work("second", frames: 2, show: show);
        _farm.Pass();
        Assert.Equal("- -", SchedulingFarm.Places(second));

        _farm.Finish(first, 0);
        _farm.Pass();

        Assert.Equal("a -", SchedulingFarm.Places(second));
    }

    [Fact]
    public void A_show_without_a_subscription_is_not_booked()
    {
        _farm.Host("a", allocation: _farm.Farm.Allocations.Find("local.unassigned"));
        var layer = _farm.Work("x", tags: []);

        _farm.Pass();

        Assert.Equal("-", SchedulingFarm.Places(layer));
    }

    [Theory]
    [InlineData("general", true)]
    [InlineData("GENERAL", true)]
    [InlineData("gen", false)]
    [InlineData("fast|slow", true)]
    [InlineData("a", true)]
    [InlineData("b", false)]
    [InlineData("", true)]
    public void A_tag_matches_as_a_whole_without_regard_to_case(string tags, bool runs)
    {
        _farm.Host("a", tags: ["fast"]);
        var layer = _farm.Work("x", tags: tags.Split('|', StringSplitOptions.RemoveEmptyEntries));

        _farm.Pass();

        Assert.Equal(runs ? "a" : "-", SchedulingFarm.Places(layer));
    }

    [Theory]
    [InlineData("gen", "fast", true)]
    [InlineData("fas.*", null, true)]
    [InlineData("(", null, false)]
    public void Tags_can_be_matched_as_patterns_where_a_site_relies_on_it(string tag, string? other, bool runs)
    {
        var farm = new SchedulingFarm(new FarmSettings { MatchTagsAsPattern = true });
        farm.Host("a", tags: ["fast"]);
        var layer = farm.Work("x", tags: other is null ? [tag] : [tag, other]);

        farm.Pass();

        Assert.Equal(runs ? "a" : "-", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_job_for_one_operating_system_runs_on_no_other()
    {
        _farm.Host("w", os: "windows");
        _farm.Host("l", os: "rocky9");
        var layer = _farm.Work("x", frames: 1, os: "rocky9");

        _farm.Pass();

        Assert.Equal("l", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void The_tightest_host_is_taken_and_among_equals_the_one_with_most_memory()
    {
        _farm.Host("roomy", cores: 1600, memoryGib: 128);
        _farm.Host("tight", cores: 100, memoryGib: 4);
        _farm.Host("tight_fat", cores: 100, memoryGib: 64);

        var layer = _farm.Work("x", frames: 1);
        _farm.Pass();

        Assert.Equal("tight_fat", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void Hosts_with_gpus_are_left_for_work_that_wants_them_as_long_as_others_have_room()
    {
        _farm.Host("gpu", cores: 200, gpus: 1);
        _farm.Host("cpu", cores: 1600);
        var plain = _farm.Work("plain", frames: 17);
        var wanting = _farm.Work("wanting", frames: 1, gpus: 1);

        _farm.Pass();

        Assert.Equal(16, SchedulingFarm.Places(plain).Split(' ').Count(p => p == "cpu"));
        Assert.Equal("gpu", SchedulingFarm.Places(wanting));
        Assert.Equal(1, SchedulingFarm.Places(plain).Split(' ').Count(p => p == "gpu"));
    }

    [Fact]
    public void A_layer_that_wants_all_cores_waits_for_an_empty_host()
    {
        _farm.Host("busy", cores: 800);
        var filler = _farm.Work("filler", frames: 1);
        _farm.Pass();
        var whole = _farm.Work("whole", frames: 1, minCores: 0, threadable: true);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(whole));

        _farm.Finish(filler, 0);
        _farm.Pass();

        Assert.Equal("busy", SchedulingFarm.Places(whole));
        Assert.Equal(800, whole.Job.Use.CorePoints);
    }

    [Fact]
    public void All_limits_of_a_layer_must_have_room()
    {
        _farm.Host("a", cores: 1600);
        var nuke = _farm.Limit("nuke", 2);
        var ocula = _farm.Limit("ocula", 5);
        var layer = _farm.Work("x", frames: 10, with: l => l with { LimitIds = [nuke.Id, ocula.Id] });
        var other = _farm.Work("y", frames: 10, limit: ocula);

        _farm.Pass();

        Assert.Equal((2, 5), (nuke.Running, ocula.Running));
        Assert.Equal(2, layer.Runs.Count);
        Assert.Equal(3, other.Runs.Count);
    }

    [Fact]
    public void A_limit_that_frees_lets_the_next_layer_go()
    {
        _farm.Host("a", cores: 1600);
        var nuke = _farm.Limit("nuke", 1);
        var first = _farm.Work("first", frames: 1, limit: nuke);
        var second = _farm.Work("second", frames: 1, limit: nuke);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(second));

        _farm.Finish(first, 0);
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(second));
    }

    [Fact]
    public void A_job_may_use_the_last_slot_under_its_maximum()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", frames: 4, withJob: j => j with { MaxCores = 200 });

        _farm.Pass();

        Assert.Equal(200, layer.Job.Use.CorePoints);
    }

    [Fact]
    public void A_threadable_frame_takes_fewer_cores_where_a_cap_leaves_fewer()
    {
        _farm.Host("a", cores: 800, mode: ThreadMode.All);
        var layer = _farm.Work("x", frames: 2, threadable: true, withJob: j => j with { MaxCores = 300 });

        _farm.Pass();

        Assert.Equal(300, layer.Job.Use.CorePoints);
    }

    [Fact]
    public void A_layer_that_starts_later_starts_when_its_time_has_come()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", with: l => l with { StartAfterMs = _farm.WallMs + 60_000 });
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));
        Assert.Equal(layer.Row.StartAfterMs, _farm.Scheduler.NextStartMs);

        _farm.GoOn(61_000);
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(layer));
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Nothing_is_booked_on_a_host_that_is_locked_down_or_full_of_temporary_files(bool locked, bool down, bool full)
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { Locked = locked, State = down ? HardwareState.Down : HardwareState.Up });
        _farm.Edit.Set(host.Stat, host.Stat.Row with { TotalTemp = 1000, FreeTemp = full ? 10 : 900 });
        var layer = _farm.Work("x");

        _farm.Pass();

        Assert.Equal("-", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_host_whose_launches_failed_is_tried_again_after_its_rest()
    {
        var host = _farm.Host("a");
        var layer = _farm.Work("x");
        host.LaunchBackOffUntilEngineMs = 1_060_000;
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));
        Assert.Equal(1_060_000, _farm.Scheduler.NextWakeEngineMs);

        _farm.GoOn(60_000);
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_layer_that_could_not_be_started_rests_on_that_host_and_disturbs_nobody_else()
    {
        var sick = _farm.Host("sick", cores: 200);
        var layer = _farm.Work("x", frames: 2);
        var other = _farm.Work("y", frames: 1);
        _farm.Farm.StartRests.Failed(sick, layer, _farm.Edit.Now.EngineMs);

        _farm.Pass();
        Assert.Equal(("- -", "sick"), (SchedulingFarm.Places(layer), SchedulingFarm.Places(other)));

        _farm.Host("well", cores: 100);
        _farm.Pass();
        Assert.Equal("well -", SchedulingFarm.Places(layer));

        _farm.GoOn(2_000);
        _farm.Pass();
        Assert.Equal("well sick", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_frame_is_not_booked_where_a_call_about_it_is_still_under_way()
    {
        var host = _farm.Host("a", cores: 400);
        var layer = _farm.Work("x", frames: 2);
        _farm.Farm.OpenCalls.Open(new Effect(EffectKind.KillRun, new EntityId(1, 1), host.Id, layer.FrameId(0)));

        _farm.Pass();

        Assert.Equal("- a", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_pass_that_is_stopped_goes_on_where_it_was()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", frames: 8);

        _farm.Pass(most: 3);
        Assert.Equal(3, layer.Runs.Count);
        _farm.Pass();

        Assert.Equal(8, layer.Runs.Count);
    }

    [Fact]
    public void A_place_takes_the_next_frame_of_its_own_job()
    {
        _farm.Host("a", cores: 100);
        var layer = _farm.Work("x", frames: 2);
        _farm.Work("y", frames: 2);
        _farm.Pass();
        var proc = layer.Runs[0].Proc;

        Assert.Equal(ProcFate.NextFrame, _farm.Finish(layer, 0));

        Assert.Same(proc, layer.Runs[1].Proc);
    }

    [Fact]
    public void A_place_is_given_back_when_a_job_of_higher_priority_needs_it()
    {
        _farm.Host("a", cores: 200);
        var low = _farm.Work("low", frames: 10);
        _farm.Pass();
        var high = _farm.Work("high", frames: 1, priority: 50);
        _farm.Pass();

        Assert.Equal(ProcFate.Released, _farm.Finish(low, 0));
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(high));
    }

    [Theory]
    [InlineData(1, ProcFate.Released)]
    [InlineData(0, ProcFate.NextFrame)]
    public void A_place_whose_frame_died_is_given_back(int exitStatus, ProcFate fate)
    {
        _farm.Host("a", cores: 100);
        var layer = _farm.Work("x", frames: 2, withJob: j => j with { MaxRetries = 0 });
        _farm.Pass();

        Assert.Equal(fate, _farm.Finish(layer, 0, exitStatus));
    }

    [Fact]
    public void A_paused_job_gives_its_places_back_as_frames_end_and_takes_them_again_when_resumed()
    {
        _farm.Host("a", cores: 100);
        var layer = _farm.Work("x", frames: 3);
        _farm.Pass();
        _farm.Edit.Set(layer.Job, layer.Job.Row with { Paused = true });

        Assert.Equal(ProcFate.Released, _farm.Finish(layer, 0));
        _farm.Pass();
        Assert.Equal("- - -", SchedulingFarm.Places(layer));

        _farm.Edit.Set(layer.Job, layer.Job.Row with { Paused = false });
        _farm.Pass();
        Assert.Equal("- a -", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void Work_that_fits_nowhere_does_not_hold_up_the_rest()
    {
        _farm.Host("a", cores: 200, memoryGib: 8);
        var fat = _farm.Work("fat", frames: 5, memoryGib: 64, priority: 100);
        var thin = _farm.Work("thin", frames: 2);

        _farm.Pass();

        Assert.Empty(fat.Runs);
        Assert.Equal(2, thin.Runs.Count);
    }

    [Fact]
    public void A_new_host_is_found_for_work_that_had_none()
    {
        var fat = _farm.Work("fat", memoryGib: 64);
        _farm.Host("small", memoryGib: 8);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(fat));

        _farm.Host("big", memoryGib: 128);
        _farm.Pass();

        Assert.Equal("big", SchedulingFarm.Places(fat));
    }
}
