using OpenCue.Simulator.Commands;
using OpenCue.Simulator.Faults.Plans;

namespace OpenCue.Simulator.Tests.Faults;

public class FaultsCommandTests
{
    [Fact]
    public async Task It_says_how_many_seeds_it_ran_and_what_happened_in_them()
    {
        var (code, output, _) = await RunAsync("faults", "--seeds", "3", "--first-seed", "7");
        Assert.Equal(0, code);
        Assert.Contains("3 seeds (random)", output, StringComparison.Ordinal);
        Assert.Contains("0 failed", output, StringComparison.Ordinal);
        Assert.Contains("renders", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_shows_what_happened()
    {
        var (code, output, _) = await RunAsync("faults", "--seeds", "1", "--trace");
        Assert.Equal(0, code);
        Assert.Contains("server 1 starts", output, StringComparison.Ordinal);
        Assert.Contains("all is healed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scenarios_are_listed()
    {
        var (code, output, _) = await RunAsync("faults", "--scenario", "list");
        Assert.Equal(0, code);
        Assert.All(Scenarios.All, s => Assert.Contains(s.Name, output, StringComparison.Ordinal));
        Assert.Equal(18, Scenarios.Ways.Count);
    }

    [Fact]
    public async Task An_unknown_scenario_is_named_with_the_way_to_find_the_right_one()
    {
        var (code, _, error) = await RunAsync("faults", "--scenario", "nothing");
        Assert.Equal(1, code);
        Assert.Contains("There is no scenario nothing; see --scenario list.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_can_be_asked_for_by_its_short_name()
    {
        var (code, output, _) = await RunAsync("faults", "--scenario", "two-servers", "--seeds", "1");
        Assert.Equal(0, code);
        Assert.Contains("way11-two-servers", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await SimProgram.RunAsync(args, new SimTerminal(output, error));
        return (code, output.ToString(), error.ToString());
    }
}
