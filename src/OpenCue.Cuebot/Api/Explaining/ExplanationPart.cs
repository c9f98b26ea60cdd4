using OpenCue.Engine;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary>
/// A part of an explanation, small enough for the writer not to notice. The last one puts the answer together. Hosts are found by their numbers, so that
/// a hundred thousand of them need not be listed before.
/// </summary>
internal readonly struct ExplanationPart
{
    /// <summary>So many hosts are looked at in one part, for one need.</summary>
    private const int HostsAtOnce = 500;
    private const int JobsAtOnce = 100;

    private readonly FarmModel _farm;
    private readonly EntitySlice<Job>? _jobs;
    private readonly (int First, int Count)? _hosts;
    private readonly int? _sum;

    private ExplanationPart(FarmModel farm, EntitySlice<Job>? jobs = null, (int First, int Count)? hosts = null, int? sum = null) =>
        (_farm, _jobs, _hosts, _sum) = (farm, jobs, hosts, sum);

    /// <summary>All parts of an explanation that has begun.</summary>
    public static List<ExplanationPart> Of<TResult>(FarmModel farm, Explanation<TResult> explanation)
    {
        var parts = new List<ExplanationPart>();
        parts.AddRange(EntitySlice<Job>.Of(farm, explanation.Jobs, JobsAtOnce).Select(jobs => new ExplanationPart(farm, jobs: jobs)));
        if (explanation.Hosts.Count > 0)
        {
            var size = Math.Max(1, HostsAtOnce / Math.Max(1, explanation.Needs));
            for (var first = 0; first <= farm.LastHostNumber; first += size)
            {
                parts.Add(new ExplanationPart(farm, hosts: (first, size)));
            }
        }

        parts.AddRange(Enumerable.Range(0, explanation.Sums).Select(sum => new ExplanationPart(farm, sum: sum)));
        parts.Add(new ExplanationPart(farm));
        return parts;
    }

    /// <summary>Looks at it.</summary>
    /// <param name="explanation">The explanation, with the farm as it is now.</param>
    /// <param name="farm">The farm.</param>
    /// <param name="results">Gets the answer with the last part.</param>
    /// <exception cref="EngineUnavailableException">The farm was loaded anew.</exception>
    public void Look<TResult>(Explanation<TResult> explanation, FarmModel farm, List<TResult> results)
    {
        if (!ReferenceEquals(farm, _farm))
        {
            throw new EngineUnavailableException(EngineState.Loading, "The server had to load the farm anew while it answered; try again.");
        }

        if (_jobs is { } jobs)
        {
            foreach (var job in jobs.In(farm))
            {
                explanation.Look(job);
            }
        }
        else if (_hosts is var (first, count))
        {
            LookAtHosts(explanation, farm, first, count);
        }
        else if (_sum is { } sum)
        {
            explanation.Sum(sum);
        }
        else
        {
            results.Add(explanation.End());
        }
    }

    private static void LookAtHosts<TResult>(Explanation<TResult> explanation, FarmModel farm, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            // A host that went and came again has another number.
            if (farm.HostsByNumber.TryGetValue(number, out var name) && farm.Hosts.Find(name) is { } host && host.Row.Number == number)
            {
                explanation.Look(host);
            }
        }
    }
}
