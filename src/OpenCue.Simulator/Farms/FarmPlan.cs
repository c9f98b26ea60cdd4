namespace OpenCue.Simulator.Farms;

/// <summary>The farm that is simulated: hosts, shows with their shares, limits. Part of a scenario, and of a trace that says where it was recorded.</summary>
internal sealed record FarmPlan
{
    /// <summary>Classes of hosts.</summary>
    public required IReadOnlyList<HostClass> Hosts { get; init; }

    /// <summary>Shows.</summary>
    public required IReadOnlyList<ShowPlan> Shows { get; init; }

    /// <summary>Limits, as for licences.</summary>
    public IReadOnlyList<LimitPlan> Limits { get; init; } = [];

    /// <summary>Number of all hosts.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int HostCount => Hosts.Sum(host => host.Count);

    /// <summary>An allocation's full name, <c>facility.allocation</c>; a name without a facility is of <c>local</c>.</summary>
    public static string FullName(string allocation) =>
        allocation.Contains('.', StringComparison.Ordinal) ? allocation : $"local.{allocation}";
}

/// <summary>So many hosts that are alike.</summary>
internal sealed record HostClass
{
    /// <summary>Name of the one host, or beginning of the names of many: <c>render</c> makes render0001, render0002 ...</summary>
    public required string Name { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Cores of each.</summary>
    public required int Cores { get; init; }

    /// <summary>Memory of each, GiB.</summary>
    public required double MemoryGib { get; init; }

    /// <summary>GPUs of each.</summary>
    public int Gpus { get; init; }

    /// <summary>Memory of all GPUs of each, GiB.</summary>
    public double GpuMemoryGib { get; init; }

    /// <summary>Allocation, short (<c>general</c>) or full (<c>local.general</c>).</summary>
    public string Allocation { get; init; } = "general";

    /// <summary>Tags beside that of the allocation.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Operating system that jobs may ask for.</summary>
    public string Os { get; init; } = "linux";

    /// <summary>How many cores a frame gets: <c>auto</c>, <c>all</c>, <c>variable</c>.</summary>
    public string ThreadMode { get; init; } = "auto";

    /// <summary>How many frames may run on each at once; 0: no bound.</summary>
    public int MaxProcs { get; init; }

    /// <summary>The names of the hosts.</summary>
    public IEnumerable<string> Names() => Count == 1
        ? [Name]
        : Enumerable.Range(1, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Name}{number:D4}"));
}

/// <summary>A show.</summary>
internal sealed record ShowPlan
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it may run, and how much.</summary>
    public required IReadOnlyList<SubscriptionPlan> Subscriptions { get; init; }

    /// <summary>Groups beside the show's own.</summary>
    public IReadOnlyList<GroupPlan> Groups { get; init; } = [];

    /// <summary>How many of a scenario's jobs are this show's, against the others' weights.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>A show's right to cores of an allocation.</summary>
internal sealed record SubscriptionPlan
{
    /// <summary>Allocation, short or full name.</summary>
    public string Allocation { get; init; } = "general";

    /// <summary>Cores that the show ought to have.</summary>
    public required double Size { get; init; }

    /// <summary>Cores that it may have at most.</summary>
    public required double Burst { get; init; }
}

/// <summary>A group of a show's jobs.</summary>
internal sealed record GroupPlan
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Cores that its jobs ought to have together; 0: nothing is said.</summary>
    public double MinCores { get; init; }

    /// <summary>Cores that its jobs may have together; 0: no bound.</summary>
    public double MaxCores { get; init; }
}

/// <summary>A limit.</summary>
internal sealed record LimitPlan
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>How many may be in use at once.</summary>
    public required int Max { get; init; }

    /// <summary>What it counts: <c>frame</c>, <c>host</c>, <c>user</c>.</summary>
    public string Kind { get; init; } = "frame";

    /// <summary>How many of them are held back.</summary>
    public int Headroom { get; init; }
}
