namespace OpenCue.Simulator.Tests.Commands;

public class RunCommandTests
{
    [Fact]
    public async Task The_same_seed_gives_the_same_report_byte_for_byte()
    {
        var first = await Tool.OutputOfAsync("run", "--seed", "11", "--json");
        var second = await Tool.OutputOfAsync("run", "--seed", "11", "--json");
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Another_seed_gives_other_work()
    {
        var first = await Tool.OutputOfAsync("run", "--seed", "11", "--hours", "1");
        var second = await Tool.OutputOfAsync("run", "--seed", "12", "--hours", "1");
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Virtual_and_real_speed_are_said_beside_the_report()
    {
        var (_, output, error) = await Tool.RunAsync("run", "--hours", "1");
        Assert.Contains("times real time", error, StringComparison.Ordinal);
        Assert.DoesNotContain("real time", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_does_not_exist_is_refused_with_those_that_do()
    {
        var complaint = await Tool.ComplaintOfAsync("run", "--policy", "MAGIC");
        Assert.Contains("no scheduling policy MAGIC. There are", complaint, StringComparison.Ordinal);
        Assert.Contains("PRIORITY_ONLY", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_that_does_not_exist_is_refused_with_those_that_do()
    {
        var complaint = await Tool.ComplaintOfAsync("run", "--scenario", "nowhere");
        Assert.Contains("no scenario nowhere", complaint, StringComparison.Ordinal);
        Assert.Contains("day", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_examples()
    {
        var help = await Tool.OutputOfAsync("run", "--help");
        Assert.Contains("cue-sim run --scenario day", help, StringComparison.Ordinal);
    }
}
