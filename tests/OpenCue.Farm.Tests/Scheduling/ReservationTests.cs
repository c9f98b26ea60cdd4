using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>Big frames do not starve among small ones.</summary>
public sealed class ReservationTests
{
    private const long Minute = 60_000;

    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_frame_that_wants_a_whole_host_gets_one_although_small_ones_never_stop_coming()
    {
        var host = _farm.Host("h1", cores: 400);
        var small = _farm.Work("small", frames: 500, priority: 1);
        _farm.Pass();
        var big = _farm.Work("big", minCores: 0, threadable: true, priority: 10);
        var minutes = 0;
        for (; big.Runs.Count == 0 && minutes < 60; minutes++)
        {
            _farm.GoOn(Minute);
            _farm.Finish(small, small.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Equal("h1", SchedulingFarm.Places(big));
        Assert.InRange(minutes, 10, 20);
        Assert.Empty(_farm.Scheduler.Reservations.All);
        Assert.Equal(400, host.Reserved.CorePoints);
    }

    [Fact]
    public void A_frame_that_wants_much_memory_gets_it_although_small_ones_never_stop_coming()
    {
        _farm.Host("h1", cores: 400, memoryGib: 64);
        _farm.Host("h2", cores: 400, memoryGib: 16);
        var small = _farm.Work("small", frames: 500, memoryGib: 4, priority: 1);
        _farm.Pass();
        var big = _farm.Work("big", memoryGib: 60, priority: 10);
        for (var minutes = 0; big.Runs.Count == 0 && minutes < 60; minutes++)
        {
            _farm.GoOn(Minute);
            _farm.Finish(small, small.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Equal("h1", SchedulingFarm.Places(big));
    }

    [Fact]
    public void Before_its_wait_is_over_nothing_is_kept_for_it()
    {
        var (_, _, _) = Starve(minutes: 9);

        Assert.Empty(_farm.Scheduler.Reservations.All);
    }

    [Fact]
    public void After_its_wait_the_host_is_kept_and_takes_no_new_frames()
    {
        var (host, small, big) = Starve(minutes: 11);

        var reservation = Assert.Single(_farm.Scheduler.Reservations.All);
        Assert.Same(host, reservation.Host);
        Assert.Same(big, reservation.Layer);
        var running = small.Runs.Count;
        _farm.Finish(small, small.Runs.Keys.Min());
        _farm.Pass();
        Assert.Equal(running - 1, small.Runs.Count);
    }

    [Fact]
    public void A_frame_that_ends_in_time_may_use_the_host_until_then()
    {
        var (_, small, big) = Starve(minutes: 11);
        // What runs there has taken long so far; frames of the quick layer take 10 s at the most.
        var quick = _farm.Work("quick", frames: 20);
        _farm.Edit.Set(quick.Usage, quick.Usage.Row with { Succeeded = 5, ClockSecondsSucceeded = 50, LongestSeconds = 10 });
        var slow = _farm.Work("slow", frames: 20);
        _farm.Edit.Set(slow.Usage, slow.Usage.Row with { Succeeded = 5, ClockSecondsSucceeded = 50_000, LongestSeconds = 100_000 });

        _farm.Finish(small, small.Runs.Keys.Min());
        _farm.Pass();
        _farm.GoOn(6000);
        _farm.Pass();

        Assert.Single(quick.Runs);
        Assert.Empty(slow.Runs);
        Assert.Empty(big.Runs);
        Assert.Equal(1, _farm.Scheduler.Counters.Backfills);
    }

    [Fact]
    public void The_host_is_let_go_when_the_frame_is_not_wanted_any_more()
    {
        var (_, small, big) = Starve(minutes: 11);
        _farm.Edit.Set(big.Job, big.Job.Row with { Paused = true });
        _farm.GoOn(6000);
        _farm.Finish(small, small.Runs.Keys.Min());
        _farm.Pass();

        Assert.Empty(_farm.Scheduler.Reservations.All);
        Assert.Equal(4, small.Runs.Count);
    }

    [Fact]
    public void The_host_is_let_go_when_it_is_locked_and_another_is_kept()
    {
        var (host, _, big) = Starve(minutes: 11);
        var other = _farm.Host("h2", cores: 400);
        _farm.Edit.Set(host, host.Row with { Locked = true });
        _farm.GoOn(6000);
        _farm.Pass();

        Assert.Empty(_farm.Scheduler.Reservations.All);
        Assert.Equal("h2", SchedulingFarm.Places(big));
        Assert.Equal(400, other.Reserved.CorePoints);
    }

    [Fact]
    public void Another_host_is_kept_after_another_wait_when_a_frame_hangs_on_the_one_that_is()
    {
        var hung = _farm.Host("hung", cores: 200);
        var hanging = _farm.Work("hanging", priority: 5);
        _farm.Edit.Set(hanging.Usage, hanging.Usage.Row with { Succeeded = 5, ClockSecondsSucceeded = 50, LongestSeconds = 10 });
        _farm.Pass();
        var other = _farm.Host("other", cores: 200);
        var small = _farm.Work("small", frames: 500, priority: 1);
        _farm.Pass();
        var big = _farm.Work("big", minCores: 0, threadable: true, priority: 10);
        var kept = new List<string>();
        for (var minute = 0; minute < 60 && big.Runs.Count == 0; minute++)
        {
            _farm.GoOn(Minute);
            foreach (var ordinal in small.Runs.Where(r => _farm.WallMs - r.Value.Row.BookedAtMs >= 7 * Minute).Select(r => r.Key).ToList())
            {
                _farm.Finish(small, ordinal);
            }

            _farm.Pass();
            kept.Add(_farm.Scheduler.Reservations.For(big)?.Host.Row.Name ?? "-");
            Assert.Equal(hung.Reserved.CorePoints == 100 || kept[^1] == "hung" || big.Runs.Count > 0, kept[^1] == "hung" || big.Runs.Count > 0);
        }

        Assert.Equal("other", SchedulingFarm.Places(big));
        Assert.Equal(["-", "hung", "other", "-"], kept.Where((name, i) => i == 0 || name != kept[i - 1]));
        Assert.InRange(kept.Count(name => name == "hung"), 10, 12);
        Assert.Equal(200, other.Reserved.CorePoints);
        Assert.Equal(200, hung.Reserved.CorePoints);
    }

    /// <summary>The frame never waits for longer than one wait for each host that could have disappointed it.</summary>
    [Fact]
    public void A_big_frame_runs_in_the_end_whatever_hangs_as_long_as_one_host_comes_free() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var farm = new SchedulingFarm();
            var hosts = Enumerable.Range(0, random.Next(2, 6)).Select(i => farm.Host($"h{i}", cores: 400)).ToList();
            var healthy = random.Next(hosts.Count);
            var works = Enumerable.Range(0, 3).Select(i => farm.Work($"small{i}", frames: 2000, priority: random.Next(1, 5))).ToList();
            var times = works.Select(_ => random.Next(1, 8)).ToList();
            farm.Pass();
            var hanging = new HashSet<EntityId>();
            foreach (var host in hosts.Where((_, i) => i != healthy && random.Next(3) > 0))
            {
                hanging.Add(host.Procs.First().Run!.Id);
            }

            var big = farm.Work("big", minCores: 0, threadable: true, priority: 10);
            var most = 10 + ((10 + 8) * hosts.Count) + 8;
            var minutes = 0;
            for (; big.Runs.Count == 0 && minutes <= most; minutes++)
            {
                farm.GoOn(Minute);
                foreach (var run in farm.Farm.Runs.Values.Where(r => !hanging.Contains(r.Id)).ToList())
                {
                    if (farm.WallMs - run.Row.BookedAtMs >= times[works.IndexOf(run.Layer)] * Minute)
                    {
                        farm.Finish(run.Layer, run.Ordinal);
                    }
                }

                farm.Pass();
            }

            return (big.Runs.Count == 1).Label($"seed {seed}: it did not run within {most} minutes, {hanging.Count} of {hosts.Count} hosts hang");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Starving_frames_that_no_host_can_be_kept_for_do_not_stand_in_the_way_of_others()
    {
        _farm.Host("h1", cores: 400);
        for (var i = 0; i < 10; i++)
        {
            _farm.Work($"nowhere{i}", priority: 50, tags: ["none"]);
            _farm.Work($"toobig{i}", priority: 50, minCores: 500 + i);
        }

        var small = _farm.Work("small", frames: 500, priority: 1);
        _farm.Pass();
        var big = _farm.Work("big", minCores: 0, threadable: true, priority: 10);
        for (var minutes = 0; big.Runs.Count == 0 && minutes < 60; minutes++)
        {
            _farm.GoOn(Minute);
            _farm.Finish(small, small.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Equal("h1", SchedulingFarm.Places(big));
    }

    [Fact]
    public void A_frame_that_only_waits_for_its_turn_gets_no_host_kept()
    {
        _farm.Host("h1", cores: 400);
        var first = _farm.Work("first", frames: 500, priority: 10);
        _farm.Pass();
        _farm.Work("big", minCores: 0, threadable: true, priority: 1);
        for (var minutes = 0; minutes < 30; minutes++)
        {
            _farm.GoOn(Minute);
            _farm.Finish(first, first.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Empty(_farm.Scheduler.Reservations.All);
    }

    [Fact]
    public void A_site_can_turn_it_off()
    {
        var farm = new SchedulingFarm(new FarmSettings { ReserveAfterMs = 0 });
        farm.Host("h1", cores: 400);
        var small = farm.Work("small", frames: 500, priority: 1);
        farm.Pass();
        var big = farm.Work("big", minCores: 0, threadable: true, priority: 10);
        for (var minutes = 0; minutes < 60; minutes++)
        {
            farm.GoOn(Minute);
            farm.Finish(small, small.Runs.Keys.Min());
            farm.Pass();
        }

        Assert.Empty(big.Runs);
    }

    [Fact]
    public void A_warm_host_is_taken_before_one_with_more_memory()
    {
        var warm = _farm.Host("warm", memoryGib: 16);
        var layer = _farm.Work("work", frames: 2, minCores: 800, memoryGib: 4, threadable: true);
        _farm.Pass();
        Assert.Equal("warm -", SchedulingFarm.Places(layer));
        _farm.Edit.Set(layer.Job, layer.Job.Row with { Paused = true });
        _farm.Finish(layer, 0);
        _farm.Host("cold", memoryGib: 64);
        _farm.Pass();
        _farm.Edit.Set(layer.Job, layer.Job.Row with { Paused = false });
        _farm.Pass();

        Assert.Equal("- warm", SchedulingFarm.Places(layer));
        Assert.Equal(800, warm.Reserved.CorePoints);
    }

    [Fact]
    public void Frames_under_a_limit_that_counts_hosts_go_where_its_token_is_held()
    {
        for (var i = 0; i < 4; i++)
        {
            _farm.Host($"h{i}", cores: 400);
        }

        var limit = _farm.Limit("houdini", 2, LimitKind.Host);
        var layers = Enumerable.Range(0, 6).Select(i => _farm.Work($"w{i}", frames: 2, limit: limit)).ToList();
        _farm.Pass();

        Assert.Equal(2, limit.Tokens);
        Assert.Equal(8, layers.Sum(l => l.Runs.Count));
        Assert.Equal(2, layers.SelectMany(l => l.Runs.Values).Select(r => r.Host).Distinct().Count());
    }

    [Fact]
    public void A_host_takes_no_more_procs_than_its_cap()
    {
        var host = _farm.Host("h1", cores: 800);
        _farm.Edit.Set(host, host.Row with { MaxProcs = 3 });
        var layer = _farm.Work("work", frames: 10);
        _farm.Pass();
        Assert.Equal(3, layer.Runs.Count);

        _farm.Edit.Set(host, host.Row with { MaxProcs = 0 });
        _farm.Pass();
        Assert.Equal(8, layer.Runs.Count);
    }

    private (Host Host, Layer Small, Layer Big) Starve(int minutes)
    {
        var host = _farm.Host("h1", cores: 400);
        var small = _farm.Work("small", frames: 500, priority: 1);
        _farm.Pass();
        var big = _farm.Work("big", minCores: 0, threadable: true, priority: 10);
        for (var i = 0; i < minutes; i++)
        {
            _farm.GoOn(Minute);
            if (_farm.Scheduler.Reservations.All.Count == 0)
            {
                _farm.Finish(small, small.Runs.Keys.Min());
            }

            _farm.Pass();
        }

        Assert.Empty(big.Runs);
        return (host, small, big);
    }
}
