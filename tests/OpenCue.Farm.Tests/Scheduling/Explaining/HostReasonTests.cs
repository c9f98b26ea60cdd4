using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>Each reason that lies in the hosts: what the frame lacks is said with numbers, and when that is mended the frame runs.</summary>
public sealed class HostReasonTests
{
    private const long Gib = 1048576;

    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_farm_without_hosts_says_so() =>
        _farm.Holds(_farm.Work("x"), ReasonCode.NoHosts, "The farm has no hosts.", () => _farm.Host("a"));

    [Fact]
    public void Hosts_of_allocations_without_subscription_are_no_hosts()
    {
        var unassigned = _farm.Farm.Allocations.Find("local.unassigned")!;
        _farm.Host("a", allocation: unassigned);
        var layer = _farm.Work("x", tags: []);
        Assert.Equal([(HostLack.Subscription, 1)], _farm.Explain(layer, 0).Hosts!.Removed.Select(r => (r.Lack, r.Hosts)));

        _farm.Holds(
            layer, ReasonCode.NoHosts, "None of the 1 host of the farm is in an allocation of local on which testing has a subscription.",
            () => _farm.Subscribe(_farm.Show, unassigned, 0, 1000));
    }

    [Fact]
    public void Hosts_of_another_facility_are_counted_apart()
    {
        var cloud = new Facility(new FacilityRow(_farm.Edit.NewId(), "cloud2", IsDefault: false));
        _farm.Edit.Add(cloud);
        var allocation = new Allocation(new AllocationRow(_farm.Edit.NewId(), cloud.Id, "cloud2.general", "general", true, IsDefault: false), cloud);
        _farm.Edit.Add(allocation);
        _farm.Host("far", allocation: allocation);
        _farm.Host("near", memoryGib: 1);
        var layer = _farm.Work("x", memoryGib: 2);

        Assert.Equal(
            [(HostLack.Facility, 1), (HostLack.TotalMemory, 1)], _farm.Explain(layer, 0).Hosts!.Removed.Select(r => (r.Lack, r.Hosts)));
    }

    [Fact]
    public void Memory_that_no_host_has_is_said_with_the_largest_host()
    {
        _farm.Host("small", memoryGib: 32);
        _farm.Host("large", memoryGib: 256);
        var layer = _farm.Work("x", memoryGib: 512);

        var reason = _farm.Holds(
            layer, ReasonCode.NoHostEver, "A frame needs 512.0 GiB of memory; the largest of 2 hosts that would suit otherwise, large, has 256.0 GiB.",
            () => _farm.Host("huge", memoryGib: 1024));

        Assert.Equal((true, "Ask for 256.0 GiB or less, or add a host with more."), (reason.Never, reason.WayOut));
    }

    [Fact]
    public void Cores_that_no_host_has_are_said_with_the_largest_host()
    {
        _farm.Host("a", cores: 800);
        var layer = _farm.Work("x", minCores: 1600, threadable: true);

        _farm.Holds(layer, ReasonCode.NoHostEver, "A frame needs 16 cores; a, the only host that would suit otherwise, has 8.", () => _farm.Host("b", cores: 1600));
    }

    [Fact]
    public void GPUs_that_no_host_has_are_said()
    {
        _farm.Host("a");
        var layer = _farm.Work("x", gpus: 2);

        _farm.Holds(layer, ReasonCode.NoHostEver, "A frame needs 2 GPUs; a, the only host that would suit otherwise, has 0.", () => _farm.Host("b", gpus: 2));
    }

    [Fact]
    public void GPU_memory_that_no_host_has_is_said()
    {
        _farm.Host("a", gpus: 1);
        var layer = _farm.Work("x", gpus: 1, with: l => l with { MinGpuMemoryKib = 24 * Gib });

        _farm.Holds(layer, ReasonCode.NoHostEver, "A frame needs 24.0 GiB of GPU memory; a, the only host that would suit otherwise, has 16.0 GiB.", () => _farm.Host("b", gpus: 2));
    }

    [Fact]
    public void Tags_that_no_host_has_are_said()
    {
        var host = _farm.Host("a", tags: ["fast"]);
        var layer = _farm.Work("x", tags: ["nuke", "houdini"]);

        _farm.Holds(
            layer, ReasonCode.NoHostEver, "a, the only host that would suit otherwise, has no tag of: nuke, houdini.",
            () => _farm.Edit.Set(host, host.Row with { ManualTags = ["Nuke"] }));
    }

