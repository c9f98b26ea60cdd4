using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling.Policies;

/// <summary>A policy that throws is left out; nothing else is lost.</summary>
public sealed class BrokenPolicyTests
{
    private readonly FarmModel _farm = new();
    private readonly FarmEdit _edit;
    private readonly Facility _facility;
    private readonly Moody _moody = new();
    private readonly SchedulingPolicies _policies;

    public BrokenPolicyTests()
    {
        _edit = new FarmEdit(_farm, new IdSource(1), 1);
        _edit.Begin(new FarmTime(1, 1), Actor.Scheduler);
        FarmSeed.Apply(_edit);
        _facility = _farm.Facilities.All.First();
        _policies = new SchedulingPolicies([_moody], siteDefault: _moody.Name);
        _policies.BeginPass(_farm, new FarmTime(1, 1));
    }

    public static TheoryData<string> Questions => ["Begin", "ShowRank", "NaN", "RankOf", "GivesUpShow", "GivesUpGroup", "RankAgain"];

    [Theory]
    [MemberData(nameof(Questions))]
    public void Whatever_it_throws_at_is_answered_by_the_default_and_it_is_named(string question)
    {
        var told = new List<PolicyFailure>();
        _policies.OnFailure = told.Add;
        _moody.ThrowsAt = question;
        AskAll(10);
        var failure = Assert.Single(told);
        Assert.Equal(("MOODY", 1L), (failure.Policy, failure.Count));
        Assert.Equal(failure, Assert.Single(_policies.Failures));
        Assert.Contains(question == "NaN" ? "NaN" : "not today", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_left_out_for_the_rest_of_the_pass_and_tried_again_a_second_later()
    {
        _moody.ThrowsAt = "RankOf";
        AskAll(10);
        _moody.ThrowsAt = "";
        var asked = _moody.Asked;
        var show = _farm.Shows.All.First();
        Assert.Equal(new PriorityPolicy().ShowRank(show, _farm.Allocations.All.First()), _policies.For(_facility).ShowRank(show, _farm.Allocations.All.First()));
        Assert.True(_policies.BeginPass(_farm, new FarmTime(500, 500)));
        Assert.False(_policies.BeginPass(_farm, new FarmTime(600, 600)));
        Assert.Equal(asked, _moody.Asked);

        Assert.True(_policies.BeginPass(_farm, new FarmTime(1100, 1100)));
        Assert.Equal(-7, _policies.For(_facility).ShowRank(show, _farm.Allocations.All.First()));
        Assert.False(_policies.BeginPass(_farm, new FarmTime(1200, 1200)));
    }

    [Fact]
    public void It_rests_longer_while_it_goes_on_failing_and_is_forgiven_after_a_while()
    {
        _moody.ThrowsAt = "Begin";
        var tries = new List<long>();
        for (long ms = 2; ms < 200_000; ms += 100)
        {
            var asked = _moody.Asked;
            _policies.BeginPass(_farm, new FarmTime(ms, ms));
            if (_moody.Asked > asked)
            {
                tries.Add(ms / 1000);
            }
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 123, 183], tries);
        _moody.ThrowsAt = "";
        _policies.BeginPass(_farm, new FarmTime(260_000, 260_000));
        _moody.ThrowsAt = "Begin";
        _policies.BeginPass(_farm, new FarmTime(400_000, 400_000));
        _policies.BeginPass(_farm, new FarmTime(400_900, 400_900));
        Assert.Equal(tries.Count + 1, _policies.FailureOf("MOODY")!.Count);
        _policies.BeginPass(_farm, new FarmTime(401_100, 401_100));
        Assert.Equal(tries.Count + 2, _policies.FailureOf("MOODY")!.Count);
    }

    [Fact]
    public void Work_goes_on_in_the_default_order()
    {
        var farm = new SchedulingFarm(policies: new SchedulingPolicies([_moody], siteDefault: _moody.Name));
        _moody.ThrowsAt = "RankOf";
        farm.Host("h", cores: 200);
        var low = farm.Work("low", priority: 1);
        var high = farm.Work("high", frames: 2, priority: 9);
        farm.Pass();
        Assert.Equal((0, 2), (low.Runs.Count, high.Runs.Count));
        Assert.Empty(FarmInvariants.Check(farm.Farm));
    }

    private void AskAll(long ms)
    {
        _policies.BeginPass(_farm, new FarmTime(ms, ms));
        var policy = _policies.For(_facility);
        var (show, allocation) = (_farm.Shows.All.First(), _farm.Allocations.All.First());
        var group = show.RootGroup;
        var row = new JobRow
        {
            Id = _edit.NewId(), Name = "job", ShowId = show.Id, ShowAsWritten = "x", GroupId = group.Id, FacilityId = _facility.Id, Shot = "s", User = "u", LogDir = "/",
        };
        var job = new Job(row, show, group, _facility);
        for (var i = 0; i < 3; i++)
        {
            policy.ShowRank(show, allocation);
            policy.RankOf(job, new FarmTime(ms, ms));
            policy.GivesUp(show, show, allocation, 100);
            policy.GivesUp(group, group, allocation, 100);
            _ = policy.RankAgainAfterMs;
        }
    }

    /// <summary>Throws at one question.</summary>
    private sealed class Moody : ISchedulingPolicy
    {
        public string ThrowsAt { get; set; } = "";

        public int Asked { get; private set; }

        public string Name => "MOODY";

        public long? RankAgainAfterMs => Answer("RankAgain", (long?)1);

        public void Begin(FarmModel farm, FarmTime now) => Answer("Begin", 0);

        public double ShowRank(Show show, Allocation allocation) => ThrowsAt == "NaN" ? double.NaN : Answer("ShowRank", -7.0);

        public JobRank RankOf(Job job, FarmTime now) => Answer("RankOf", default(JobRank));

        public bool GivesUp(Show holder, Show needy, Allocation allocation, int corePoints) => Answer("GivesUpShow", false);

        public bool GivesUp(Group holder, Group needy, Allocation allocation, int corePoints) => Answer("GivesUpGroup", false);

        private T Answer<T>(string question, T answer)
        {
            Asked++;
            return question == ThrowsAt ? throw new InvalidOperationException("not today") : answer;
        }
    }
}
