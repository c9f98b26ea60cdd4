using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling;

/// <summary>In which order work is looked at. The gates and the fit are not a policy's business.</summary>
public interface ISchedulingPolicy
{
    /// <summary>Its name, as in settings.</summary>
    string Name { get; }

    /// <summary>The show's rank on the allocation; the lowest goes first. Asked again after each booking, so shows take turns.</summary>
    double ShowRank(Show show, Allocation allocation);

    /// <summary>A job's rank in its show; the lowest goes first, equal ones by id. Asked when something about the job changed.</summary>
    JobRank RankOf(Job job);
}

/// <summary>
/// OpenCue's order: shows by subscription tier (use against size), jobs by priority. Among equal priorities OpenCue's order is arbitrary; here the
/// older job goes first.
/// </summary>
public sealed class PriorityPolicy : ISchedulingPolicy
{
    /// <inheritdoc/>
    public string Name => "PRIORITY_ONLY";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) =>
        allocation.Subscriptions.TryGetValue(show.Id, out var subscription)
            ? Tier.Of(subscription.Use.CorePoints, subscription.Row.Size)
            : double.MaxValue;

    /// <inheritdoc/>
    public JobRank RankOf(Job job) => new(-(long)job.Row.Priority, job.Row.SubmittedAtMs);
}

/// <summary>A job's place among the jobs of its show.</summary>
/// <param name="First">Compared first; the lower goes first.</param>
/// <param name="Second">Compared among equals.</param>
public readonly record struct JobRank(long First, long Second) : IComparable<JobRank>
{
    /// <inheritdoc/>
    public int CompareTo(JobRank other) => First != other.First ? First.CompareTo(other.First) : Second.CompareTo(other.Second);
}
