using OpenCue.Simulator.Traces;

namespace OpenCue.Simulator.Reports;

/// <summary>What is in a trace, as tables.</summary>
internal static class TraceText
{
    /// <summary>Writes it.</summary>
    public static void Write(Trace trace, TextWriter to)
    {
        to.Write(string.Create(CultureInfo.InvariantCulture, $"{trace.Name}, from {trace.Start:yyyy-MM-dd HH:mm}\n"));
        if (trace.Jobs.Count > 0)
        {
            to.Write($"{Units.Count(trace.Jobs.Count)} jobs in {Units.Time((double)trace.Jobs.Max(j => j.SubmitSeconds))}, {Units.Count(trace.FrameCount)} frames\n");
        }

        to.Write(trace.Farm is { } farm
            ? $"recorded on {Units.Count(farm.HostCount)} hosts with {Units.Count(farm.Hosts.Sum(h => (double)h.Count * h.Cores))} cores\n\n"
            : "it does not say on which farm\n\n");
        var table = new TextTable("Show", "jobs", "frames", "runs", "failed", "core hours", "longest frame");
        foreach (var show in trace.Jobs.GroupBy(j => j.Show).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var layers = show.SelectMany(j => j.Layers).ToList();
            var runs = layers.SelectMany(l => l.Frames.SelectMany(f => f)).ToList();
            table.Add(
                show.Key,
                Units.Count(show.Count()),
                Units.Count(layers.Sum(l => l.Frames.Count)),
                Units.Count(runs.Count),
                Units.Count(runs.Count(r => r.Exit != 0)),
                Units.Count((double)layers.Sum(l => Math.Max(1, l.Cores) * l.Frames.Sum(f => f.Sum(r => r.Seconds))) / 3600),
                Units.Time((double)runs.Select(r => r.Seconds).DefaultIfEmpty().Max()));
        }

        table.Write(to);
    }
}
