using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Storage.Recording;

/// <summary>What a database tells of a stretch of time: the jobs submitted in it, archived or not, and the farm as it is now.</summary>
public sealed record FarmRecord
{
    /// <summary>Facilities.</summary>
    public required IReadOnlyList<FacilityRow> Facilities { get; init; }

    /// <summary>Allocations.</summary>
    public required IReadOnlyList<AllocationRow> Allocations { get; init; }

    /// <summary>Hosts.</summary>
    public required IReadOnlyList<HostRow> Hosts { get; init; }

    /// <summary>Shows.</summary>
    public required IReadOnlyList<ShowRow> Shows { get; init; }

    /// <summary>Groups.</summary>
    public required IReadOnlyList<GroupRow> Groups { get; init; }

    /// <summary>Subscriptions.</summary>
    public required IReadOnlyList<SubscriptionRow> Subscriptions { get; init; }

    /// <summary>Limits.</summary>
    public required IReadOnlyList<LimitRow> Limits { get; init; }

    /// <summary>Jobs, in the order of their submission.</summary>
    public required IReadOnlyList<RecordedJob> Jobs { get; init; }

    /// <summary>Their layers, each job's in their order.</summary>
    public required IReadOnlyList<LayerRow> Layers { get; init; }

    /// <summary>What they waited for.</summary>
    public required IReadOnlyList<DependRow> Depends { get; init; }

    /// <summary>Their runs that ended, each frame's in the order of their ends.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }
}

/// <summary>A job of the record.</summary>
/// <param name="Row">The job.</param>
/// <param name="Show">Its show's name; empty if the show is gone.</param>
/// <param name="Group">Its group's name; empty if the group is gone.</param>
/// <param name="Facility">Its facility's name; empty if the facility is gone.</param>
public sealed record RecordedJob(JobRow Row, string Show, string Group, string Facility);
