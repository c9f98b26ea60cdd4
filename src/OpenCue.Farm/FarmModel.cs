using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm;

/// <summary>
/// Everything live on the farm, as plain objects in memory. Only <see cref="Changes.FarmEdit"/> changes it, on the engine's one writer;
/// queries read it while the writer rests.
/// </summary>
public sealed class FarmModel
{
    /// <summary>Facilities.</summary>
    public NamedTable<Facility, FacilityRow> Facilities { get; } = new();

    /// <summary>Allocations, by full name.</summary>
    public NamedTable<Allocation, AllocationRow> Allocations { get; } = new();

    /// <summary>Shows, by name; for aliases see <see cref="FindShow"/>.</summary>
    public NamedTable<Show, ShowRow> Shows { get; } = new();

    /// <summary>Groups of all shows.</summary>
    public Dictionary<EntityId, Group> Groups { get; } = [];

    /// <summary>Subscriptions of all shows.</summary>
    public Dictionary<EntityId, Subscription> Subscriptions { get; } = [];

    /// <summary>What is stored of subscriptions' and groups' meters, by the id of those.</summary>
    public Dictionary<EntityId, ShareUse> ShareUses { get; } = [];

    /// <summary>Services and shows' overrides.</summary>
    public ServiceTable Services { get; } = new();

    /// <summary>Limits.</summary>
    public NamedTable<Limit, LimitRow> Limits { get; } = new();

    /// <summary>Hosts, by short name.</summary>
    public NamedTable<Host, HostRow> Hosts { get; } = new();

    /// <summary>Hosts by the name they report.</summary>
    public Dictionary<string, Host> HostsByFqdn { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of all hosts that ever were, by number: frames remember their last host by it.</summary>
    public Dictionary<int, string> HostsByNumber { get; } = [];

    /// <summary>Jobs.</summary>
    public JobTable Jobs { get; } = new();

    /// <summary>Layers of all jobs.</summary>
    public Dictionary<EntityId, Layer> Layers { get; } = [];

    /// <summary>Depends.</summary>
    public Dictionary<EntityId, Depend> Depends { get; } = [];

    /// <summary>Procs.</summary>
    public Dictionary<EntityId, Proc> Procs { get; } = [];

    /// <summary>Runs that have not ended.</summary>
    public Dictionary<EntityId, Run> Runs { get; } = [];

    /// <summary>Bulk operations that are not done.</summary>
    public Dictionary<EntityId, BulkOperation> Operations { get; } = [];

    /// <summary>
    /// Calls to agents that have not ended. A frame is not booked on a host while a launch or kill of it there is open, although its last
    /// run may have ended: the call could meet the new run. Not stored: such a call ends with the process or its deadline.
    /// </summary>
    public OpenCalls OpenCalls { get; } = new();

    /// <summary>
    /// Runs that must be asked about or killed until it is known what became of them. Not stored: it follows from the rows.
    /// </summary>
    public HashSet<Run> Unsettled { get; } = [];

    /// <summary>Engine time at which this farm was loaded.</summary>
    public long LoadedEngineMs { get; set; }

    /// <summary>
    /// Engine time since which reports are heard without a break: no host counts as silent for longer than that. It starts anew with the
    /// load, and when the server itself was held up.
    /// </summary>
    public long HearingSinceEngineMs { get; set; }

    /// <summary>Hosts whose agents have to be told their lock state. Not stored.</summary>
    public HashSet<Host> HostsToTell { get; } = [];

    /// <summary>Number of reports applied since the load: a run that has the number of the present report was in it.</summary>
    public long ReportsApplied { get; set; }

    /// <summary>Engine time of the last look for silent hosts; null before the first.</summary>
    public long? LastSweepEngineMs { get; set; }

    /// <summary>Runs that this farm does not hold, and whose hosts have not shown yet that they are gone.</summary>
    public OldRuns OldRuns { get; } = new();

    /// <summary>What hosts that the farm does not know report of runs. Not stored.</summary>
    public RefusedReports RefusedOfUnknownHosts { get; } = new();

    /// <summary>What reports since the load say about whether this is the right store.</summary>
    public StrayWatch Strays { get; } = new();

    /// <summary>The highest host number given so far.</summary>
    public int LastHostNumber { get; internal set; }

    /// <summary>Layers that rest on hosts where they could not be started. Not stored.</summary>
    public StartRests StartRests { get; } = new();

    /// <summary>Layers whose frames are at rest and in memory. Not stored.</summary>
    public RestingLayers Resting { get; } = new();

    /// <summary>What the scheduler should look at.</summary>
    public SchedulingMarks Marks { get; } = new();

    /// <summary>Engine time at which a place was last taken from a job for a needier one. Not stored.</summary>
    public long LastRebalanceEngineMs { get; set; } = long.MinValue / 2;

    /// <summary>The site's settings that rules need.</summary>
    public FarmSettings Settings { get; set; } = new();

    /// <summary>Batch and time of the command that runs; nothing while loading and while a command is undone.</summary>
    internal ChangeStamp Stamp { get; set; }

    /// <summary>To be called before the use of a subscription or group changes, with what it was.</summary>
    internal void Advance(UseMeter meter, int corePoints) => meter.Advance(Stamp.Time.EngineMs, corePoints, Settings.FairShareHalfLifeMs);

    /// <summary>The show with this name or alias, or null.</summary>
    public Show? FindShow(string nameOrAlias)
    {
        if (Shows.TryGet(nameOrAlias, out var show))
        {
            return show;
        }

        foreach (var candidate in Shows.All)
        {
            if (candidate.Row.Aliases.Contains(nameOrAlias, StringComparer.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The layer and ordinal that a frame id names; false if there is no such frame.</summary>
    public bool TryGetFrame(EntityId id, out Layer layer, out int ordinal)
    {
        ordinal = id.FrameOrdinal;
        return Layers.TryGetValue(id.Layer, out layer!) && (uint)ordinal < (uint)layer.FrameCount;
    }

    /// <summary>The name of the host with this number; empty for 0 and for numbers never given.</summary>
    public string HostName(int number) => HostsByNumber.GetValueOrDefault(number, "");
}
