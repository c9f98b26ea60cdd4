using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;

namespace OpenCue.Farm;

/// <content>What must hold for limits.</content>
public static partial class FarmInvariants
{
    private static void CheckLimits(FarmModel farm, Findings findings)
    {
        var runs = farm.Limits.All.ToDictionary(limit => limit, _ => new List<Run>());
        var layers = farm.Limits.All.ToDictionary(limit => limit, _ => 0);
        foreach (var layer in farm.Layers.Values)
        {
            foreach (var limit in layer.Limits)
            {
                if (!runs.TryGetValue(limit, out var under))
                {
                    findings.Expect(false, () => $"layer {layer.Row.Name} of {layer.Job.Row.Name} is under limit {limit.Row.Name}, which is gone");
                    continue;
                }

                under.AddRange(layer.Runs.Values);
                layers[limit] += limit.Layers.Contains(layer) ? 1 : 0;
            }
        }

        foreach (var (limit, under) in runs)
        {
            CheckLimit(limit, under, findings);
            findings.Expect(
                limit.Layers.Count == layers[limit],
                () => $"limit {limit.Row.Name} knows {limit.Layers.Count} layers, {layers[limit]} are under it");
        }
    }

    private static void CheckLimit(Limit limit, List<Run> runs, Findings findings)
    {
        findings.Expect(
            limit.Running == runs.Count, () => $"limit {limit.Row.Name} counts {limit.Running} running frames, there are {runs.Count}");
        findings.Expect(
            Same(limit.HoldersByHost, runs.CountBy(run => run.Host.Id)), () => $"limit {limit.Row.Name} does not know which hosts hold it");
        findings.Expect(
            Same(limit.HoldersByUser, runs.CountBy(run => run.Layer.Job.Row.User)), () => $"limit {limit.Row.Name} does not know which users hold it");
        var tokens = limit.Row.Kind switch
        {
            LimitKind.Host => runs.DistinctBy(run => run.Host.Id).Count(),
            LimitKind.User => runs.DistinctBy(run => run.Layer.Job.Row.User).Count(),
            _ => runs.Count,
        };
        findings.Expect(limit.Tokens == tokens, () => $"limit {limit.Row.Name} counts {limit.Tokens} tokens, {tokens} are held");
    }

    private static bool Same<TKey>(IReadOnlyDictionary<TKey, int> kept, IEnumerable<KeyValuePair<TKey, int>> counted)
    {
        var number = 0;
        foreach (var (key, count) in counted)
        {
            number++;
            if (!kept.TryGetValue(key, out var there) || there != count)
            {
                return false;
            }
        }

        return kept.Count == number;
    }
}
