using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>Whatever makes room for a frame makes the scheduler look at it again, and nothing that is gone is kept in mind.</summary>
public sealed class WakeUpTests
{
    private const long Minute = 60_000;

    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_job_that_leaves_a_full_group_makes_room_there()
    {
        _farm.Host("a", cores: 800);
        var group = NewGroup(maxCores: 200);
        var first = _farm.Work("first", frames: 2);
        var second = _farm.Work("second", frames: 2);
        MoveTo(group, first.Job);
        MoveTo(group, second.Job);
        _farm.Pass();
        Assert.Equal("- -", SchedulingFarm.Places(second));

        MoveTo(_farm.Show.RootGroup, first.Job);
        _farm.Pass();

        Assert.Equal("a a", SchedulingFarm.Places(second));
    }

    [Fact]
    public void A_limit_that_counts_frames_from_now_on_keeps_nothing_on_the_hosts_that_had_its_token()
    {
        _farm.Host("a", cores: 100);
        _farm.Host("b", cores: 100);
        var limit = _farm.Limit("nuke", 1, LimitKind.Host);
        var layer = _farm.Work("x", frames: 2, limit: limit);
        _farm.Pass();
        Assert.Equal("a -", SchedulingFarm.Places(layer));

        LimitRules.Change(_farm.Edit, limit, maxValue: 5, kind: LimitKind.Frame);
        _farm.Pass();

        Assert.Equal("a b", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_token_that_came_free_while_a_job_was_paused_is_there_for_it_afterwards()
    {
        _farm.Host("a", cores: 100, tags: ["fast"]);
        _farm.Host("b", cores: 100, tags: ["slow"]);
        var limit = _farm.Limit("nuke", 1, LimitKind.Host);
        var first = _farm.Work("first", tags: ["fast"], limit: limit);
        _farm.Pass();
        var second = _farm.Work("second", tags: ["slow"], limit: limit);
        _farm.Pass();
        Assert.Equal("a -", $"{SchedulingFarm.Places(first)} {SchedulingFarm.Places(second)}");

        _farm.Edit.Set(second.Job, second.Job.Row with { Paused = true });
        _farm.Pass();
        _farm.Finish(first, 0);
        _farm.Pass();
        _farm.Edit.Set(second.Job, second.Job.Row with { Paused = false });
        _farm.Pass();

        Assert.Equal("b", SchedulingFarm.Places(second));
    }

    [Fact]
    public void A_host_that_tries_a_launch_with_the_next_frame_of_a_place_takes_others_once_it_works()
    {
        var host = _farm.Host("a", cores: 400);
        var first = _farm.Work("first", frames: 2, minCores: 300, threadable: true, with: row => row with { MaxCores = 300 });
        _farm.Pass();
        LaunchBackOff.HostFailed(_farm.Edit, host);
        _farm.GoOn(3000);
        _farm.Pass();
        Assert.Equal(ProcFate.NextFrame, _farm.Finish(first, 0));
        var second = _farm.Work("second");
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(second));

        LaunchBackOff.HostWorks(_farm.Edit, host);
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(second));
    }

