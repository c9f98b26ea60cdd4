using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// In which order work is served. What may run at all, and where it fits, is not a policy's business: caps, limits and hosts are checked by the
/// scheduler, whatever the policy says.
/// </summary>
/// <remarks>
/// <para>
/// A policy is called on the one thread that changes the farm, thousands of times in a pass: it must be quick, must not change the farm, and must
/// answer the same to the same question at the same time. It has no clock; times are given. Several facilities may share one object.
/// </para>
/// <para>
/// Ranks are kept between passes. A show's rank is asked again after each booking. A job's is asked again when the job or its layers changed, when it
/// stands first, and after <see cref="RankAgainAfterMs"/>; so a booking must not improve a job's rank, nor another's.
/// </para>
/// <para>
/// A policy that throws, whose ranks of jobs never hold, or that takes a whole slice of a pass (5 ms) to begin it, again and again, is named in the log and to
/// clients, is left out for the rest of the pass, and the default order is used instead (<see cref="SchedulingPolicies"/>).
/// </para>
/// </remarks>
public interface ISchedulingPolicy
{
    /// <summary>Its name, as in settings: letters, digits and underscores.</summary>
    string Name { get; }

    /// <summary>One sentence for people who choose among policies.</summary>
    string Description => "";

    /// <summary>
    /// After how many milliseconds of engine time the ranks of jobs may have moved by themselves, because of age or decay; null if they never do. They are
    /// asked for again once a second at most.
    /// </summary>
    long? RankAgainAfterMs => null;

    /// <summary>Called once at the start of each pass, before anything else is asked.</summary>
    void Begin(FarmModel farm, FarmTime now)
    {
    }

    /// <summary>The show's rank on the allocation; the lowest goes first, equal ones by id. Never NaN.</summary>
    double ShowRank(Show show, Allocation allocation);

    /// <summary>A job's rank in its show; the lowest goes first, equal ones by id.</summary>
    JobRank RankOf(Job job, FarmTime now);

    /// <summary>
    /// Whether the show <paramref name="holder"/> has so much more than its due that a place on the allocation, whose frame has ended, ought to go to the show
    /// <paramref name="needy"/>, which has work. Asked as frames end; otherwise a place stays with its job.
    /// </summary>
    /// <remarks>It must not be that both shows have to give up the same place to each other, one after the other.</remarks>
    /// <param name="holder">The show that has the place.</param>
    /// <param name="needy">Another show with work in the facility.</param>
    /// <param name="allocation">The allocation of the place's host.</param>
    /// <param name="corePoints">Core points of the place.</param>
    bool GivesUp(Show holder, Show needy, Allocation allocation, int corePoints) => false;

    /// <summary>The same between groups of one show.</summary>
    /// <param name="holder">The group whose job has the place.</param>
    /// <param name="needy">Another group of the show.</param>
    /// <param name="allocation">The allocation of the place's host.</param>
    /// <param name="corePoints">Core points of the place.</param>
    bool GivesUp(Group holder, Group needy, Allocation allocation, int corePoints) => false;
}

/// <summary>A job's place among the jobs of its show.</summary>
/// <param name="First">Compared first; the lower goes first.</param>
/// <param name="Second">Compared among equals.</param>
public readonly record struct JobRank(long First, long Second) : IComparable<JobRank>
{
    /// <inheritdoc/>
    public int CompareTo(JobRank other) => First != other.First ? First.CompareTo(other.First) : Second.CompareTo(other.Second);
}
