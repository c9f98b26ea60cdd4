using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Tests.Scheduling.Policies;

/// <summary>The order of each policy, on a host of one core, and the choice among them.</summary>
public sealed class PolicyTests
{
    private const long Day = 86_400_000;

    private readonly SchedulingFarm _farm = new();

    [Theory]
    [InlineData("")]
    [InlineData("PRIORITY_ONLY")]
    [InlineData("FIFO")]
    [InlineData("fifo")]
    public void Jobs_go_by_priority_and_then_the_older_first(string policy)
    {
        Choose(policy);
        _farm.Work("third", withJob: job => job with { SubmittedAtMs = 3000 });
        _farm.Work("second", withJob: job => job with { SubmittedAtMs = 2000 });
        _farm.Work("first", priority: 2, withJob: job => job with { SubmittedAtMs = 9000 });
        Assert.Equal("first second third", OrderOfService());
    }

    [Fact]
    public void Balanced_raises_what_has_less_than_its_minimum_by_how_much_is_missing()
    {
        Choose("BALANCED");
        var (half, none) = (Job(priority: 1, minCores: 400), Job(priority: 1, minCores: 400));
        var above = Job(priority: 60, minCores: 100);
        var policy = new BalancedPolicy();
        Use(half, 200);
        Use(above, 100);
        Assert.Equal([none, above, half], new[] { half, none, above }.OrderBy(job => policy.RankOf(job, Now)));
        Use(none, 100);
        Assert.Equal(-76_000, policy.RankOf(none, Now).First);
        Assert.Equal(-51_000, policy.RankOf(half, Now).First);
        Assert.Equal(-60_000, policy.RankOf(above, Now).First);
    }

    [Fact]
    public void Balanced_raises_by_one_for_each_day_also_over_the_end_of_a_month()
    {
        var policy = new BalancedPolicy();
        var job = Job(priority: 5, minCores: 0, submittedAtMs: Now.WallMs - (40 * Day));
        Assert.Equal(-45_000, policy.RankOf(job, Now).First);
        Assert.Equal(-5_000, policy.RankOf(Job(priority: 5, minCores: 0, submittedAtMs: Now.WallMs + Day), Now).First);
        Assert.NotNull(policy.RankAgainAfterMs);
    }

    [Fact]
    public void Balanced_serves_a_needy_job_before_one_of_higher_priority()
    {
        Choose("BALANCED");
        _farm.Work("rich", priority: 50, withJob: job => job with { MinCores = 0, SubmittedAtMs = _farm.WallMs });
        _farm.Work("poor", priority: 1, withJob: job => job with { MinCores = 100, SubmittedAtMs = _farm.WallMs });
        Assert.Equal("poor rich", OrderOfService());
    }

    [Fact]
    public void A_facility_changes_its_policy_while_it_works()
    {
        _farm.Work("rich", frames: 2, priority: 50, withJob: job => job with { MinCores = 0, SubmittedAtMs = _farm.WallMs });
        _farm.Work("poor", frames: 2, priority: 1, withJob: job => job with { MinCores = 10_000, SubmittedAtMs = _farm.WallMs });
        var host = _farm.Host("h", cores: 100);
        _farm.Pass();
        Assert.Equal("rich", host.Procs.Single().Layer.Row.Name);
        Choose("BALANCED");
        GiveBack(host.Procs.Single().Run!);
        _farm.Pass();
        Assert.Equal("poor", host.Procs.Single().Layer.Row.Name);
    }

    [Fact]
    public void Facilities_have_policies_of_their_own_and_keep_them()
    {
        var policies = new SchedulingPolicies(siteDefault: "FAIR_SHARE");
        var cloud = _farm.Farm.Facilities.Find("cloud")!;
        FacilityRules.SetPolicy(_farm.Edit, cloud, policies, "fifo");
        Assert.Equal(("FIFO", "FAIR_SHARE"), (policies.NameFor(cloud), policies.NameFor(_farm.General.Facility)));
        Assert.Equal("FIFO", cloud.Row.SchedulingPolicy);
        FacilityRules.SetPolicy(_farm.Edit, cloud, policies, "");
        Assert.Equal("FAIR_SHARE", policies.NameFor(cloud));
        Assert.Contains(
            "There are BALANCED, FAIR_SHARE, FIFO, PRIORITY_ONLY",
            Assert.Throws<FarmException>(() => FacilityRules.SetPolicy(_farm.Edit, cloud, policies, "LOTTERY")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_facility_whose_policy_is_not_there_any_more_has_the_default()
    {
        Choose("LOTTERY");
        Assert.Equal("PRIORITY_ONLY", new SchedulingPolicies().NameFor(_farm.General.Facility));
        _farm.Work("work");
        Assert.Equal("work", OrderOfService());
    }

    [Fact]
    public void A_default_that_is_not_there_and_two_of_one_name_are_refused()
    {
        Assert.Contains("LOTTERY. There are", Assert.Throws<ArgumentException>(() => new SchedulingPolicies(siteDefault: "LOTTERY")).Message, StringComparison.Ordinal);
        Assert.Contains("FIFO", Assert.Throws<ArgumentException>(() => new SchedulingPolicies([new FifoPolicy()])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_policies_that_have_places_given_up_are_asked_for_it()
    {
        var policies = new SchedulingPolicies();
        Assert.False(policies.GivesUp(_farm.General.Facility));
        Choose("FAIR_SHARE");
        Assert.True(policies.GivesUp(_farm.General.Facility));
    }

    private FarmTime Now => new(_farm.WallMs - 1_790_000_000_000, _farm.WallMs);

    private void Choose(string policy)
    {
        var facility = _farm.General.Facility;
        _farm.Edit.Set(facility, facility.Row with { SchedulingPolicy = policy });
    }

    private Job Job(int priority, int minCores, long? submittedAtMs = null) => _farm.Work(
        $"j{_farm.Farm.Jobs.Count}",
        priority: priority,
        withJob: job => job with { MinCores = minCores, SubmittedAtMs = submittedAtMs ?? Now.WallMs }).Job;

    private void Use(Job job, int corePoints)
    {
        var host = _farm.Farm.Hosts.Find("use") ?? _farm.Host("use", cores: 10_000);
        _farm.Edit.Add(new Farm.Hosts.Proc(
            new Farm.Hosts.ProcRow { Id = _farm.Edit.NewId(), HostId = host.Id, LayerId = job.Layers[0].Id, Reserved = new Resources(corePoints, 0) },
            host,
            job.Layers[0]));
    }

    private void GiveBack(Run run)
    {
        var proc = run.Proc;
        _farm.Edit.Set(proc, proc.Row with { Unbooked = true });
        _farm.Finish(run.Layer, run.Ordinal);
    }

    /// <summary>The names of the layers as one host of one core serves them, frame by frame.</summary>
    private string OrderOfService()
    {
        var host = _farm.Host("h", cores: 100);
        var order = new List<string>();
        for (_farm.Pass(); host.Procs.Count > 0; _farm.Pass())
        {
            order.Add(host.Procs.Single().Layer.Row.Name);
            GiveBack(host.Procs.Single().Run!);
        }

        return string.Join(' ', order);
    }
}
