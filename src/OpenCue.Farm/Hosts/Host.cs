using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Hosts;

/// <summary>A render host.</summary>
public sealed class Host(HostRow row, Allocation allocation, HostStat stat) : Entity<HostRow>(row)
{
    /// <summary>The allocation it belongs to.</summary>
    public Allocation Allocation { get; private set; } = allocation;

    /// <summary>What its agent last measured.</summary>
    public HostStat Stat { get; } = stat;

    /// <summary>Places on it that jobs hold.</summary>
    public List<Proc> Procs { get; } = [];

    /// <summary>What its procs reserve: <c>Total − Reserved = Idle</c>.</summary>
    public Resources Reserved { get; internal set; }

    /// <summary>What may still be reserved.</summary>
    public Resources Idle => Row.Total - Reserved;

    /// <summary>
    /// Engine time of the last report since this server loaded the farm; null before the first. Not stored: after a restart every host has the
    /// full time to report before it counts as silent.
    /// </summary>
    public long? LastReportEngineMs { get; set; }

    /// <summary>Engine time until which nothing is launched here because launches failed; not stored.</summary>
    public long LaunchBackOffUntilEngineMs { get; set; }

    /// <summary>Number of launches that failed one after the other; not stored.</summary>
    public int LaunchFailures { get; set; }

    /// <summary>True while the one launch is open that tries whether launches work here again; not stored.</summary>
    public bool IsTryingLaunch { get; set; }

    /// <summary>Runs that its agent reports and that do not belong to it, by id; not stored.</summary>
    public Dictionary<EntityId, StrayRun> Strays { get; } = [];

    /// <summary>What it reports of runs that are not believed. Not stored.</summary>
    public RefusedReports RefusedReports { get; } = new();

    /// <summary>Boot ids it had before the present one, since the farm was loaded: a report with one of them was long under way.</summary>
    public HashSet<string> FormerBootIds { get; } = [];

    /// <summary>What it reported as its totals when it booted, if it can't be taken over before nothing is reserved; not stored.</summary>
    public BootTotals? PendingTotals { get; set; }

    /// <summary>True once the runs of its first report since the load were counted (see <see cref="StrayWatch"/>).</summary>
    public bool StraysCounted { get; set; }

    /// <summary>Engine time at which its agent has to be told its lock state again; null if it knows. Not stored.</summary>
    public long? TellLockAtEngineMs { get; set; }

    /// <summary>The layer that ran here last, as far as is known: what it read is still in the host's caches. Not stored.</summary>
    internal Layer? LastLayer { get; set; }

    /// <summary>All tags, in the order ALLOC, HARDWARE, HOSTNAME, MANUAL, each sorted, none twice.</summary>
    public ValueList<string> Tags { get; private set; } = [];

    /// <summary>The state clients see: a lock by a person shows before one by NIMBY.</summary>
    public LockState LockState => Row.Locked ? LockState.Locked : Row.NimbyLocked ? LockState.NimbyLocked : LockState.Open;

    /// <summary>True if it has all the procs that it may have.</summary>
    public bool IsAtProcCap => Row.MaxProcs > 0 && Procs.Count >= Row.MaxProcs;

    /// <summary>True if it has more procs than it may have, because its cap was lowered.</summary>
    public bool IsAboveProcCap => Row.MaxProcs > 0 && Procs.Count > Row.MaxProcs;

    /// <summary>True while nothing may be launched here because launches failed.</summary>
    public bool IsRestingFromLaunches(long engineMs) => LaunchBackOffUntilEngineMs > engineMs || IsTryingLaunch;

