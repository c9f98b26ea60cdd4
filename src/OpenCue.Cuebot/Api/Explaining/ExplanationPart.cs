using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary>A part of an explanation, small enough for the writer not to notice. The last one puts the answer together.</summary>
internal readonly struct ExplanationPart
{
    /// <summary>So many hosts are looked at in one part, for one need.</summary>
    private const int HostsAtOnce = 500;
    private const int JobsAtOnce = 100;

    private readonly EntitySlice<Job>? _jobs;
    private readonly EntitySlice<Host>? _hosts;
    private readonly int? _sum;

    private ExplanationPart(EntitySlice<Job>? jobs = null, EntitySlice<Host>? hosts = null, int? sum = null) => (_jobs, _hosts, _sum) = (jobs, hosts, sum);

    /// <summary>All parts of an explanation that has begun.</summary>
    public static List<ExplanationPart> Of<TResult>(FarmModel farm, Explanation<TResult> explanation) =>
    [
        .. EntitySlice<Job>.Of(farm, explanation.Jobs, JobsAtOnce).Select(jobs => new ExplanationPart(jobs: jobs)),
        .. EntitySlice<Host>.Of(farm, explanation.Hosts, Math.Max(1, HostsAtOnce / Math.Max(1, explanation.Needs)))
            .Select(hosts => new ExplanationPart(hosts: hosts)),
        .. Enumerable.Range(0, explanation.Sums).Select(sum => new ExplanationPart(sum: sum)),
        default,
    ];

    /// <summary>Looks at it.</summary>
    /// <param name="explanation">The explanation, with the farm as it is now.</param>
    /// <param name="farm">The farm.</param>
    /// <param name="results">Gets the answer with the last part.</param>
    public void Look<TResult>(Explanation<TResult> explanation, FarmModel farm, List<TResult> results)
    {
        if (_jobs is { } jobs)
        {
            foreach (var job in jobs.In(farm))
            {
                explanation.Look(job);
            }
        }
        else if (_hosts is { } hosts)
        {
            foreach (var host in hosts.In(farm))
            {
                explanation.Look(host);
            }
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
}