    [Fact]
    public void An_operating_system_that_no_host_has_is_said()
    {
        var host = _farm.Host("a", os: "linux");
        var layer = _farm.Work("x", os: "windows");

        _farm.Holds(layer, ReasonCode.NoHostEver, "has another operating system than windows.", () => _farm.Edit.Set(host, host.Row with { Os = ["windows"] }));
    }

    [Fact]
    public void A_thread_mode_that_all_hosts_have_is_said()
    {
        var host = _farm.Host("a", mode: ThreadMode.All);
        var layer = _farm.Work("x");

        _farm.Holds(
            layer, ReasonCode.NoHostEver, "gives all its cores to one frame, and the layer is not threadable.", () => _farm.Edit.Set(host, host.Row with { ThreadMode = ThreadMode.Auto }));
    }

    [Fact]
    public void Hosts_that_are_kept_for_GPU_layers_are_said()
    {
        var farm = new SchedulingFarm(new FarmSettings { GpuHostsForGpuLayersOnly = true });
        farm.Host("a", gpus: 1);
        var layer = farm.Work("x");

        farm.Holds(layer, ReasonCode.NoHostEver, "has GPUs and is kept for layers that want one.", () => farm.Host("b"));
    }

    [Fact]
    public void What_no_host_has_all_at_once_is_said_piece_by_piece()
    {
        _farm.Host("a", cores: 100, memoryGib: 4, os: "windows");
        var layer = _farm.Work("x", minCores: 800, memoryGib: 64, threadable: true, os: "linux", tags: ["nuke"]);

        var reason = _farm.Explain(layer, 0).Reasons[0];

        Assert.Equal(ReasonCode.NoHostEver, reason.Code);
        Assert.Equal(
            "No host has all that it asks for at once: of 1 host, 1 host has another operating system than linux; 1 host has no tag of: nuke; "
            + "1 host has too few cores for 8 cores; 1 host has less memory than 64.0 GiB.",
            reason.Text);
    }

    [Fact]
    public void The_nearest_miss_says_how_many_hosts_lack_how_much()
    {
        for (var i = 0; i < 12; i++)
        {
            _farm.Host($"h{i:00}", memoryGib: 32);
        }

        var filler = _farm.Work("filler", frames: 12, memoryGib: 27, priority: 5, with: l => l with { MinCores = 800, Threadable = true });
        _farm.Pass();
        Assert.Equal(12, filler.Runs.Count);
        _farm.Host("tiny", memoryGib: 2);
        var layer = _farm.Work("x", minCores: 10, memoryGib: 8);
        foreach (var proc in filler.Job.Procs)
        {
            _farm.Edit.Set(proc, proc.Row with { Reserved = proc.Row.Reserved with { CorePoints = 100 } });
        }

        var answer = _farm.Explain(layer, 0);

        Assert.Equal((13, 12, 0), (answer.Hosts!.Hosts, answer.Hosts.Able, answer.Hosts.Ready));
        Assert.StartsWith("12 hosts lack memory; the nearest is h", answer.Hosts.Nearest!.Text, StringComparison.Ordinal);
        Assert.EndsWith("which lacks 3.0 GiB of memory", answer.Hosts.Nearest.Text, StringComparison.Ordinal);
        Assert.Equal(3 * Gib, answer.Hosts.Removed.Single(r => r.Lack == HostLack.Memory).Least);
        Assert.Equal(12, answer.Hosts.Removed.Single(r => r.Lack == HostLack.Memory).Only);
        Assert.Equal(ReasonCode.NoHostNow, answer.Reasons[0].Code);
    }

