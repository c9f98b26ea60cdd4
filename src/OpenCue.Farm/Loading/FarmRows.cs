using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Loading;

/// <summary>All rows of a store, as <see cref="FarmLoader"/> wants them. History is not among them.</summary>
public sealed class FarmRows
{
    /// <summary>The number of the last batch committed; 0 for a new store.</summary>
    public long Sequence { get; set; }

    /// <summary>Engine time of that batch.</summary>
    public long EngineMs { get; set; }

    /// <summary>Facilities.</summary>
    public List<FacilityRow> Facilities { get; } = [];

    /// <summary>Allocations.</summary>
    public List<AllocationRow> Allocations { get; } = [];

    /// <summary>Shows.</summary>
    public List<ShowRow> Shows { get; } = [];

    /// <summary>Groups.</summary>
    public List<GroupRow> Groups { get; } = [];

    /// <summary>Subscriptions.</summary>
    public List<SubscriptionRow> Subscriptions { get; } = [];

    /// <summary>What subscriptions and groups have used of late.</summary>
    public List<ShareUseRow> ShareUses { get; } = [];

    /// <summary>Services.</summary>
    public List<ServiceRow> Services { get; } = [];

    /// <summary>Limits.</summary>
    public List<LimitRow> Limits { get; } = [];

    /// <summary>Hosts.</summary>
    public List<HostRow> Hosts { get; } = [];

    /// <summary>Names of all hosts that ever were, also of those that are gone, by number: frames remember their last host by it.</summary>
    public Dictionary<int, string> HostNames { get; } = [];

    /// <summary>What hosts last measured.</summary>
    public List<HostStatRow> HostStats { get; } = [];

    /// <summary>Jobs.</summary>
    public List<JobRow> Jobs { get; } = [];

    /// <summary>Layers.</summary>
    public List<LayerRow> Layers { get; } = [];

    /// <summary>What layers have used.</summary>
    public List<LayerUsageRow> LayerUsage { get; } = [];

    /// <summary>Layers of finished jobs whose frames are at rest: they stay in the store.</summary>
    public List<FramesAtRestRow> FramesAtRest { get; } = [];

    /// <summary>
    /// Frames by layer and ordinal, but for layers whose frames are at rest. The store fills the arrays itself: there may be millions.
    /// </summary>
    public Dictionary<EntityId, Frame[]> Frames { get; } = [];

    /// <summary>Depends.</summary>
    public List<DependRow> Depends { get; } = [];

    /// <summary>Which edges of depends are done.</summary>
    public List<DependMarksRow> DependMarks { get; } = [];

    /// <summary>Procs.</summary>
    public List<ProcRow> Procs { get; } = [];

    /// <summary>Runs that have not ended.</summary>
    public List<RunRow> Runs { get; } = [];

    /// <summary>Runs that are not held and that may live on a host.</summary>
    public List<OldRunRow> OldRuns { get; } = [];

    /// <summary>Bulk operations that are not done.</summary>
    public List<BulkOperationRow> Operations { get; } = [];
}
