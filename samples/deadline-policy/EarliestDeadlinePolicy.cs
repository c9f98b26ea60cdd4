using System.Globalization;
using System.Runtime.CompilerServices;
using OpenCue.Farm;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace DeadlinePolicy;

/// <summary>
/// Shows take turns as OpenCue has it. In a show the job whose environment has the earliest <c>DEADLINE</c> (a time such as
/// <c>2026-12-01T18:00Z</c>) goes first; jobs without one, or with one that can't be read, go last, by priority.
/// </summary>
public sealed class EarliestDeadlinePolicy : ISchedulingPolicy
{
    private readonly PriorityPolicy _usual = new();

    // A policy is asked very often. What follows from a job's row alone need not be worked out each time: rows never change, a changed job has a new one.
    private readonly ConditionalWeakTable<JobRow, StrongBox<long>> _deadlines = [];

    /// <inheritdoc/>
    public string Name => "EARLIEST_DEADLINE";

    /// <inheritdoc/>
    public string Description => "shows by use against subscription size, jobs by the DEADLINE in their environment, then by priority";

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation) => _usual.ShowRank(show, allocation);

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now) => new(_deadlines.GetValue(job.Row, DeadlineOf).Value, -job.Row.Priority);

    private static StrongBox<long> DeadlineOf(JobRow job)
    {
        foreach (var variable in job.Environment)
        {
            if (variable.Name == "DEADLINE"
                && DateTimeOffset.TryParse(variable.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var deadline))
            {
                return new(deadline.ToUnixTimeMilliseconds());
            }
        }

        return new(long.MaxValue);
    }
}
