using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling.Explaining;
using OpenCue.Specs.Launch;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>Each reason that lies in the work itself: it is said with its numbers, and when it is taken away the frame runs.</summary>
public sealed class WorkReasonTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void Nothing_holds_a_frame_that_the_next_pass_books()
    {
        _farm.Host("a");
        var layer = _farm.Work("x");

        var reason = Assert.Single(_farm.Explain(layer, 0).Reasons);
        _farm.Pass();

        Assert.Equal((ReasonCode.Nothing, "a"), (reason.Code, SchedulingFarm.Places(layer)));
    }

    [Fact]
    public void A_running_frame_says_where_and_since_when()
    {
        _farm.Host("rnd7");
        var layer = _farm.Work("x", frames: 2);
        _farm.Pass();

        var answer = _farm.Explain(layer, 0);

        var reason = Assert.Single(answer.Reasons);
        Assert.Equal((ReasonCode.Running, "rnd7"), (reason.Code, reason.Subject));
        Assert.StartsWith("It runs on rnd7 with 1 core and 1.0 GiB since 20", reason.Text, StringComparison.Ordinal);
        Assert.Equal((null, null), (answer.Hosts, answer.Place));
        Assert.Equal([(ReasonCode.Running, 2)], _farm.Explain(layer).Groups.Select(g => (g.Reason.Code, g.Frames)));
    }

    [Fact]
    public void A_run_of_which_nobody_knows_says_so_and_why()
    {
        _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Pass();
        var run = layer.Runs[0];
        _farm.Edit.Set(run, run.Row with { Phase = RunPhase.Unknown, UnknownSinceMs = _farm.WallMs, UnknownReason = "the host is silent" });

        var reason = Assert.Single(_farm.Explain(layer, 0).Reasons);

        Assert.Equal(ReasonCode.RunningUnknown, reason.Code);
        Assert.Contains("nobody knows whether it lives: the host is silent.", reason.Text, StringComparison.Ordinal);
        Assert.Contains("cue farm unknown", reason.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_that_is_being_killed_says_who_ordered_it()
    {
        _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Pass();
        RunKills.Order(_farm.Edit, layer.Runs[0], new KillOrder(KillOutcome.Eat, "not wanted", "anna", _farm.WallMs));

        var reason = Assert.Single(_farm.Explain(layer, 0).Reasons);

        Assert.Equal(ReasonCode.BeingKilled, reason.Code);
        Assert.Contains("anna ordered at", reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_that_is_done_says_so()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", frames: 2);
        _farm.Pass();
        _farm.Finish(layer, 0);

        var reason = Assert.Single(_farm.Explain(layer, 0).Reasons);

        Assert.Equal(ReasonCode.Succeeded, reason.Code);
        Assert.StartsWith("It ended well on a at 20", reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dead_frame_says_its_exit_status_its_retries_and_where_to_look()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", withJob: j => j with { MaxRetries = 0 });
        _farm.Pass();
        _farm.Finish(layer, 0, exitStatus: 3);

        var reason = Assert.Single(_farm.Explain(layer, 0).Reasons);

        Assert.Equal((ReasonCode.Dead, true), (reason.Code, reason.Never));
        Assert.Contains("with exit status 3, after 0 of 0 retries", reason.Text, StringComparison.Ordinal);
        Assert.Contains("cue frame log testing-s-u_x 0001-x", reason.WayOut, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FrameState.Eaten, ReasonCode.Eaten)]
    [InlineData(FrameState.Checkpoint, ReasonCode.Checkpoint)]
    public void A_frame_that_is_eaten_or_at_a_checkpoint_says_so(FrameState state, ReasonCode code)
    {
        var layer = _farm.Work("x", frames: 2);
        _farm.Edit.SetFrame(layer, 0, layer.Frames[0] with { State = state });

        Assert.Equal(code, Assert.Single(_farm.Explain(layer, 0).Reasons).Code);
        Assert.Contains(_farm.Explain(layer).Groups, g => (g.Reason.Code, g.Frames) == (code, 1) && g.Examples.Single() == "0001-x");
    }

    [Fact]
    public void A_frame_that_waits_for_others_names_them()
    {
        _farm.Host("a");
        var first = _farm.Work("first", frames: 2);
        var second = _farm.Work("second", frames: 2, of: first.Job);
        var depend = DependRules.Create(_farm.Edit, DependType.FrameByFrame, DependEnd.Of(second), DependEnd.Of(first));

        var reason = _farm.Holds(
            second, ReasonCode.Depends, "It waits for frame 0001-first of job testing-s-u_first (", () => DependRules.Satisfy(_farm.Edit, depend.Id));

        Assert.Equal(1, reason.Need);
    }

    [Fact]
    public void A_frame_that_waits_for_others_also_says_what_will_hold_it_then()
    {
        _farm.Host("a");
        var first = _farm.Work("first");
        var second = _farm.Work("second", of: first.Job, memoryGib: 64);
        DependRules.Create(_farm.Edit, DependType.LayerOnLayer, DependEnd.Of(second), DependEnd.Of(first));

        Assert.Equal([ReasonCode.Depends, ReasonCode.NoHostEver], _farm.Explain(second, 0).Reasons.Select(r => r.Code));
        Assert.Equal([ReasonCode.Depends, ReasonCode.NoHostEver], _farm.Explain(second).Reasons.Select(r => r.Code));
        var group = Assert.Single(_farm.Explain(second).Groups);
        Assert.Equal((ReasonCode.Depends, 1), (group.Reason.Code, group.Frames));
        Assert.Contains("layer first of job testing-s-u_first (0 of 1 done)", group.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_only_waits_for_others_says_just_that()
    {
        _farm.Host("a");
        var first = _farm.Work("first");
        var second = _farm.Work("second", of: first.Job);
        DependRules.Create(_farm.Edit, DependType.LayerOnLayer, DependEnd.Of(second), DependEnd.Of(first));

        Assert.Equal([ReasonCode.Depends], _farm.Explain(second).Reasons.Select(r => r.Code));
        Assert.Equal(1, _farm.Explain(second).Hosts!.Ready);
    }

    [Fact]
    public void A_finished_job_says_so()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", withJob: j => j with { State = JobState.Finished, StoppedAtMs = 1_700_000_000_000 });

        _farm.Holds(
            layer, ReasonCode.JobFinished, "The job testing-s-u_x finished at 2023-11-14",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { State = JobState.Pending }));
    }

    [Fact]
    public void A_killed_job_says_so()
    {
        var layer = _farm.Work("x", withJob: j => j with { State = JobState.Finished, Killed = true });

        Assert.Equal("The job testing-s-u_x was killed.", Assert.Single(_farm.Explain(layer, 0).Reasons).Text);
    }

    [Fact]
    public void A_post_job_names_the_job_that_it_waits_for()
    {
        _farm.Host("a");
        var parent = _farm.Work("parent");
        var layer = _farm.Work("post", withJob: j => j with { State = JobState.Posted, PostJobOf = parent.Job.Id });

        _farm.Holds(
            layer, ReasonCode.JobPosted, "The job testing-s-u_post starts when testing-s-u_parent has finished",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { State = JobState.Pending }));
    }

    [Fact]
    public void A_paused_job_says_how_it_goes_on()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", withJob: j => j with { Paused = true });

        var reason = _farm.Holds(
            layer, ReasonCode.JobPaused, "The job testing-s-u_x is paused.", () => _farm.Edit.Set(layer.Job, layer.Job.Row with { Paused = false }));

        Assert.Equal(("Let it go on: cue job resume testing-s-u_x", true), (reason.WayOut, reason.Never));
    }

    [Fact]
    public void A_job_whose_booking_is_off_says_so()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", withJob: j => j with { AutoBook = false });

        _farm.Holds(
            layer, ReasonCode.JobBookingOff, "Booking is off for the job", () => _farm.Edit.Set(layer.Job, layer.Job.Row with { AutoBook = true }));
    }

    [Fact]
    public void A_show_whose_booking_is_off_says_so()
    {
        _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Edit.Set(_farm.Show, _farm.Show.Row with { BookingEnabled = false });

        _farm.Holds(
            layer, ReasonCode.ShowBookingOff, "Booking is off for the show testing.",
            () => _farm.Edit.Set(_farm.Show, _farm.Show.Row with { BookingEnabled = true }));
    }

    [Fact]
    public void A_farm_whose_booking_is_off_says_so_of_work_hosts_and_shows()
    {
        var host = _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Farm.Settings = _farm.Farm.Settings with { TurnOffBooking = true };

        Assert.Equal(ReasonCode.FarmBookingOff, _farm.Explain(host).Reasons[0].Code);
        Assert.Equal(ReasonCode.FarmBookingOff, _farm.Explain(_farm.Show).Groups.Single().Reason.Code);
        _farm.Holds(layer, ReasonCode.FarmBookingOff, "turned off for the whole farm", () =>
        {
            _farm.Farm.Settings = _farm.Farm.Settings with { TurnOffBooking = false };
            _farm.Farm.Marks.Everything = true;
        });
    }

    [Fact]
    public void A_layer_that_starts_later_says_when_and_why()
    {
        _farm.Host("a");
        var at = _farm.WallMs + 1_800_000;
        var layer = _farm.Work("x", with: l => l with { StartAfterMs = at, StartAfterReason = "exit status 77: no licence" });

        var reason = _farm.Holds(layer, ReasonCode.StartsLater, " minutes): exit status 77: no licence.", () => _farm.GoOn(1_800_000));

        Assert.Equal(at, reason.AtMs);
    }

    [Fact]
    public void A_job_at_its_maximum_of_cores_says_its_numbers()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", frames: 3, withJob: j => j with { MaxCores = 200 });

        var reason = _farm.Holds(
            layer, ReasonCode.JobAtMaxCores, "The job testing-s-u_x has 2 of 2 cores that it may have; a frame needs 1 more.",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { MaxCores = 300 }));

        Assert.Equal((2, 1, 2, false), (reason.Use, reason.Need, reason.Maximum, reason.Never));
    }

    [Fact]
    public void A_frame_that_needs_more_than_its_job_may_ever_have_says_so()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", minCores: 400, threadable: true, withJob: j => j with { MaxCores = 200 });

        var reason = _farm.Holds(
            layer, ReasonCode.JobAtMaxCores, "A frame needs 4 cores, and the job testing-s-u_x may have 2 at most.",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { MaxCores = 400 }));

        Assert.True(reason.Never);
    }

    [Fact]
    public void A_job_at_its_maximum_of_GPUs_says_its_numbers()
    {
        _farm.Host("a", gpus: 2);
        var layer = _farm.Work("x", frames: 2, gpus: 1, withJob: j => j with { MaxGpus = 1 });

        _farm.Holds(
            layer, ReasonCode.JobAtMaxGpus, "has 1 of 1 GPU that it may have; a frame needs 1 more.",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { MaxGpus = 2 }));
    }

    [Fact]
    public void A_group_at_its_maximum_of_cores_says_its_numbers()
    {
        _farm.Host("a");
        var group = _farm.Show.RootGroup;
        _farm.Edit.Set(group, group.Row with { MaxCores = 100 });
        var layer = _farm.Work("x", frames: 2);

        _farm.Holds(
            layer, ReasonCode.GroupAtMaxCores, $"The group {group.Row.Name} has 1 of 1 core that it may have",
            () => _farm.Edit.Set(group, group.Row with { MaxCores = -1 }));
    }

    [Fact]
    public void A_group_at_its_maximum_of_GPUs_says_its_numbers()
    {
        _farm.Host("a", gpus: 2);
        var group = _farm.Show.RootGroup;
        _farm.Edit.Set(group, group.Row with { MaxGpus = 0 });
        var layer = _farm.Work("x", gpus: 1);

        _farm.Holds(
            layer, ReasonCode.GroupAtMaxGpus, "A frame needs 1 GPU, and the group testing may have 0 at most.",
            () => _farm.Edit.Set(group, group.Row with { MaxGpus = 1 }));
    }

    [Fact]
    public void A_limit_that_is_used_up_says_its_numbers_and_who_holds_it()
    {
        _farm.Host("a");
        var nuke = _farm.Limit("nuke", 2);
        var other = _farm.Work("other", frames: 2, limit: nuke, priority: 9);
        var layer = _farm.Work("x", limit: nuke);

        var reason = _farm.Holds(
            layer, ReasonCode.LimitReached, "The limit nuke is used up: 2 of 2 frames; held by testing-s-u_other (2).", () => _farm.Finish(other, 0));

        Assert.Equal(("nuke", 2, 2), (reason.Subject, reason.Use, reason.Maximum));
    }

    [Fact]
    public void A_limit_says_what_it_holds_back_for_people()
    {
        _farm.Host("a");
        var nuke = _farm.Limit("nuke", 3);
        _farm.Edit.Set(nuke, nuke.Row with { Headroom = 2 });
        var layer = _farm.Work("x", frames: 2, limit: nuke);

        _farm.Holds(
            layer, ReasonCode.LimitReached, "1 of 1 frame (3 in all, 2 held back for people)", () => _farm.Edit.Set(nuke, nuke.Row with { Headroom = 0 }));
    }

    [Fact]
    public void A_limit_of_nothing_never_passes_by_itself()
    {
        _farm.Host("a");
        var nuke = _farm.Limit("nuke", 0);
        var layer = _farm.Work("x", limit: nuke);

        Assert.True(_farm.Holds(
            layer, ReasonCode.LimitReached, "The limit nuke lets nothing run", () => _farm.Edit.Set(nuke, nuke.Row with { MaxValue = 1 })).Never);
    }

    [Fact]
    public void A_limit_per_user_says_which_users_hold_it()
    {
        _farm.Host("a");
        var named = _farm.Limit("named", 1);
        _farm.Edit.Set(named, named.Row with { Kind = LimitKind.User });
        var other = _farm.Work("other", limit: named, withJob: j => j with { User = "anna", Priority = 9 });
        var layer = _farm.Work("x", limit: named, withJob: j => j with { User = "ben" });

        _farm.Holds(layer, ReasonCode.LimitReached, "1 of 1 user; held by anna (1).", () => _farm.Finish(other, 0));
    }

    [Fact]
    public void A_limit_per_host_says_that_hosts_hold_it()
    {
        _farm.Host("a", cores: 100);
        _farm.Host("b", cores: 100);
        var perHost = _farm.Limit("maya", 1);
        _farm.Edit.Set(perHost, perHost.Row with { Kind = LimitKind.Host });
        var layer = _farm.Work("x", frames: 2, limit: perHost);
        _farm.Pass();

        var reasons = _farm.Explain(layer, layer.Waiting.Look().First()).Reasons;

        Assert.Contains(reasons, r => r.Code == ReasonCode.LimitReached && r.Text.Contains("1 of 1 host", StringComparison.Ordinal));
        _farm.Edit.Set(perHost, perHost.Row with { MaxValue = 2 });
        _farm.Pass();
        Assert.Equal(2, layer.Runs.Count);
    }

    [Fact]
    public void A_show_without_subscription_names_the_allocations_there_are()
    {
        _farm.Host("a");
        var show = _farm.NewShow("poor", 0, 100);
        _farm.Edit.Remove(show.Subscriptions[0]);
        var layer = _farm.Work("x", show: show);

        var reason = _farm.Holds(
            layer, ReasonCode.NoSubscription, "The show poor has no subscription on any allocation of the facility local: ",
            () => _farm.Subscribe(show, _farm.General, 0, 100));

        Assert.Contains("local.general", reason.Names);
        Assert.True(reason.Never);
    }

    [Fact]
    public void A_show_at_its_burst_says_its_numbers()
    {
        _farm.Host("a");
        var show = _farm.NewShow("capped", 100, 300);
        var layer = _farm.Work("x", frames: 4, show: show);

        var reason = _farm.Holds(
            layer, ReasonCode.ShowAtBurst, "The show capped has 3 of 3 cores that it may have on local.general; a frame needs 1 more.",
            () => _farm.Subscribe(show, _farm.General, 100, 400));

        Assert.Equal(("local.general", 3, 3), (reason.Subject, reason.Use, reason.Maximum));
    }

    [Fact]
    public void All_that_holds_a_frame_is_said()
    {
        var layer = _farm.Work("x", limit: _farm.Limit("nuke", 0), withJob: j => j with { Paused = true, MaxCores = 50 });

        Assert.Equal(
            [ReasonCode.JobPaused, ReasonCode.JobAtMaxCores, ReasonCode.LimitReached, ReasonCode.NoHosts],
            _farm.Explain(layer, 0).Reasons.Select(r => r.Code));
    }
}
