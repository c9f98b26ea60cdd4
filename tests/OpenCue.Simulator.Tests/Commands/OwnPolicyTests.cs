using OpenCue.Farm;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Simulator.Tests.Commands;

/// <summary>A site's own policies are tried out here before they go to the farm.</summary>
public class OwnPolicyTests
{
    private static readonly string Here = typeof(OwnPolicyTests).Assembly.Location;

    [Fact]
    public async Task A_policy_of_ones_own_stands_beside_the_others()
    {
        var text = await Tool.OutputOfAsync("compare", "--policies", "PRIORITY_ONLY,LAST_FIRST", "--policies-from", Here, "--hours", "2");
        Assert.Contains("LAST_FIRST", text, StringComparison.Ordinal);
        Assert.NotEqual(
            await Tool.OutputOfAsync("run", "--policy", "LAST_FIRST", "--policies-from", Here),
            (await Tool.OutputOfAsync("run", "--policy", "PRIORITY_ONLY")).Replace("PRIORITY_ONLY", "LAST_FIRST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_policy_that_throws_ends_the_simulation_and_is_named()
    {
        var complaint = await Tool.ComplaintOfAsync("run", "--policy", "CLUMSY", "--policies-from", Here);
        Assert.Contains("The policy CLUMSY failed", complaint, StringComparison.Ordinal);
        Assert.Contains("It fell over its feet.", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_that_is_not_there_is_refused()
    {
        var complaint = await Tool.ComplaintOfAsync("run", "--policies-from", "nowhere.dll");
        Assert.Contains("nowhere.dll", complaint, StringComparison.Ordinal);
    }
}

/// <summary>Serves the newest job first.</summary>
public sealed class LastFirstPolicy : ISchedulingPolicy
{
    /// <inheritdoc/>
    public string Name => "LAST_FIRST";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => 0;

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now) => new(-job.Row.SubmittedAtMs, 0);
}

/// <summary>Fails at once.</summary>
public sealed class ClumsyPolicy : ISchedulingPolicy
{
    /// <inheritdoc/>
    public string Name => "CLUMSY";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => throw new InvalidOperationException("It fell over its feet.");

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now) => default;
}
