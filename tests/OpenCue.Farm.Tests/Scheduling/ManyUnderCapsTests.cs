using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Matching;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>What thousands of layers that wait for the same cap or limit cost, counted in layers that are looked at, and that none of them is forgotten.</summary>
public sealed class ManyUnderCapsTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void An_end_under_a_full_limit_of_hosts_looks_at_what_can_be_booked_and_not_at_all_that_waits()
    {
        var limit = _farm.Limit("houdini", 2, LimitKind.Host);
        for (var i = 0; i < 4; i++)
        {
            _farm.Host($"h{i}", cores: 400);
        }

        var layers = Enumerable.Range(0, 2000).Select(i => _farm.Work($"w{i}", limit: limit, priority: 10_000 - i)).ToList();
        _farm.Pass();
        Assert.Equal(8, limit.Running);
        var before = _farm.Scheduler.Counters.Looks;
        for (var i = 0; i < 20; i++)
        {
            var running = layers.First(l => l.Runs.Count > 0);
            _farm.Finish(running, 0);
            _farm.Pass();
            Assert.Equal((8, 2), (limit.Running, limit.Tokens));
        }

        Assert.All(layers.Take(28), l => Assert.Equal(0, l.Waiting.Count));
        Assert.InRange(_farm.Scheduler.Counters.Looks - before, 20, 150);
    }

    [Fact]
    public void A_token_that_comes_free_lets_another_host_in()
    {
        var limit = _farm.Limit("houdini", 1, LimitKind.Host);
        var first = _farm.Host("first", cores: 100);
        _farm.Host("second", cores: 200);
        var layers = Enumerable.Range(0, 40).Select(i => _farm.Work($"w{i}", limit: limit, minCores: i == 0 ? 100 : 200, priority: 100 - i)).ToList();
        _farm.Pass();
        Assert.Equal("first", SchedulingFarm.Places(layers[0]));
        Assert.Equal(1, limit.Running);
        _farm.Finish(layers[0], 0);
        _farm.Pass();
        Assert.Equal("second", SchedulingFarm.Places(layers[1]));
        Assert.Equal(0, first.Reserved.CorePoints);
    }

    [Fact]
    public void A_host_that_would_need_a_token_is_not_kept_for_a_layer_while_there_is_none()
    {
        var limit = _farm.Limit("houdini", 1, LimitKind.Host);
        _farm.Host("holder", cores: 200, memoryGib: 8);
        var holding = _farm.Work("holding", limit: limit, minCores: 200, memoryGib: 8);
        _farm.Pass();
        Assert.Equal("holder", SchedulingFarm.Places(holding));
        _farm.Host("other", cores: 200);
        var small = _farm.Work("small", frames: 500, memoryGib: 1);
        _farm.Pass();
        var waiting = _farm.Work("waiting", limit: limit, minCores: 200, priority: 10);
        for (var minutes = 0; minutes < 30; minutes++)
        {
            _farm.GoOn(60_000);
            _farm.Finish(small, small.Runs.Keys.Min());
            _farm.Pass();
        }

        Assert.Empty(waiting.Runs);
        Assert.DoesNotContain(_farm.Scheduler.Reservations.All, r => r.Host.Row.Name == "other");
        Assert.Equal(2, small.Runs.Count);
    }

    [Fact]
    public void A_place_is_not_given_back_for_a_layer_that_has_no_token_for_the_host()
    {
        var limit = _farm.Limit("houdini", 1, LimitKind.Host);
        _farm.Host("holder", cores: 100);
        var holding = _farm.Work("holding", limit: limit);
        _farm.Pass();
        Assert.Equal("holder", SchedulingFarm.Places(holding));
        _farm.Host("other", cores: 100);
        var low = _farm.Work("low", frames: 5);
        _farm.Pass();
        _farm.Work("high", limit: limit, priority: 10);
        _farm.Pass();
        _farm.GoOn(10_000);

        Assert.Equal(ProcFate.NextFrame, _farm.Finish(low, 0));
    }

    [Fact]
    public void A_layer_under_two_limits_waits_at_the_one_that_is_full()
    {
        _farm.Host("h", cores: 800);
        var (full, open) = (_farm.Limit("full", 1), _farm.Limit("open", 1));
        var layers = Enumerable.Range(0, 40)
            .Select(i => _farm.Work($"w{i}", priority: 100 - i, with: row => row with { LimitIds = [full.Id, open.Id] })).ToList();
        _farm.Pass();
        Assert.Equal(1, full.Running);
        _farm.Edit.Set(full, full.Row with { MaxValue = 2 });
        _farm.Pass();
        Assert.Equal((1, 1), (full.Running, open.Running));
        _farm.Edit.Set(open, open.Row with { MaxValue = 3 });
        _farm.Pass();
        Assert.Equal((2, 2), (full.Running, open.Running));
        _farm.Finish(layers[0], 0);
        _farm.Pass();
        Assert.Single(layers[2].Runs);
    }

    /// <summary>Many more wait at the cap than are woken at once; what comes after all of them gets nothing before they have what they may have.</summary>
    [Fact]
    public void Those_at_a_cap_with_much_room_all_come_before_what_comes_after_them()
    {
        var limit = _farm.Limit("full", 0);
        var first = Enumerable.Range(0, 60).Select(i => _farm.Work($"w{i}", priority: 100, memoryGib: 1 + (i % 3), limit: limit)).ToList();
        _farm.Pass();
        var after = _farm.Work("after", frames: 100, priority: 1);
        _farm.Edit.Set(limit, limit.Row with { MaxValue = 1000 });
        _farm.Host("h", cores: 6000, memoryGib: 1000);
        _farm.Pass();
        Assert.All(first, l => Assert.Single(l.Runs));
        Assert.Empty(after.Runs);
    }

    [Fact]
    public void Those_behind_a_cap_that_no_host_would_take_do_not_keep_back_those_that_one_would()
    {
        var limit = _farm.Limit("full", 0);
        foreach (var i in Enumerable.Range(0, 60))
        {
            _farm.Work($"w{i}", priority: 100, gpus: 1, limit: limit);
        }

        var second = _farm.Work("second", priority: 50, limit: limit);
        _farm.Pass();
        var after = _farm.Work("after", priority: 1);
        _farm.Edit.Set(limit, limit.Row with { MaxValue = 1 });
        _farm.Host("h", cores: 100);
        _farm.Pass();
        Assert.Single(second.Runs);
        Assert.Empty(after.Runs);
    }

    [Fact]
    public void Hosts_whose_tags_change_all_the_time_leave_nothing_behind_and_are_found()
    {
        var tags = new TagMatcher(asPattern: false);
        var host = _farm.Host("h");
        var market = new AllocationMarket(0, host.Allocation, new HostPlaces(_farm.Farm), tags, new FarmSettings());
        var index = market.Hosts;
        var kind = index.KindOf(new HostKind(null, ["last"], Threadable: false));
        var place = index.Add(host, market);
        for (var i = 0; i < 2000; i++)
        {
            _farm.Edit.Set(host, host.Row with { ManualTags = [$"tag{i}"] });
            index.Refresh(place);
        }

        Assert.Equal(1, index.FamilyCount);
        _farm.Edit.Set(host, host.Row with { ManualTags = ["last"] });
        index.Refresh(place);
        Assert.Single(kind.Families, family => family.Pools.Count == 1);
    }

    [Fact]
    public void The_time_at_which_a_layer_starts_is_forgotten_with_it()
    {
        var late = _farm.Work("late", with: row => row with { StartAfterMs = 1_890_000_000_000 });
        _farm.Pass();
        Assert.Equal(1_890_000_000_000, _farm.Scheduler.NextStartMs);
        _farm.Edit.ArchiveJob(late.Job);
        _farm.Pass();
        Assert.Null(_farm.Scheduler.NextStartMs);
    }
}
