using System.Text.Json;
using OpenCue.Simulator.Tests.Traces;

namespace OpenCue.Simulator.Tests.Commands;

public class CompareCommandTests
{
    [Fact]
    public async Task Policies_stand_side_by_side()
    {
        var text = await Tool.OutputOfAsync("compare", "--policies", "priority_only,FAIR_SHARE", "--hours", "1");
        Assert.Contains("PRIORITY_ONLY", text, StringComparison.Ordinal);
        Assert.Contains("FAIR_SHARE", text, StringComparison.Ordinal);
        Assert.Contains("Waits of frames", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_report_is_that_of_a_run_alone()
    {
        using var both = JsonDocument.Parse(await Tool.OutputOfAsync("compare", "--policies", "PRIORITY_ONLY,FAIR_SHARE", "--hours", "1", "--json"));
        using var alone = JsonDocument.Parse(await Tool.OutputOfAsync("run", "--policy", "FAIR_SHARE", "--hours", "1", "--json"));
        Assert.Equal(2, both.RootElement.GetArrayLength());
        Assert.Equal(JsonSerializer.Serialize(alone.RootElement), JsonSerializer.Serialize(both.RootElement[1]));
    }

    [Fact]
    public async Task One_policy_is_no_comparison()
    {
        var complaint = await Tool.ComplaintOfAsync("compare", "--policies", "FAIR_SHARE");
        Assert.Contains("Name two policies or more", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_whole_in_itself_and_names_all_policies()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("compare", "--policies", "PRIORITY_ONLY,FAIR_SHARE", "--hours", "1", "--html", folder["page.html"]);
        var page = await File.ReadAllTextAsync(folder["page.html"]);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("FAIR_SHARE", page, StringComparison.Ordinal);
        System.Xml.Linq.XDocument.Parse(page[page.IndexOf("<body>", StringComparison.Ordinal)..].Replace("</html>", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_from_a_trace_can_do_no_harm_in_the_page()
    {
        using var folder = new TemporaryFolder();
        await Tool.OutputOfAsync("trace", "make", "--scenario", "small", "--hours", "0.5", "--out", folder["t.json"]);
        folder.Edit("t.json", "small, seed 1", "<b>&\\\"x");
        await Tool.OutputOfAsync("run", "--trace", folder["t.json"], "--html", folder["page.html"]);
        Assert.Contains("&lt;b&gt;&amp;", await File.ReadAllTextAsync(folder["page.html"]), StringComparison.Ordinal);
    }
}
