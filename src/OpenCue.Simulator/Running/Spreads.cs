using OpenCue.Simulator.Reports;

namespace OpenCue.Simulator.Running;

/// <summary>Says how times spread: of all, by show, by priority, and by both.</summary>
internal static class Spreads
{
    /// <summary>The rows.</summary>
    public static IReadOnlyList<SpreadRow> Of(IEnumerable<(string Show, int Priority, List<double> Times)> groups)
    {
        var all = groups.Where(g => g.Times.Count > 0).ToList();
        if (all.Count == 0)
        {
            return [];
        }

        return
        [
            Row(null, null, all.SelectMany(g => g.Times)),
            .. all.GroupBy(g => g.Show).Select(g => Row(g.Key, null, g.SelectMany(x => x.Times))),
            .. all.GroupBy(g => g.Priority).OrderByDescending(g => g.Key).Select(g => Row(null, g.Key, g.SelectMany(x => x.Times))),
            .. all.OrderBy(g => g.Show, StringComparer.Ordinal).ThenByDescending(g => g.Priority).Select(g => Row(g.Show, g.Priority, g.Times)),
        ];
    }

    private static SpreadRow Row(string? show, int? priority, IEnumerable<double> times)
    {
        var sorted = times.ToArray();
        Array.Sort(sorted);
        return new SpreadRow(
            show, priority, sorted.Length, Math.Round(sorted.Average(), 3), At(sorted, 0.5), At(sorted, 0.95), sorted[^1]);
    }

    /// <summary>The least time that this part of all does not exceed.</summary>
    private static double At(double[] sorted, double part) => sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
}
