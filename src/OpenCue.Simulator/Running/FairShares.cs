using OpenCue.Farm.Jobs;

namespace OpenCue.Simulator.Running;

/// <summary>What a show has of the farm at a moment, and what it would like.</summary>
/// <param name="Size">Cores that its subscriptions give it.</param>
/// <param name="Use">Cores that it has.</param>
/// <param name="Wanted">Cores that it has or waits for.</param>
internal readonly record struct ShowDemand(double Size, double Use, double Wanted);

/// <summary>
/// What would be fair at a moment. Shows contend for cores when nearly all are in use, two shows or more want some, and one of them wants more than it
/// has. Fair is then to divide the cores in use by the shows' sizes, and what a show does not want again among the others.
/// </summary>
internal static class FairShares
{
    private const double Full = 0.9;

    /// <summary>Whether shows contend.</summary>
    /// <param name="shows">The shows.</param>
    /// <param name="cores">Cores of the farm.</param>
    public static bool Contend(IReadOnlyList<ShowDemand> shows, double cores) =>
        shows.Sum(s => s.Use) >= Full * cores && shows.Count(s => s is { Wanted: > 0, Size: > 0 }) > 1 && shows.Any(s => s.Size > 0 && s.Wanted > s.Use);

    /// <summary>What would be fair for each.</summary>
    public static double[] Of(IReadOnlyList<ShowDemand> shows)
    {
        var fair = new double[shows.Count];
        var left = shows.Sum(s => s.Use);
        var open = Enumerable.Range(0, shows.Count).Where(i => shows[i] is { Size: > 0, Wanted: > 0 }).ToList();
        while (left > 1e-9 && open.Count > 0)
        {
            var sizes = open.Sum(i => shows[i].Size);
            var perSize = left / sizes;
            var sated = open.Where(i => shows[i].Wanted - fair[i] <= shows[i].Size * perSize).ToList();
            foreach (var i in sated.Count > 0 ? sated : open)
            {
                var more = sated.Count > 0 ? shows[i].Wanted - fair[i] : shows[i].Size * perSize;
                fair[i] += more;
                left -= more;
            }

            if (sated.Count == 0)
            {
                break;
            }

            open.RemoveAll(sated.Contains);
        }

        return fair;
    }

    /// <summary>Jain's index: 1 if all are alike, 1/n if one of n has all. Of nobody who has anything it is 1.</summary>
    public static double Jain(IReadOnlyList<double> amounts)
    {
        var sum = amounts.Sum();
        var squares = amounts.Sum(a => a * a);
        return squares > 0 ? sum * sum / (amounts.Count * squares) : 1;
    }

    /// <summary>
    /// Cores that a job waits for and could have if the farm had room: what waits for GPUs or for a limit waits for something else.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="hostCores">Cores that a frame gets which wants a whole host.</param>
    public static double WaitedFor(Job job, double hostCores)
    {
        var points = 0.0;
        foreach (var layer in job.Layers)
        {
            var row = layer.Row;
            if (row.MinGpus == 0 && row.MinGpuMemoryKib == 0 && layer.Limits.All(l => l.Running < l.Row.MaxValue - l.Row.Headroom))
            {
                points += layer.Counts[FrameState.Waiting] * (row.MinCores > 0 ? row.MinCores : hostCores * 100);
            }
        }

        var most = job.Row.MaxCores >= 0 ? Math.Max(0, job.Row.MaxCores - job.Use.CorePoints) : double.MaxValue;
        return Math.Min(points, most) / 100;
    }
}
