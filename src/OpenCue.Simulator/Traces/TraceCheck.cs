using OpenCue.Simulator.Farms;
using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Simulator.Traces;

/// <summary>Finds mistakes in a trace that the syntax of its files does not show.</summary>
internal static class TraceCheck
{
    private const int MostNamed = 12;
    private const decimal LongestSeconds = 100m * 366 * 86400;

    /// <summary>Checks a trace by itself.</summary>
    /// <exception cref="SimException">It has mistakes; names the first ones.</exception>
    public static void Check(Trace trace, string path) => Expect(Problems(trace), path);

    /// <summary>Checks that a farm has what a trace names.</summary>
    /// <exception cref="SimException">It has not.</exception>
    public static void Fit(Trace trace, FarmPlan farm, string path) => Expect(Misfits(trace, farm), path);

    private static void Expect(IEnumerable<string> problems, string path)
    {
        var first = problems.Take(MostNamed + 1).ToList();
        if (first.Count > 0)
        {
            var more = first.Count > MostNamed ? "\n  and more" : "";
            throw new SimException($"The trace {path} can't be used:\n  {string.Join("\n  ", first.Take(MostNamed))}{more}");
        }
    }

    private static IEnumerable<string> Problems(Trace trace)
    {
        if (trace.Format != Trace.FormatName || trace.Version != Trace.FormatVersion)
        {
            yield return $"format is {trace.Format} and version {trace.Version}; this tool reads {Trace.FormatName} of version {Trace.FormatVersion}";
        }

        foreach (var problem in trace.Farm is { } farm ? FarmPlanCheck.Problems(farm, "farm") : [])
        {
            yield return problem;
        }

        var jobs = new Dictionary<string, TraceJob>(StringComparer.Ordinal);
        foreach (var job in trace.Jobs)
        {
            if (!jobs.TryAdd(job.Id, job))
            {
                yield return $"two jobs have the id {job.Id}";
            }
        }

        foreach (var job in trace.Jobs)
        {
            foreach (var problem in Problems(job, jobs))
            {
                yield return $"job {job.Id} ({job.Name}): {problem}";
            }
        }
    }

    private static IEnumerable<string> Problems(TraceJob job, Dictionary<string, TraceJob> jobs)
    {
        if (NameProblem(() => NameRules.Job(job.Show, NameRules.Shot(job.Shot), job.User, job.Name)) is { } name)
        {
            yield return name;
        }

        if (job.SubmitSeconds is < 0 or > LongestSeconds)
        {
            yield return $"it is submitted at {job.SubmitSeconds} seconds; count from the trace's start";
        }

        if (job.MaxCores < 0 || job.MaxGpus < 0 || job.Retries is < 0 or > 16)
        {
            yield return "maxCores and maxGpus must not be below 0, retries from 0 to 16";
        }

        if (job.Layers.Count == 0)
        {
            yield return "it has no layers";
        }

        if (job.Layers.GroupBy(l => l.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            yield return $"two layers are named {twice.Key}";
        }

        foreach (var layer in job.Layers)
        {
            foreach (var problem in Problems(layer))
            {
                yield return $"layer {layer.Name}: {problem}";
            }
        }

        foreach (var depend in job.Depends)
        {
            foreach (var problem in Problems(depend, job, jobs))
            {
                yield return $"depend {depend.Type}: {problem}";
            }
        }
    }

    private static IEnumerable<string> Problems(TraceLayer layer)
    {
        if (NameProblem(() => NameRules.Layer(layer.Name)) is { } name)
        {
            yield return name;
        }

        if (!FrameSet.TryParse(layer.Range, FrameSet.DefaultMaxFrames, out var set, out var error))
        {
            yield return $"range '{layer.Range}': {error}";
            yield break;
        }

        if (layer.Chunk < 1 || layer.MemoryKib < 0 || layer.Gpus < 0 || layer.GpuMemoryKib < 0 || layer.Cores is < -1000 or > 100_000)
        {
            yield return "chunk must be 1 or more, memory and GPUs not below 0, cores at most 100000";
            yield break;
        }

        if (FrameChunks.Of(set, layer.Chunk).Count is var count && count != layer.Frames.Count)
        {
            yield return $"its range {layer.Range} makes {count} frames, but frames has {layer.Frames.Count}";
        }

        foreach (var run in layer.Frames.SelectMany(f => f))
        {
            if (run.Seconds is < 0 or > LongestSeconds || run.PeakKib < 0)
            {
                yield return $"a frame runs {run.Seconds} seconds with a peak of {run.PeakKib} KiB; neither may be below 0";
                yield break;
            }
        }

        if (layer.Frames.Any(f => f.Count > 200))
        {
            yield return "a frame has more than 200 runs";
        }
    }

    private static IEnumerable<string> Problems(TraceDepend depend, TraceJob job, Dictionary<string, TraceJob> jobs)
    {
        if (!DependTypes.TryParse(depend.Type, out _))
        {
            yield return $"there is no such type; there are {string.Join(", ", DependTypes.Names)}";
            yield break;
        }

        var on = job;
        if (depend.OnJob.Length > 0 && !jobs.TryGetValue(depend.OnJob, out on))
        {
            yield return $"there is no job {depend.OnJob} in the trace";
            yield break;
        }

        foreach (var (needed, has, what) in new[]
        {
            (!depend.Type.StartsWith("JOB", StringComparison.OrdinalIgnoreCase), job.Layers.Any(l => l.Name == depend.Layer), $"layer '{depend.Layer}' is no layer of the job"),
            (depend.Type.StartsWith("FRAME_ON", StringComparison.OrdinalIgnoreCase), depend.Frame is not null, "frame is missing"),
            (!depend.Type.EndsWith("ON_JOB", StringComparison.OrdinalIgnoreCase), on.Layers.Any(l => l.Name == depend.OnLayer), $"onLayer '{depend.OnLayer}' is no layer of job {on.Id}"),
            (depend.Type.EndsWith("FRAME", StringComparison.OrdinalIgnoreCase) && depend.Type.Contains("_ON_", StringComparison.OrdinalIgnoreCase), depend.OnFrame is not null, "onFrame is missing"),
        })
        {
            if (needed && !has)
            {
                yield return what;
            }
        }
    }

    private static IEnumerable<string> Misfits(Trace trace, FarmPlan farm)
    {
        var shows = farm.Shows.ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);
        var limits = farm.Limits.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var facilities = farm.Hosts.Select(h => FarmPlan.FullName(h.Allocation).Split('.')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var group in trace.Jobs.GroupBy(j => j.Show).Where(g => !shows.ContainsKey(g.Key)))
        {
            yield return $"{group.Count()} jobs are of the show {group.Key}, which the farm does not have (shows: {string.Join(", ", shows.Keys)}); add it to the farm's shows";
        }

        foreach (var limit in trace.Jobs.SelectMany(j => j.Layers).SelectMany(l => l.Limits).Distinct(StringComparer.Ordinal).Where(l => !limits.Contains(l)))
        {
            yield return $"layers are under the limit {limit}, which the farm does not have; add it to the farm's limits";
        }

        foreach (var facility in trace.Jobs.Select(j => j.Facility).Where(f => f.Length > 0).Distinct().Where(f => !facilities.Contains(f)))
        {
            yield return $"jobs are of the facility {facility}, in which the farm has no hosts; write an allocation of its hosts as {facility}.name";
        }
    }

    private static string? NameProblem(Action conform)
    {
        try
        {
            conform();
            return null;
        }
        catch (InvalidNameException e)
        {
            return e.Message;
        }
    }
}
