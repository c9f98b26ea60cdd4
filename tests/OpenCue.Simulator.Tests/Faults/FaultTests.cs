using OpenCue.Simulator.Faults;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Variants;

namespace OpenCue.Simulator.Tests.Faults;

/// <summary>The promises hold on farms on which everything goes wrong, and the checks notice when they do not.</summary>
public class FaultTests
{
    private const int Seeds = 300;
    private const int SeedsOfEachWay = 6;
    private const int SeedsToCatch = 200;

    /// <summary>Every way in which frames got lost or doubled.</summary>
    public static TheoryData<string> Ways => [.. Scenarios.Ways.Select(w => w.Name)];

    /// <summary>Every broken server.</summary>
    public static TheoryData<string> Broken => [.. BrokenServers.All.Select(v => v.Name)];

    [Fact]
    public void No_promise_is_broken_whatever_goes_wrong()
    {
        var campaign = new Campaign(Scenarios.Random.Plan);
        campaign.Run(1, Seeds, jobs: 2, _ => { }, CancellationToken.None);
        Assert.True(campaign.Failures.Count == 0, FaultReport.Summary(campaign, "random", TimeSpan.Zero));
        Assert.Equal(Seeds, campaign.Seeds);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void No_frame_is_lost_or_doubled_in_any_of_the_ways_known(string way)
    {
        var campaign = new Campaign(Scenarios.Find(way)!.Plan);
        campaign.Run(1, SeedsOfEachWay, jobs: 2, _ => { }, CancellationToken.None);
        Assert.True(campaign.Failures.Count == 0, FaultReport.Summary(campaign, way, TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_server_that_is_broken_on_purpose_is_caught(string name)
    {
        var variant = BrokenServers.All.Single(v => v.Name == name);
        var tried = 0;
        while (FaultRun.Execute(variant.PlanOf((ulong)++tried)).Broken is null)
        {
            Assert.True(tried < SeedsToCatch, $"'{name}' was not noticed with {SeedsToCatch} seeds.");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var plan = PlanMaker.Random(seed);
            var (first, second) = (FaultRun.Execute(plan, keepLines: 100_000), FaultRun.Execute(PlanMaker.Random(seed), keepLines: 100_000));
            Assert.Equal(first.Lines, second.Lines);
            Assert.Equal(first.Fingerprint, second.Fingerprint);
            Assert.Equal(first.Steps, second.Steps);
        }
    }

    [Fact]
    public void Another_seed_gives_another_run()
    {
        var (first, second) = (FaultRun.Execute(PlanMaker.Random(1)), FaultRun.Execute(PlanMaker.Random(2)));
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void A_failure_is_shrunk_to_what_it_needs_and_still_fails()
    {
        var plan = FirstFailure(BrokenServers.ReleasedWithoutProof);
        var shrunk = Shrinker.Shrink(plan, CancellationToken.None);
        Assert.NotNull(shrunk.Result.Broken);
        Assert.True(shrunk.Result.Plan.Actions.Count <= 3, $"{shrunk.Result.Plan.Actions.Count} of {plan.Actions.Count} actions are left");
        Assert.Equal(shrunk.Result.Broken, FaultRun.Execute(shrunk.Result.Plan).Broken);
        Assert.Contains("Again: ", FaultReport.Shrunk(shrunk).Replace("Again (with the first weather): ", "Again: ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scenario_whose_fault_did_not_happen_fails()
    {
        var plan = PlanMaker.Random(1) with { Actions = [], MustHappen = ["servers that were deposed"] };
        Assert.Equal("SCENARIO", FaultRun.Execute(plan).Promise);
    }

    private static FaultPlan FirstFailure(FaultVariant variant)
    {
        for (var seed = 1UL; seed <= SeedsToCatch; seed++)
        {
            var plan = variant.PlanOf(seed);
            if (FaultRun.Execute(plan).Broken is not null)
            {
                return plan;
            }
        }

        throw new InvalidOperationException($"'{variant.Name}' was not noticed.");
    }
}