    internal override void Attach(FarmModel farm)
    {
        farm.Hosts.Add(this);
        farm.HostsByNumber[Row.Number] = Row.Name;
        farm.LastHostNumber = Math.Max(farm.LastHostNumber, Row.Number);
        if (Row.Fqdn.Length > 0)
        {
            farm.HostsByFqdn[Row.Fqdn] = this;
        }

        Allocation.Hosts.Add(this);
        Tags = AllTags();
        farm.Marks.Hosts.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Hosts.Remove(this);
        farm.HostsByFqdn.Remove(Row.Fqdn);
        Allocation.Hosts.Remove(this);
        farm.Marks.Hosts.Add(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, HostRow old)
    {
        farm.Hosts.Rename(this, old.Name, Row.Name);
        farm.HostsByNumber[Row.Number] = Row.Name;
        if (old.Fqdn != Row.Fqdn)
        {
            farm.HostsByFqdn.Remove(old.Fqdn);
            farm.HostsByFqdn[Row.Fqdn] = this;
        }

        if (old.AllocationId != Row.AllocationId)
        {
            // A host moves only while nothing runs on it, so no subscription's use changes.
            Allocation.Hosts.Remove(this);
            Allocation = farm.Allocations.Find(Row.AllocationId)
                ?? throw new InvalidOperationException($"Host {Row.Name} refers to an unknown allocation {Row.AllocationId}.");
            Allocation.Hosts.Add(this);
        }

        Tags = AllTags();
        farm.Marks.Hosts.Add(this);
    }

    /// <summary>Its allocation has another tag.</summary>
    internal void TagsChanged() => Tags = AllTags();

    private ValueList<string> AllTags()
    {
        var tags = new List<string> { Allocation.Row.Tag };
        tags.AddRange(Row.HardwareTags.Order(StringComparer.Ordinal));
        if (Row.HasHostnameTag)
        {
            tags.Add(Row.Name);
        }

        tags.AddRange(Row.ManualTags.Order(StringComparer.Ordinal));
        return tags.Distinct(StringComparer.Ordinal).ToValueList();
    }
}

/// <summary>What is stored of a host and changes seldom.</summary>
public sealed record HostRow : INamedRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>A small number, never used again for another host: frames remember their last host by it.</summary>
    public required int Number { get; init; }

    /// <summary>Short name: the first label of the reported one.</summary>
    public required string Name { get; init; }

    /// <summary>The name as reported.</summary>
    public string Fqdn { get; init; } = "";

    /// <summary>Its allocation.</summary>
    public required EntityId AllocationId { get; init; }

    /// <summary>Whether it works.</summary>
    public HardwareState State { get; init; }

    /// <summary>Why the server itself put it to REPAIR, so that it may take it out again; null if it did not.</summary>
    public string? RepairReason { get; init; }

    /// <summary>A person locked it.</summary>
    public bool Locked { get; init; }

    /// <summary>Somebody works at it.</summary>
    public bool NimbyLocked { get; init; }

    /// <summary>It is a desktop whose user comes first.</summary>
    public bool NimbyEnabled { get; init; }

    /// <summary>How many cores a frame gets.</summary>
    public ThreadMode ThreadMode { get; init; }

    /// <summary>What can be reserved altogether.</summary>
    public Resources Total { get; init; }

    /// <summary>Tags that its agent reported when it booted.</summary>
    public ValueList<string> HardwareTags { get; init; } = [];

    /// <summary>Tags that people gave it.</summary>
    public ValueList<string> ManualTags { get; init; } = [];

    /// <summary>False once a person removed the tag that is the host's name.</summary>
    public bool HasHostnameTag { get; init; } = true;

    /// <summary>Operating systems, lower case: one, or several where it runs containers.</summary>
    public ValueList<string> Os { get; init; } = [];

    /// <summary>Which agent runs on it.</summary>
    public AgentKind Agent { get; init; }

    /// <summary>The kernel's boot id, if the agent tells.</summary>
    public string? BootId { get; init; }

    /// <summary>The id of the agent's journal, if it has one.</summary>
    public string? AgentInstance { get; init; }

    /// <summary>When the machine started by its own clock, seconds since 1970; 0 if unknown.</summary>
    public long BootTimeSeconds { get; init; }

    /// <summary>Where to call the agent, if not at the host's name.</summary>
    public string? AgentAddress { get; init; }

    /// <summary>On which port, if not the farm's usual one.</summary>
    public int? AgentPort { get; init; }

    /// <summary>How many procs may be on it at once; 0 for as many as fit. Local ones count, too.</summary>
    public int MaxProcs { get; init; }

    /// <summary>When it was first seen, ms since 1970.</summary>
    public long AddedAtMs { get; init; }
}
