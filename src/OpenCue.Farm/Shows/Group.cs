using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Shows;

/// <summary>
/// A group (OpenCue's folder) of a show's jobs, with limits of its own. Limits count the group's own jobs, not those of its subgroups.
/// </summary>
public sealed class Group(GroupRow row, Show show) : Entity<GroupRow>(row)
{
    /// <summary>Its show.</summary>
    public Show Show { get; } = show;

    /// <summary>Its jobs.</summary>
    public HashSet<Job> Jobs { get; } = [];

    /// <summary>What its jobs' procs reserve, local ones left out.</summary>
    public Resources Use { get; internal set; }

    /// <summary>What they have used of late.</summary>
    public UseMeter Meter { get; } = new();

    internal override void Attach(FarmModel farm)
    {
        if (farm.ShareUses.TryGetValue(Id, out var stored))
        {
            Meter.Restore(stored.Row);
        }

        farm.Groups.Add(Id, this);
        Show.Groups.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Groups.Remove(Id);
        Show.Groups.Remove(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, GroupRow old) => farm.Marks.Groups.Add(this);
}

/// <summary>What is stored of a group. −1 means "no limit" or "no default".</summary>
public sealed record GroupRow : INamedRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>Its show.</summary>
    public required EntityId ShowId { get; init; }

    /// <summary>The group it lies in; null for the show's root group.</summary>
    public EntityId? ParentId { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <summary>The department its jobs are booked for.</summary>
    public string Department { get; init; } = "Unknown";

    /// <summary>Priority that a job gets when it moves here.</summary>
    public int DefaultJobPriority { get; init; } = -1;

    /// <summary>Minimum core points that a job gets when it moves here.</summary>
    public int DefaultJobMinCores { get; init; } = -1;

    /// <summary>Maximum core points that a job gets when it moves here.</summary>
    public int DefaultJobMaxCores { get; init; } = -1;

    /// <summary>Minimum GPUs that a job gets when it moves here.</summary>
    public int DefaultJobMinGpus { get; init; } = -1;

    /// <summary>Maximum GPUs that a job gets when it moves here.</summary>
    public int DefaultJobMaxGpus { get; init; } = -1;

    /// <summary>Core points its jobs ought to have.</summary>
    public int MinCores { get; init; }

    /// <summary>Core points its jobs may have together.</summary>
    public int MaxCores { get; init; } = -1;

    /// <summary>GPUs its jobs ought to have.</summary>
    public int MinGpus { get; init; }

    /// <summary>GPUs its jobs may have together.</summary>
    public int MaxGpus { get; init; } = -1;
}
