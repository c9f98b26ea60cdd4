using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Tests.Traces;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Tests;

/// <summary>The manual says what the tool reads.</summary>
public class DocumentTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(
        typeof(DocumentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!, "docs", "simulator.md"));

    [Fact]
    public void The_example_of_a_trace_is_one()
    {
        using var folder = new TemporaryFolder();
        var begin = Manual.IndexOf("```json\n", StringComparison.Ordinal) + "```json\n".Length;
        File.WriteAllText(folder["example.json"], Manual[begin..Manual.IndexOf("```", begin, StringComparison.Ordinal)]);
        var trace = TraceFiles.Read(folder["example.json"]);
        TraceCheck.Fit(trace, trace.Farm!, "the example");
        Assert.Equal(6, trace.FrameCount);
    }

    [Theory]
    [InlineData(typeof(Scenario))]
    [InlineData(typeof(Arrivals))]
    [InlineData(typeof(JobKind))]
    [InlineData(typeof(LayerKind))]
    [InlineData(typeof(FarmPlan))]
    [InlineData(typeof(HostClass))]
    [InlineData(typeof(ShowPlan))]
    [InlineData(typeof(SubscriptionPlan))]
    [InlineData(typeof(GroupPlan))]
    [InlineData(typeof(LimitPlan))]
    [InlineData(typeof(Trace))]
    [InlineData(typeof(TraceJob))]
    [InlineData(typeof(TraceLayer))]
    [InlineData(typeof(TraceDepend))]
    internal void The_manual_names_all_fields(Type record)
    {
        var fields = record.GetProperties()
            .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null && p.Name != "EqualityContract")
            .Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));
        Assert.DoesNotContain(fields, field => !Names(field));
    }

    [Fact]
    public void The_manual_names_all_columns()
    {
        string[] columns = [.. TraceColumns.Jobs, .. TraceColumns.Layers, .. TraceColumns.Depends, .. TraceColumns.Frames];
        Assert.DoesNotContain(columns, column => !Names(column));
    }

    /// <summary>As a word of its own.</summary>
    private static bool Names(string field) => System.Text.RegularExpressions.Regex.IsMatch(Manual, $@"\b{field}\b");
}
