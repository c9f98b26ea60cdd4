using OpenCue.Simulator.Tests.Traces;

namespace OpenCue.Simulator.Tests.Commands;

public class TraceCommandTests
{
    [Fact]
    public async Task A_made_trace_gives_the_report_of_its_scenario()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("trace", "make", "--scenario", "small", "--seed", "3", "--hours", "1", "--out", folder["t.json.gz"]);
        Assert.Equal(
            await Tool.OutputOfAsync("run", "--scenario", "small", "--seed", "3", "--hours", "1"),
            await Tool.OutputOfAsync("run", "--trace", folder["t.json.gz"], "--seed", "3", "--hours", "1"));
    }

    [Fact]
    public async Task Converting_there_and_back_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("trace", "make", "--scenario", "small", "--hours", "1", "--out", folder["a.json"]);
        await Tool.OutputOfAsync("trace", "convert", folder["a.json"], "--out", folder["csv"]);
        await Tool.OutputOfAsync("trace", "convert", folder["csv"], "--out", folder["b.json"]);
        Assert.Equal(await File.ReadAllTextAsync(folder["a.json"]), await File.ReadAllTextAsync(folder["b.json"]));
    }

    [Fact]
    public async Task Showing_a_trace_sums_it_up_by_show()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("trace", "make", "--scenario", "small", "--hours", "1", "--out", folder["a.json"]);
        var text = await Tool.OutputOfAsync("trace", "show", folder["a.json"]);
        Assert.Contains("recorded on 20 hosts with 320 cores", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^alpha +[0-9]", text);
        Assert.Matches("(?m)^beta +[0-9]", text);
    }

    [Fact]
    public async Task A_trace_may_run_on_the_farm_of_another_scenario()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("trace", "make", "--scenario", "small", "--hours", "1", "--out", folder["a.json"]);
        await File.WriteAllTextAsync(folder["more.json"], await Tool.OutputOfAsync("scenarios", "small"));
        folder.Edit("more.json", "\"count\": 18", "\"count\": 98");
        var text = await Tool.OutputOfAsync("run", "--trace", folder["a.json"], "--scenario", folder["more.json"], "--hours", "1");
        Assert.Contains("100 hosts", text, StringComparison.Ordinal);
    }
}
