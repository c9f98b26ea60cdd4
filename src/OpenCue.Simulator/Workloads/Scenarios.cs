using System.Reflection;
using OpenCue.Simulator.Farms;

namespace OpenCue.Simulator.Workloads;

/// <summary>The scenarios that come with the tool, and those of files.</summary>
internal static class Scenarios
{
    private const string Prefix = "OpenCue.Simulator.Workloads.BuiltIn.";
    private static readonly Assembly Here = typeof(Scenarios).Assembly;

    /// <summary>The names of the built-in ones.</summary>
    public static IEnumerable<string> Names => Here.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..^".json".Length])
        .Order(StringComparer.Ordinal);

    /// <summary>The text of a built-in scenario: a beginning for one's own.</summary>
    /// <exception cref="SimException">There is none of this name.</exception>
    public static string TextOf(string name)
    {
        using var stream = Here.GetManifestResourceStream($"{Prefix}{name}.json")
            ?? throw new SimException($"There is no scenario {name} and no file of this name. There are {string.Join(", ", Names)}; a file is named with its .json.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A built-in scenario by its name, or that of a file.</summary>
    /// <exception cref="SimException">It can't be read; says where and why.</exception>
    public static Scenario Load(string nameOrFile)
    {
        var isFile = File.Exists(nameOrFile);
        var scenario = SimJson.Read<Scenario>(isFile ? File.ReadAllText(nameOrFile) : TextOf(nameOrFile), nameOrFile);
        var problems = Problems(scenario).ToList();
        return problems.Count == 0
            ? scenario
            : throw new SimException($"{nameOrFile}: {string.Join("\n  ", problems)}");
    }

    private static IEnumerable<string> Problems(Scenario scenario)
    {
        foreach (var problem in FarmPlanCheck.Problems(scenario.Farm, "farm"))
        {
            yield return problem;
        }

        var jobs = scenario.Jobs;
        if (!(scenario.Hours > 0))
        {
            yield return "hours must be above 0";
        }

        if (jobs.PerDay < 0 || jobs.Weekend < 0)
        {
            yield return "jobs.perDay and jobs.weekend must not be below 0";
        }

        if (jobs.DayShape.Count is not (0 or 24) || jobs.DayShape.Any(w => w < 0) || (jobs.DayShape.Count > 0 && jobs.DayShape.All(w => w == 0)))
        {
            yield return $"jobs.dayShape has {jobs.DayShape.Count} numbers; it needs 24, one an hour, none below 0, not all 0";
        }

        if (jobs.Kinds.Count == 0 || jobs.Kinds.All(k => k.Weight <= 0))
        {
            yield return "jobs.kinds needs a kind with a weight above 0";
        }

        foreach (var kind in jobs.Kinds)
        {
            foreach (var problem in Problems(kind, scenario.Farm))
            {
                yield return $"jobs.kinds: kind {kind.Name}: {problem}";
            }
        }
    }

    private static IEnumerable<string> Problems(JobKind kind, FarmPlan farm)
    {
        foreach (var show in kind.Shows.Where(name => farm.Shows.All(s => s.Name != name)))
        {
            yield return $"shows names {show}, which is no show of the farm";
        }

        if (kind.Layers.Count == 0)
        {
            yield return "it has no layers";
        }

        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in kind.Layers)
        {
            if (layer.After.Length > 0 && !before.Contains(layer.After))
            {
                yield return $"layer {layer.Name} is after {layer.After}, which is no layer before it";
            }

            if (layer.Frames is null && layer.After.Length == 0)
            {
                yield return $"layer {layer.Name} does not say how many frames it has";
            }

            if (!before.Add(layer.Name))
            {
                yield return $"it has two layers {layer.Name}";
            }

            foreach (var limit in layer.Limits.Where(name => farm.Limits.All(l => l.Name != name)))
            {
                yield return $"layer {layer.Name} names the limit {limit}, which the farm does not have";
            }

            if (layer.MemoryGib <= 0 || layer.Gpus < 0 || layer.GpuMemoryGib < 0 || layer.Spread < 0 || layer.FailPercent is < 0 or > 100)
            {
                yield return $"layer {layer.Name}: memoryGib must be above 0, gpus, gpuMemoryGib and spread not below 0, failPercent from 0 to 100";
            }
        }
    }
}
