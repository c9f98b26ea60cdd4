using OpenCue.Simulator.Commands;
using OpenCue.Simulator.Tests.Commands;
using OpenCue.Simulator.Tests.Traces;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Tests.Workloads;

public class ScenarioTests
{
    [Fact]
    public void All_scenarios_that_come_with_the_tool_are_sound()
    {
        Assert.Equal(["crunch", "day", "small"], Scenarios.Names);
        foreach (var name in Scenarios.Names)
        {
            var scenario = Scenarios.Load(name);
            Assert.Equal(name, scenario.Name);
            var trace = new WorkloadMaker(scenario, 1).Make(1);
            TraceCheck.Check(trace, name);
            TraceCheck.Fit(trace, scenario.Farm, name);
        }
    }

    [Fact]
    public async Task A_scenario_can_be_written_out_changed_and_run()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["mine.json"], await Tool.OutputOfAsync("scenarios", "small"));
        folder.Edit("mine.json", "\"count\": 18", "\"count\": 9");
        var text = await Tool.OutputOfAsync("run", "--scenario", folder["mine.json"], "--hours", "1");
        Assert.Contains("11 hosts", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"perDay\": 700", "\"perWeek\": 700", "line", "perWeek")]
    [InlineData("\"perDay\": 700", "\"perDay\": -1", "perDay", "must not be below 0")]
    [InlineData("{ \"median\": 240, \"sigma\": 0.9, \"max\": 7200 }", "{ \"median\": 0, \"sigma\": 0.9 }", "field $.jobs.kinds", "median must be above 0")]
    [InlineData("{ \"lognormal\": { \"median\": 24, \"sigma\": 0.8, \"max\": 300 } }", "{ \"bell\": { \"median\": 24 } }", "'bell' is no distribution", "lognormal")]
    [InlineData("\"after\": \"render\"", "\"after\": \"nothing\"", "kind lighting: layer comp is after nothing", "no layer before it")]
    [InlineData("\"limits\": [\"nuke\"]", "\"limits\": [\"luck\"]", "kind lighting: layer comp names the limit luck", "the farm does not have")]
    [InlineData("\"size\": 200", "\"allocation\": \"moon\", \"size\": 200", "show alpha subscribes to moon", "no host is in")]
    [InlineData("\"cores\": 16, \"memoryGib\": 64", "\"memoryGib\": 64", "line", "cores")]
    public void A_mistake_in_a_scenario_is_named(string from, string to, string where, string what)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.json"], Scenarios.TextOf("small"));
        folder.Edit("bad.json", from, to);
        var refused = Assert.Throws<SimException>(() => Scenarios.Load(folder["bad.json"]));
        Assert.Contains(where, refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_arrive_as_the_day_is_shaped()
    {
        var small = Scenarios.Load("small");
        var scenario = small with
        {
            Start = new DateTimeOffset(2030, 1, 7, 0, 0, 0, TimeSpan.Zero),
            Jobs = small.Jobs with { PerDay = 2000, DayShape = [.. Enumerable.Range(0, 24).Select(hour => hour is >= 8 and < 20 ? 3.0 : 1)] },
        };
        var jobs = new WorkloadMaker(scenario, 9).Make(24).Jobs;
        var byDay = jobs.Count(j => j.SubmitSeconds is >= 8 * 3600 and < 20 * 3600);
        Assert.InRange(jobs.Count, 1800, 2200);
        Assert.InRange(byDay / (double)jobs.Count, 0.7, 0.8);
    }

    [Fact]
    public void Frame_times_have_heavy_tails()
    {
        var dice = new Dice(4);
        var pareto = new Pareto { Min = 60, Alpha = 1.5 };
        var drawn = Enumerable.Range(0, 20_000).Select(_ => pareto.Draw(dice)).Order().ToList();
        Assert.InRange(drawn[10_000], 90, 100);
        Assert.True(drawn[^1] > 20 * drawn[10_000]);
        var lognormal = new LogNormal { Median = 300, Sigma = 1 };
        var times = Enumerable.Range(0, 20_000).Select(_ => lognormal.Draw(dice)).Order().ToList();
        Assert.InRange(times[10_000], 285, 315);
        Assert.InRange(times[19_000], 1400, 1700);
    }
}