    [Fact]
    public void A_host_that_is_down_is_said()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { State = HardwareState.Down });

        _farm.Holds(
            _farm.Work("x"), ReasonCode.NoHostNow, "1 host of 1 could take it, but not now: 1 host is not UP. Nearest: a is DOWN.",
            () => _farm.Edit.Set(host, host.Row with { State = HardwareState.Up }));
    }

    [Fact]
    public void A_host_that_is_locked_is_said_with_the_way_to_unlock_it()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { Locked = true });

        var reason = _farm.Holds(
            _farm.Work("x"), ReasonCode.NoHostNow, "1 host is locked. Nearest: a is locked.", () => _farm.Edit.Set(host, host.Row with { Locked = false }));

        Assert.Equal("Unlock the host: cue host unlock a", reason.WayOut);
    }

    [Fact]
    public void A_host_whose_user_is_there_is_said()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { NimbyLocked = true });

        _farm.Holds(
            _farm.Work("x"), ReasonCode.NoHostNow, "a is in use by its owner (NIMBY).", () => _farm.Edit.Set(host, host.Row with { NimbyLocked = false }));
    }

    [Fact]
    public void A_host_with_a_full_temporary_directory_is_said()
    {
        var host = _farm.Host("a");
        Measure(host, stat => stat with { TotalTemp = 100 * Gib, FreeTemp = Gib });

        _farm.Holds(_farm.Work("x"), ReasonCode.NoHostNow, "1 host has a full temporary directory", () => Measure(host, stat => stat with { FreeTemp = 50 * Gib }));
    }

    [Fact]
    public void A_host_with_little_free_memory_is_said()
    {
        var host = _farm.Host("a");
        Measure(host, stat => stat with { TotalMemory = 32 * Gib, FreeMemory = 1000 });

        _farm.Holds(_farm.Work("x"), ReasonCode.NoHostNow, "1 host reports too little free memory", () => Measure(host, stat => stat with { FreeMemory = 9 * Gib }));
    }

    [Fact]
    public void A_host_that_rests_from_failed_launches_is_said()
    {
        var host = _farm.Host("a");
        host.LaunchBackOffUntilEngineMs = _farm.Edit.Now.EngineMs + 20_000;

        _farm.Holds(_farm.Work("x"), ReasonCode.NoHostNow, "1 host rests because launches failed there", () => _farm.GoOn(30_000));
    }

    [Fact]
    public void A_host_at_its_cap_of_procs_is_said()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { MaxProcs = 1 });

        _farm.Holds(
            _farm.Work("x", frames: 2), ReasonCode.NoHostNow, "1 host runs as many frames as allowed there",
            () => _farm.Edit.Set(host, host.Row with { MaxProcs = 2 }));
    }

    [Fact]
    public void A_host_that_is_not_empty_is_said_to_who_wants_it_whole()
    {
        _farm.Host("a");
        var filler = _farm.Work("filler");
        _farm.Pass();

        _farm.Holds(
            _farm.Work("x", minCores: 0, threadable: true), ReasonCode.NoHostNow, "1 host is not empty, and the layer wants a whole host",
            () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void Too_few_idle_cores_are_said_with_the_host_that_lacks_least()
    {
        _farm.Host("a", cores: 400);
        var filler = _farm.Work("filler", frames: 2);
        _farm.Pass();

        _farm.Holds(
            _farm.Work("x", minCores: 300, threadable: true), ReasonCode.NoHostNow, "1 host has too few idle cores, a by 1 core. Nearest: a lacks 1 core.",
            () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void Too_little_idle_memory_is_said()
    {
        _farm.Host("a", memoryGib: 16);
        var filler = _farm.Work("filler", memoryGib: 10);
        _farm.Pass();

        _farm.Holds(_farm.Work("x", memoryGib: 9), ReasonCode.NoHostNow, "too little idle memory, a by 3.0 GiB", () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void Too_few_idle_GPUs_are_said()
    {
        _farm.Host("a", gpus: 1);
        var filler = _farm.Work("filler", gpus: 1);
        _farm.Pass();

        _farm.Holds(_farm.Work("x", gpus: 1), ReasonCode.NoHostNow, "1 host has too few idle GPUs, a by 1 GPU", () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void Too_little_idle_GPU_memory_is_said()
    {
        _farm.Host("a", gpus: 2);
        var filler = _farm.Work("filler", gpus: 1, with: l => l with { MinGpuMemoryKib = 20 * Gib });
        _farm.Pass();

        _farm.Holds(
            _farm.Work("x", gpus: 1, with: l => l with { MinGpuMemoryKib = 16 * Gib }), ReasonCode.NoHostNow, "too little idle GPU memory, a by 4.0 GiB",
            () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void A_host_with_less_than_a_frame_can_be_is_full()
    {
        _farm.Host("a", cores: 105);
        var filler = _farm.Work("filler");
        _farm.Pass();

        _farm.Holds(_farm.Work("x", minCores: 5), ReasonCode.NoHostNow, "1 host has too few idle cores", () => _farm.Finish(filler, 0));
    }

    [Fact]
    public void A_call_that_is_still_under_way_is_said()
    {
        var host = _farm.Host("a");
        var layer = _farm.Work("x", withJob: j => j with { MaxRetries = 5 });
        _farm.Farm.OpenCalls.HoldUntil(host.Id, layer.FrameId(0), _farm.Edit.Now.EngineMs + 5000);

        _farm.Holds(
            layer, ReasonCode.CallUnderWay, "A launch or kill of the frame is still on its way to a, the host that would do",
            () => _farm.Farm.OpenCalls.ReleaseLate(_farm.Farm, long.MaxValue));
    }

    [Fact]
    public void A_layer_that_could_not_be_started_says_where_and_when_it_is_tried_again()
    {
        var host = _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Farm.StartRests.Failed(host, layer, _farm.Edit.Now.EngineMs);

        var reason = _farm.Holds(
            layer, ReasonCode.StartFailed, "The layer x could not be started on a, the host that would do; it is tried again at 20", () =>
            {
                _farm.GoOn(5000);
                _farm.Farm.Marks.Hosts.Add(host);
            });

        Assert.InRange(reason.AtMs, _farm.WallMs - 10_000, _farm.WallMs);
    }

    [Fact]
    public void A_host_that_is_kept_for_another_layer_is_said_to_both()
    {
        var host = _farm.Host("rnd1");
        var filler = _farm.Work("filler");
        _farm.Pass();
        var big = _farm.Work("big", minCores: 0, threadable: true);
        var small = _farm.Work("small");
        var now = _farm.Edit.Now.EngineMs;
        var reservation = new Reservation(host, big, now - 1000, now + 90_000);
        _farm.Scheduler.Reservations.Add(reservation);

        var ofBig = _farm.Explain(big, 0).Reasons[0];
        var ofSmall = _farm.Explain(small, 0);
        var ofHost = _farm.Explain(host).Reasons[0];

        Assert.Equal((ReasonCode.HostKept, "rnd1"), (ofBig.Code, ofBig.Subject));
        Assert.Contains("so rnd1 is kept for it since", ofBig.Text, StringComparison.Ordinal);
        Assert.Contains("enough of it is expected to be free at", ofBig.Text, StringComparison.Ordinal);
        Assert.Equal(ReasonCode.NoHostNow, ofSmall.Reasons[0].Code);
        Assert.Contains("1 host is reserved for another layer", ofSmall.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Equal([(HostLack.Unreserved, 1)], ofSmall.Hosts!.Removed.Select(r => (r.Lack, r.Only)));
        Assert.Equal(ReasonCode.HostReserved, ofHost.Code);
        Assert.Contains("rnd1 is kept for the layer big of testing-s-u_big", ofHost.Text, StringComparison.Ordinal);
        _farm.Scheduler.Reservations.Remove(reservation);
        Assert.Equal(ReasonCode.OthersFirst, _farm.Explain(small, 0).Reasons[0].Code);
        _farm.Finish(filler, 0);
        Assert.Equal(ReasonCode.Nothing, _farm.Explain(big, 0).Reasons[0].Code);
    }

    [Fact]
    public void A_frame_that_may_use_a_host_kept_for_another_until_it_is_needed_says_so()
    {
        var host = _farm.Host("rnd1");
        var quick = _farm.Work("quick");
        _farm.Edit.Set(quick.Usage, quick.Usage.Row with { Succeeded = 1, LongestSeconds = 10 });
        var big = _farm.Work("big", minCores: 0, threadable: true, withJob: j => j with { Paused = true });
        var now = _farm.Edit.Now.EngineMs;
        _farm.Scheduler.Reservations.Add(new Reservation(host, big, now - 1000, now + 600_000));

        var reason = Assert.Single(_farm.Explain(quick, 0).Reasons);

        Assert.Equal(ReasonCode.Nothing, reason.Code);
        Assert.StartsWith("1 host kept for other layers would take it", reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_host_that_is_more_than_the_burst_is_said()
    {
        _farm.Host("a", cores: 1600);
        var show = _farm.NewShow("capped", 100, 800);
        var layer = _farm.Work("x", minCores: 0, threadable: true, show: show);

        _farm.Holds(
            layer, ReasonCode.ShowAtBurst, "A frame needs 16 cores, and the show capped may have 8 on local.general at most.",
            () => _farm.Subscribe(show, _farm.General, 100, 1600));
    }

    [Fact]
    public void A_whole_host_that_is_more_than_the_jobs_maximum_is_said()
    {
        _farm.Host("a", cores: 1600);
        var layer = _farm.Work("x", minCores: 0, threadable: true, withJob: j => j with { MaxCores = 800 });

        _farm.Holds(
            layer, ReasonCode.JobAtMaxCores, "A frame needs 16 cores, and the job testing-s-u_x may have 8 at most.",
            () => _farm.Edit.Set(layer.Job, layer.Job.Row with { MaxCores = 1600 }));
    }

    [Fact]
    public void Frames_that_stand_before_it_are_counted()
    {
        _farm.Host("a");
        var important = _farm.Work("important", frames: 5, priority: 9);
        var beside = _farm.Work("beside", frames: 4);
        var layer = _farm.Work("x", frames: 3, of: beside.Job);
        _farm.Work("later", frames: 7, priority: 0);
        _farm.Work("paused", frames: 7, priority: 9, withJob: j => j with { Paused = true });

        var answer = _farm.Explain(layer, 1);

        Assert.Equal((ReasonCode.OthersFirst, 8.0), (answer.Reasons[0].Code, answer.Reasons[0].Need));
        Assert.Equal((1, 2, 5, 0, "PRIORITY_ONLY"), (answer.Place!.InLayer, answer.Place.InJob, answer.Place.InShow, answer.Place.InShows, answer.Place.Policy));
        Assert.Equal(5, important.Waiting.Count);
        _farm.Pass();
        Assert.True(layer.Runs.ContainsKey(0));
    }

    [Fact]
    public void Frames_that_can_not_run_stand_before_nobody()
    {
        _farm.Host("a", cores: 1600);
        var poor = _farm.NewShow("poor", 5000, 0);
        _farm.Work("theirs", frames: 3, show: poor);
        _farm.Work("tags", frames: 5, priority: 9, tags: ["none"]);
        _farm.Work("toobig", frames: 5, priority: 9, memoryGib: 1000);
        _farm.Work("graphics", frames: 5, priority: 9, gpus: 1);
        _farm.Work("windows", frames: 5, priority: 9, os: "windows");
        _farm.Work("limited", frames: 5, priority: 9, limit: _farm.Limit("none", 0));
        _farm.Work("capped", frames: 5, priority: 9, minCores: 500, threadable: true, withJob: j => j with { MaxCores = 400 });
        _farm.Work("off", frames: 5, priority: 9, withJob: j => j with { AutoBook = false });
        _farm.Work("later", frames: 5, priority: 9, with: row => row with { StartAfterMs = _farm.WallMs + 1_000_000 });
        var layer = _farm.Work("x");

        var answer = _farm.Explain(layer, 0);

        Assert.Equal((ReasonCode.Nothing, 0), (answer.Reasons[0].Code, answer.Place!.Before));
        Assert.Equal(0, _farm.Explain(layer).Place!.Before);
        Assert.Equal(0, Assert.Single(_farm.Explain(layer.Job).Layers).Place!.Before);
        _farm.Pass();
        Assert.Single(layer.Runs);
    }

    [Fact]
    public void Frames_that_ask_for_a_host_by_its_name_stand_before_others()
    {
        var host = _farm.Host("a");
        _farm.Host("b");
        _farm.Edit.Set(host, host.Row with { HasHostnameTag = true });
        _farm.Work("named", frames: 2, priority: 9, tags: ["A"]);
        _farm.Work("misnamed", frames: 2, priority: 9, tags: ["c"]);

        Assert.Equal(2, _farm.Explain(_farm.Work("x"), 0).Place!.InShow);
    }

    [Fact]
    public void Frames_of_shows_that_go_first_are_counted()
    {
        _farm.Host("a");
        var first = _farm.NewShow("first", 5000, 10000);
        _farm.Work("theirs", frames: 6, show: first);
        var layer = _farm.Work("x", show: _farm.NewShow("second", 100, 10000));

        Assert.Equal(6, _farm.Explain(layer, 0).Place!.InShows);
    }

    [Fact]
    public void The_order_of_frames_that_somebody_changed_counts()
    {
        var layer = _farm.Work("x", frames: 4);
        _farm.Edit.SetFrame(layer, 3, layer.Frames[3] with { DispatchOrder = -1 });

        Assert.Equal((0, 3), (_farm.Explain(layer, 3).Place!.InLayer, _farm.Explain(layer, 2).Place!.InLayer));
    }

    [Fact]
    public void A_frame_may_have_many_before_it_in_its_layer()
    {
        var layer = _farm.Work("x", frames: 300);

        Assert.Equal([0L, 63L, 64L, 65L, 299L], new[] { 0, 63, 64, 65, 299 }.Select(i => _farm.Explain(layer, i).Place!.InLayer));
    }

    private void Measure(Host host, Func<HostStatRow, HostStatRow> change)
    {
        _farm.Edit.Set(host.Stat, change(host.Stat.Row));
        _farm.Farm.Marks.Hosts.Add(host);
    }
}
