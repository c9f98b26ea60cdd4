using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// Each show gets of an allocation in proportion to the size of its subscription, inside a show each group in proportion to its minimum of cores (none
/// counts as one core). Served first is who has least for its share, where "has" is what it uses now and, to a quarter, what it used of late: a
/// show that was long without gets more until it has caught up, and nobody goes without entirely meanwhile.
/// </summary>
/// <remarks>
/// A share that nobody uses is lent: only who has work is compared. It is given back as frames end: a place whose frame has ended goes to another show
/// if that has work for it and will have less for its share, with the place, than this one without (<see cref="GivesUp(Show, Show, Allocation, int)"/>); that also keeps a place from
/// going to and fro. In a group jobs go by priority, then the older first.
/// </remarks>
public sealed class FairSharePolicy : ISchedulingPolicy
{
    /// <summary>How much of what counts is the past.</summary>
    private const double Past = 0.25;

    /// <summary>Of shows without a share those go first that have less; all behind any with a share.</summary>
    private const double BehindAllShares = 1e12;

    /// <summary>The share of a group without a minimum of cores, core points.</summary>
    private const int LeastGroupShare = 100;

    /// <summary>
    /// Groups take turns in steps of about 4 %: a finer rank would change with every booking, and every change moves all jobs of the group.
    /// </summary>
    private const double StepsADoubling = 16;

    private const int HighestPriority = 1 << 18;

    private long _engineMs;
    private long _halfLifeMs = 1;

    /// <inheritdoc/>
    public string Name => "FAIR_SHARE";

    /// <inheritdoc/>
    public string Description =>
        "shows by what they have and had of late against subscription size, groups likewise against minimum cores, jobs by priority; idle share is lent";

    /// <inheritdoc/>
    public long? RankAgainAfterMs => 30_000;

    /// <inheritdoc/>
    public void Begin(FarmModel farm, FarmTime now)
    {
        _engineMs = now.EngineMs;
        _halfLifeMs = farm.Settings.FairShareHalfLifeMs;
    }

    /// <inheritdoc/>
    public double ShowRank(Show show, Allocation allocation)
    {
        if (!allocation.Subscriptions.TryGetValue(show.Id, out var subscription))
        {
            return double.MaxValue;
        }

        var has = Has(subscription.Meter, subscription.Use.CorePoints);
        return subscription.Row.Size > 0 ? has / subscription.Row.Size : BehindAllShares + has;
    }

    /// <inheritdoc/>
    public JobRank RankOf(Job job, FarmTime now)
    {
        var priority = Math.Clamp(job.Row.Priority, -HighestPriority, HighestPriority);
        return new(Step(job.Group), ((long)-priority << 44) + job.Row.SubmittedAtMs);
    }

    /// <inheritdoc/>
    public bool GivesUp(Show holder, Show needy, Allocation allocation, int corePoints)
    {
        if (!allocation.Subscriptions.TryGetValue(needy.Id, out var needs) || needs.Row.Size == 0)
        {
            return false;
        }

        return !allocation.Subscriptions.TryGetValue(holder.Id, out var holds)
            || holds.Row.Size == 0
            || IsFairer(Has(holds.Meter, holds.Use.CorePoints), holds.Row.Size, Has(needs.Meter, needs.Use.CorePoints), needs.Row.Size, corePoints);
    }

    /// <inheritdoc/>
    public bool GivesUp(Group holder, Group needy, Allocation allocation, int corePoints) =>
        IsFairer(Has(holder), Share(holder), Has(needy), Share(needy), corePoints);

    private static bool IsFairer(double has, int share, double needyHas, int needyShare, int corePoints)
    {
        var moved = (1 - Past) * corePoints;
        return (has - moved) / share > (needyHas + moved) / needyShare;
    }

    private static int Share(Group group) => Math.Max(group.Row.MinCores, LeastGroupShare);

    private double Has(Group group) => Has(group.Meter, group.Use.CorePoints);

    private double Has(UseMeter meter, int corePoints) =>
        (Past * meter.At(_engineMs, corePoints, _halfLifeMs)) + ((1 - Past) * corePoints);

    /// <summary>A show's only group is equal to itself, whatever it has.</summary>
    private long Step(Group group) =>
        group.Show.Groups.Count == 1 ? 0 : (long)(StepsADoubling * Math.Log2(1 + (Has(group) / Share(group))));
}