    [Fact]
    public void A_layer_that_rests_on_several_hosts_goes_on_where_its_rest_ends_first()
    {
        var (soon, late) = (_farm.Host("soon", cores: 200), _farm.Host("late", cores: 400));
        var layer = _farm.Work("x");
        var now = _farm.Edit.Now.EngineMs;
        _farm.Farm.StartRests.Failed(soon, layer, now);
        for (var i = 0; i < 8; i++)
        {
            _farm.Farm.StartRests.Failed(late, layer, now);
        }

        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));

        _farm.GoOn(3000);
        _farm.Pass();

        Assert.Equal("soon", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_host_that_gets_its_name_as_a_tag_takes_work_that_names_it()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { HasHostnameTag = false });
        var layer = _farm.Work("x", tags: ["a"]);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));

        _farm.Edit.Set(host, host.Row with { HasHostnameTag = true });
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_host_that_gets_another_name_takes_work_that_names_it_so()
    {
        var host = _farm.Host("a");
        var layer = _farm.Work("x", tags: ["b"]);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));

        _farm.Edit.Set(host, host.Row with { Name = "b" });
        _farm.Pass();

        Assert.Equal("b", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void Hosts_carry_the_new_tag_of_their_allocation()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", tags: ["fast"]);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(layer));

        _farm.Edit.Set(_farm.General, _farm.General.Row with { Tag = "fast" });
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_host_that_is_gone_is_booked_no_more()
    {
        var host = _farm.Host("a");
        _farm.Pass();

        _farm.Edit.Remove(host);
        var layer = _farm.Work("x");
        _farm.Pass();

        Assert.Equal("-", SchedulingFarm.Places(layer));
    }

    [Fact]
    public void A_job_that_was_archived_with_frames_waiting_is_forgotten()
    {
        var layer = _farm.Work("x");
        _farm.Edit.Set(layer.Job, layer.Job.Row with { State = JobState.Finished });
        _farm.Pass();
        Assert.Equal(WorkGate.JobNotDispatchable, _farm.Scheduler.Demand.GateOf(layer));

        _farm.Edit.ArchiveJob(layer.Job);
        _farm.Pass();

        Assert.Equal(WorkGate.NothingWaiting, _farm.Scheduler.Demand.GateOf(layer));
    }

    [Fact]
    public void A_host_whose_GPUs_are_all_in_use_takes_other_work_although_those_are_kept()
    {
        var farm = new SchedulingFarm(new FarmSettings { GpuHostsForGpuLayersOnly = true });
        farm.Host("a", gpus: 1);
        var plain = farm.Work("plain");
        farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(plain));

        farm.Work("gpu", gpus: 1, with: row => row with { MinGpuMemoryKib = 16 * 1048576L });
        farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(plain));
    }

    [Fact]
    public void What_booking_refused_against_all_gates_is_tried_again_after_a_while()
    {
        _farm.Host("a", cores: 100);
        var first = _farm.Work("first");
        _farm.Pass();
        var second = _farm.Work("second");
        _farm.Pass();
        _farm.Scheduler.Demand.Hold(second, WorkGate.Refused);
        _farm.Finish(first, 0);
        _farm.Pass();
        Assert.Equal("-", SchedulingFarm.Places(second));

        _farm.GoOn(Minute);
        _farm.Pass();

        Assert.Equal("a", SchedulingFarm.Places(second));
    }

    [Fact]
    public void Frames_that_were_put_first_take_their_layers_turn_earlier()
    {
        var first = _farm.Work("first", frames: 3);
        var second = _farm.Work("second", frames: 3, of: first.Job);
        _farm.Pass();

        FrameOrder.Reorder(_farm.Edit, second, FrameSet.Parse("3"), FrameOrderKind.First);
        _farm.Host("a", cores: 100);
        _farm.Pass();

        Assert.Equal(("- - -", "- - a"), (SchedulingFarm.Places(first), SchedulingFarm.Places(second)));
    }

    [Fact]
    public void A_job_above_its_lowered_maximum_gives_places_back_until_it_is_not()
    {
        _farm.Host("a", cores: 300);
        var layer = _farm.Work("x", frames: 9);
        _farm.Pass();

        JobRules.SetMaxCores(_farm.Edit, layer.Job, 100);

        Assert.Equal(ProcFate.Released, _farm.Finish(layer, 0));
        Assert.Equal(ProcFate.Released, _farm.Finish(layer, 1));
        Assert.Equal(ProcFate.NextFrame, _farm.Finish(layer, 2));
        _farm.Pass();
        Assert.Equal(100, layer.Job.Use.CorePoints);
    }

    public static TheoryData<string> Caps => ["job cores", "group cores", "group GPUs", "burst", "host", "limit", "limit of users"];

    [Theory]
    [MemberData(nameof(Caps))]
    public void A_cap_that_is_put_below_what_runs_kills_nothing_and_takes_places_back_as_frames_end(string cap)
    {
        var host = _farm.Host("h", cores: 800, gpus: 8);
        var limit = _farm.Limit("limit", 100, cap == "limit of users" ? LimitKind.User : LimitKind.Frame);
        var layer = _farm.Work("work", frames: 100, gpus: 1, limit: limit);
        _farm.Pass();
        Assert.Equal(8, layer.Runs.Count);
        var (job, group) = (layer.Job, layer.Job.Group);
        var share = _farm.General.Subscriptions[_farm.Show.Id];
        switch (cap)
        {
            case "job cores":
                _farm.Edit.Set(job, job.Row with { MaxCores = 300 });
                break;
            case "group cores":
                _farm.Edit.Set(group, group.Row with { MaxCores = 300 });
                break;
            case "group GPUs":
                _farm.Edit.Set(group, group.Row with { MaxGpus = 3 });
                break;
            case "burst":
                _farm.Edit.Set(share, share.Row with { Size = 100, Burst = 300 });
                break;
            case "host":
                _farm.Edit.Set(host, host.Row with { MaxProcs = 3 });
                break;
            case "limit":
                _farm.Edit.Set(limit, limit.Row with { MaxValue = 3 });
                break;
            default:
                _farm.Edit.Set(limit, limit.Row with { MaxValue = 0 });
                break;
        }

        _farm.Pass();
        Assert.Equal(8, layer.Runs.Count);
        Assert.All(layer.Runs.Values, run => Assert.Null(run.Row.Kill));
        for (var ends = 0; ends < 12 && layer.Runs.Count > 0; ends++)
        {
            _farm.Finish(layer, layer.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Equal(cap == "limit of users" ? 0 : 3, layer.Runs.Count);
        Assert.Empty(FarmInvariants.Check(_farm.Farm));
    }

    [Fact]
    public void Demand_that_came_and_went_while_passes_were_cut_short_is_kept_in_mind_once()
    {
        for (var i = 0; i < 40; i++)
        {
            _farm.Host($"h{i}", cores: 200);
        }

        var small = _farm.Work("small", frames: 2000);
        _farm.Pass();
        var other = _farm.Work("other", priority: 6, tags: ["other"]);
        var low = _farm.Work("low", minCores: 200, priority: 5);
        var high = _farm.Work("high", minCores: 200, priority: 7);
        _farm.Host("spare", cores: 100, tags: ["other"]);
        _farm.Pass(most: 0);
        Pause(low, high, paused: true);
        _farm.Pass();
        Assert.Equal("spare", SchedulingFarm.Places(other));
        Pause(low, high, paused: false);

        for (var minute = 0; minute < 15; minute++)
        {
            _farm.GoOn(Minute);
            foreach (var ordinal in small.Runs.Keys.Where((_, i) => i % 2 == 0).ToList())
            {
                _farm.Finish(small, ordinal);
            }

            _farm.Pass();
        }

        Assert.Equal(2, _farm.Scheduler.Counters.Reservations);
    }

    [Fact]
    public void No_host_is_kept_for_work_that_the_site_keeps_from_hosts_with_GPUs()
    {
        var farm = new SchedulingFarm(new FarmSettings { GpuHostsForGpuLayersOnly = true });
        farm.Host("a", cores: 400, gpus: 4);
        var small = farm.Work("small", frames: 200, gpus: 1);
        farm.Pass();
        farm.Work("big", minCores: 0, threadable: true, priority: 10);
        for (var minute = 0; minute < 15; minute++)
        {
            farm.GoOn(Minute);
            farm.Finish(small, small.Runs.Keys.Min());
            farm.Pass();
        }

        Assert.Empty(farm.Scheduler.Reservations.All);
        Assert.Equal(4, small.Runs.Count);
    }

    [Fact]
    public void A_host_that_moved_to_another_facility_is_not_kept_for_work_of_its_old_one()
    {
        var host = _farm.Host("a", cores: 400);
        var small = _farm.Work("small", frames: 200);
        _farm.Pass();
        _farm.Work("big", minCores: 0, threadable: true, priority: 10);
        for (var minute = 0; _farm.Scheduler.Reservations.All.Count == 0 && minute < 15; minute++)
        {
            _farm.GoOn(Minute);
            _farm.Finish(small, small.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Single(_farm.Scheduler.Reservations.All);
        Pause(small, small, paused: true);
        foreach (var ordinal in small.Runs.Keys.Skip(1).ToList())
        {
            _farm.Finish(small, ordinal);
        }

        var cloud = _farm.Farm.Allocations.Find("cloud.general")!;
        _farm.Subscribe(_farm.Show, cloud, 1000, 1000);
        _farm.Finish(small, small.Runs.Keys.Single());
        _farm.Edit.Set(host, host.Row with { AllocationId = cloud.Id });
        _farm.GoOn(6000);
        _farm.Pass();

        Assert.Empty(_farm.Scheduler.Reservations.All);
    }

    private Group NewGroup(int maxCores)
    {
        var edit = _farm.Edit;
        var root = _farm.Show.RootGroup;
        var group = new Group(new GroupRow { Id = edit.NewId(), ShowId = _farm.Show.Id, ParentId = root.Id, Name = "lighting", MaxCores = maxCores }, _farm.Show);
        edit.Add(group);
        return group;
    }

    private void MoveTo(Group group, Job job) => JobRules.SetGroup(_farm.Edit, job, group);

    private void Pause(Layer one, Layer other, bool paused)
    {
        _farm.Edit.Set(one.Job, one.Job.Row with { Paused = paused });
        _farm.Edit.Set(other.Job, other.Job.Row with { Paused = paused });
    }
}
