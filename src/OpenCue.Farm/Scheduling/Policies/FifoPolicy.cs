using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// First come, first served: shows by tier, in a show jobs by priority, in a priority strictly by the time of their submission. (OpenCue's FIFO orders
/// by the same; here <see cref="PriorityPolicy"/> happens to decide ties this way, too, but does not promise it.)
/// </summary>
public sealed class FifoPolicy : ISchedulingPolicy
{
    /// <inheritdoc/>
    public string Name => "FIFO";

    /// <inheritdoc/>
    public string Description => "shows by use against subscription size, jobs by priority, in a priority by time of submission";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => PriorityPolicy.TierOf(show, allocation);

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now) => new(-(long)job.Row.Priority, job.Row.SubmittedAtMs);
}
