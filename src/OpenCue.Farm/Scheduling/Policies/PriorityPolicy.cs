using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// OpenCue's order: shows by subscription tier (use against size), jobs by priority. Among equal priorities OpenCue's order is arbitrary; here the
/// older job goes first.
/// </summary>
public sealed class PriorityPolicy : ISchedulingPolicy
{
    /// <summary>Its name.</summary>
    public const string PolicyName = "PRIORITY_ONLY";

    /// <inheritdoc/>
    public string Name => PolicyName;

    /// <inheritdoc/>
    public string Description => "shows by use against subscription size, jobs by priority, the older first among equals";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => TierOf(show, allocation);

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now) => new(-(long)job.Row.Priority, job.Row.SubmittedAtMs);

    /// <summary>OpenCue's rank of a show: the tier of its subscription; one without a subscription comes last.</summary>
    internal static double TierOf(Show show, Allocation allocation) =>
        allocation.Subscriptions.TryGetValue(show.Id, out var subscription)
            ? Tier.Of(subscription.Use.CorePoints, subscription.Row.Size)
            : double.MaxValue;
}
