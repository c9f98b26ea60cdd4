using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling.Policies;

/// <summary>A policy whose answers do not follow from the farm and the time, or that takes all the time there is, never stops the farm.</summary>
public sealed class FicklePolicyTests
{
    private readonly Fickle _policy = new();
    private readonly SchedulingPolicies _policies;
    private readonly SchedulingFarm _farm;

    public FicklePolicyTests()
    {
        _policies = new SchedulingPolicies([_policy], siteDefault: _policy.Name);
        _farm = new SchedulingFarm(policies: _policies);
        _farm.Host("h", cores: 200);
    }

    public static TheoryData<string> Moods => ["random", "rising", "falling"];

    [Theory]
    [MemberData(nameof(Moods))]
    public void Ranks_that_never_hold_are_named_and_the_default_order_is_used(string mood)
    {
        var works = Enumerable.Range(0, 40).Select(i => _farm.Work($"w{i}", frames: 2, priority: i)).ToList();
        _policy.Mood = mood;
        for (var pass = 0; pass < 100; pass++)
        {
            // As a server does it: in slices, each at another time.
            var looks = 40;
            _farm.Scheduler.Pass(_farm.Edit, () => --looks > 0);
        }

        Assert.Equal(2, works[39].Runs.Count);
        Assert.Equal(2, _farm.Farm.Runs.Count);
        var failure = Assert.Single(_policies.Failures);
        Assert.Equal("FICKLE", failure.Policy);
        Assert.Contains("testing-s-u_w", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_that_never_hold_stop_no_pass_and_a_whole_one_books_in_the_default_order()
    {
        var low = _farm.Work("low", priority: 1);
        var high = _farm.Work("high", frames: 2, priority: 9);
        _policy.Mood = "random";
        while (_farm.Scheduler.Pass(_farm.Edit, () => true).HasMore)
        {
        }

        Assert.Equal((0, 2), (low.Runs.Count, high.Runs.Count));
    }

    [Fact]
    public void Ranks_of_shows_that_never_hold_stop_nothing()
    {
        var second = _farm.NewShow("second", 400, 1000);
        var works = new[] { _farm.Work("a", frames: 5), _farm.Work("b", frames: 5, show: second) };
        _policy.Mood = "shows";
        _farm.Pass();
        Assert.Equal(2, works.Sum(w => w.Runs.Count));
    }

    [Fact]
    public void Ranks_that_move_with_time_and_with_each_booking_are_no_fault()
    {
        _farm.Host("big", cores: 4000, memoryGib: 128);
        for (var i = 0; i < 40; i++)
        {
            _farm.Work($"w{i}", frames: 2, priority: i);
        }

        _policy.Mood = "lively";
        for (var pass = 0; pass < 30; pass++)
        {
            var looks = 40;
            _farm.Scheduler.Pass(_farm.Edit, () => --looks > 0);
            _farm.GoOn(500);
        }

        Assert.Equal(42, _farm.Farm.Runs.Count);
        Assert.Empty(_policies.Failures);
    }

    [Fact]
    public void Frames_are_booked_although_a_policy_takes_the_whole_slice_to_begin_and_then_it_is_named()
    {
        var work = _farm.Work("work", frames: 5);
        var isTimeLeft = true;
        _policy.OnBegin = () => isTimeLeft = false;
        for (var pass = 0; pass < 2; pass++)
        {
            isTimeLeft = true;
            _farm.Scheduler.Pass(_farm.Edit, () => isTimeLeft);
        }

        Assert.Equal(2, work.Runs.Count);
        Assert.Empty(_policies.Failures);
        for (var pass = 0; pass < 10; pass++)
        {
            isTimeLeft = true;
            _farm.Scheduler.Pass(_farm.Edit, () => isTimeLeft);
        }

        Assert.Contains("Begin", Assert.Single(_policies.Failures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_that_was_over_before_a_policy_began_is_not_its_fault()
    {
        _farm.Work("work", frames: 5);
        for (var pass = 0; pass < 20; pass++)
        {
            _farm.Scheduler.Pass(_farm.Edit, () => false);
        }

        Assert.Empty(_policies.Failures);
    }

    [Fact]
    public void Ranks_that_move_with_time_also_move_what_waits_at_a_cap()
    {
        var limit = _farm.Limit("limit", 1);
        var running = _farm.Work("running", priority: 100, limit: limit);
        _farm.Pass();
        Assert.Single(running.Runs);
        for (var i = 0; i < 40; i++)
        {
            _farm.Work($"w{i}", priority: 10, limit: limit);
        }

        var last = _farm.Work("last", priority: 1, limit: limit);
        _policy.AgainMs = 5000;
        _farm.Pass();
        _policy.Mood = "upside down";
        _farm.GoOn(6000);
        _farm.Pass();
        _farm.Finish(running, 0);
        _farm.Pass();

        Assert.Single(last.Runs);
    }

    [Fact]
    public void A_policy_that_takes_long_for_each_rank_is_named_and_the_default_order_is_used()
    {
        var works = Enumerable.Range(0, 300).Select(i => _farm.Work($"w{i}", priority: i)).ToList();
        var spent = 0;
        _policy.OnRank = () => spent++;
        for (var pass = 0; pass < 100; pass++)
        {
            spent = 0;
            _farm.Scheduler.Pass(_farm.Edit, () => spent < 10);
        }

        Assert.Equal([1, 1], works.TakeLast(2).Select(w => w.Runs.Count));
        Assert.Contains("too long", Assert.Single(_policies.Failures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_that_are_said_to_move_all_the_time_leave_time_for_booking()
    {
        for (var i = 0; i < 300; i++)
        {
            _farm.Work($"w{i}");
        }

        _policy.AgainMs = 0;
        for (var pass = 0; pass < 100; pass++)
        {
            _farm.Scheduler.Pass(_farm.Edit, () => false);
        }

        Assert.Equal(2, _farm.Farm.Runs.Count);
        Assert.Empty(_policies.Failures);
    }

    [Fact]
    public void Every_facility_has_its_ranks_asked_for_again_however_long_those_of_another_take()
    {
        var edit = _farm.Edit;
        var facility = new Facility(new FacilityRow(edit.NewId(), "second", IsDefault: false));
        edit.Add(facility);
        var allocation = new Allocation(new AllocationRow(edit.NewId(), facility.Id, "second.general", "second", false, false), facility);
        edit.Add(allocation);
        _farm.Subscribe(_farm.Show, allocation, 100, 1000);
        foreach (var place in _farm.Farm.Facilities.All)
        {
            for (var i = 0; i < 600; i++)
            {
                _farm.Work($"{place.Row.Name}-{i}", withJob: row => row with { FacilityId = place.Id });
            }
        }

        _policy.AgainMs = 1000;
        var asked = new HashSet<string>();
        _policy.OnRankOf = job => asked.Add(job.Facility.Row.Name);
        for (var pass = 0; pass < 10; pass++)
        {
            _farm.Pass();
            if (pass < 2)
            {
                asked.Clear();
            }

            _farm.GoOn(2000);
        }

        Assert.Superset(_farm.Farm.Facilities.All.Select(f => f.Row.Name).ToHashSet(), asked);
    }

    [Fact]
    public void What_moves_from_a_cap_that_opened_to_one_that_is_full_is_moved_in_slices()
    {
        var (opens, full) = (_farm.Limit("opens", 0), _farm.Limit("full", 0));
        for (var i = 0; i < 3000; i++)
        {
            _farm.Work($"w{i}", with: row => row with { LimitIds = [opens.Id, full.Id] });
        }

        _farm.Pass();
        var ranked = 0;
        _policy.OnRank = () => ranked++;
        _farm.Edit.Set(opens, opens.Row with { MaxValue = 10 });
        Assert.True(_farm.Scheduler.Pass(_farm.Edit, () => ranked == 0).HasMore);
        Assert.InRange(ranked, 1, 600);
        while (_farm.Scheduler.Pass(_farm.Edit, () => false).HasMore)
        {
        }

        Assert.Equal(3000, ranked);
    }

    private sealed class Fickle : ISchedulingPolicy
    {
        private readonly Random _random = new(1);
        private long _asked;

        public string Mood { get; set; } = "";

        public Action? OnBegin { get; set; }

        public Action? OnRank { get; set; }

        public Action<Job>? OnRankOf { get; set; }

        public long? AgainMs { get; set; }

        public string Name => "FICKLE";

        public long? RankAgainAfterMs => AgainMs;

        public void Begin(FarmModel farm, FarmTime now) => OnBegin?.Invoke();

        public double ShowRank(Show show, Allocation allocation) => Mood == "shows" ? _random.NextDouble() : 0;

        public JobRank RankOf(Job job, FarmTime now)
        {
            OnRank?.Invoke();
            OnRankOf?.Invoke(job);
            return Mood switch
            {
                "random" => new(_random.NextInt64(), 0),
                "rising" => new(++_asked, 0),
                "falling" => new(-++_asked, 0),
                "lively" => new(now.EngineMs * job.Row.Priority, job.Use.CorePoints),
                "upside down" => new(job.Row.Priority, 0),
                _ => new(-job.Row.Priority, 0),
            };
        }
    }
}
