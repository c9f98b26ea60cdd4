using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// Priority, raised for jobs that have less than their minimum of cores, and for each day of waiting: <c>priority + 100 × (1 − cores / minimum) + days</c>.
/// </summary>
/// <remarks>
/// That is what OpenCue documents. What it computes is coarser: its division is one of whole numbers, so any shortage counts 100, and its age is the
/// difference of days of the month, negative when a month ends.
/// </remarks>
public sealed class BalancedPolicy : ISchedulingPolicy
{
    private const double Shortage = 100;
    private const double MsADay = 86_400_000;

    /// <summary>Ranks are kept in thousandths of a priority, which is what a day's thousandth (86 s) adds.</summary>
    private const double Thousandths = 1000;

    /// <inheritdoc/>
    public string Name => "BALANCED";

    /// <inheritdoc/>
    public string Description => "shows by use against subscription size, jobs by priority, shortage below their minimum of cores, and days of waiting";

    /// <inheritdoc/>
    public long? RankAgainAfterMs => 60_000;

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => PriorityPolicy.TierOf(show, allocation);

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now)
    {
        var (cores, minimum) = (job.Use.CorePoints, job.Row.MinCores);
        var shortage = cores < minimum ? Shortage * (minimum - cores) / minimum : 0;
        var days = Math.Max(0, now.WallMs - job.Row.SubmittedAtMs) / MsADay;
        return new(-(long)((job.Row.Priority + shortage + days) * Thousandths), job.Row.SubmittedAtMs);
    }
}
