using OpenCue.Simulator.Farms;

namespace OpenCue.Simulator.Workloads;

/// <summary>A farm and the work that comes to it: what <c>cue-sim</c> makes traces from.</summary>
internal sealed record Scenario
{
    /// <summary>Its name, for reports.</summary>
    public required string Name { get; init; }

    /// <summary>What it shows, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>For how many hours jobs arrive.</summary>
    public double Hours { get; init; } = 24;

    /// <summary>When it begins; a Monday at midnight if it does not say.</summary>
    public DateTimeOffset Start { get; init; } = VirtualTime.VirtualTimeProvider.UsualStart;

    /// <summary>The farm.</summary>
    public required FarmPlan Farm { get; init; }

    /// <summary>The work.</summary>
    public required Arrivals Jobs { get; init; }
}

/// <summary>Which jobs arrive, and when.</summary>
internal sealed record Arrivals
{
    /// <summary>Jobs in 24 hours of a weekday.</summary>
    public required double PerDay { get; init; }

    /// <summary>How the jobs of a day spread over its 24 hours, as weights; all hours alike if empty.</summary>
    public IReadOnlyList<double> DayShape { get; init; } = [];

    /// <summary>Jobs of a Saturday or Sunday, against a weekday.</summary>
    public double Weekend { get; init; } = 1;

    /// <summary>Kinds of jobs.</summary>
    public required IReadOnlyList<JobKind> Kinds { get; init; }
}

/// <summary>A kind of job.</summary>
internal sealed record JobKind
{
    /// <summary>Name; jobs are called after it.</summary>
    public required string Name { get; init; }

    /// <summary>How many of the jobs are of this kind, against the others' weights.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The shows that have such jobs; empty for all, by their weights.</summary>
    public IReadOnlyList<string> Shows { get; init; } = [];

    /// <summary>The group it lies in; empty for the show's own.</summary>
    public string Group { get; init; } = "";

    /// <summary>Priority.</summary>
    public Distribution Priority { get; init; } = new Constant(100);

    /// <summary>Cores that a job may have at most; 0: no bound.</summary>
    public double MaxCores { get; init; }

    /// <summary>How often a failed frame is tried again.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>Layers.</summary>
    public required IReadOnlyList<LayerKind> Layers { get; init; }
}

/// <summary>A layer of a kind of job.</summary>
internal sealed record LayerKind
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>How many frames; drawn for each job. As many as the layer that it is after if nothing is said.</summary>
    public Distribution? Frames { get; init; }

    /// <summary>How long a usual frame runs, seconds; drawn for each layer.</summary>
    public required Distribution Seconds { get; init; }

    /// <summary>How the layer's frames differ from its usual one: sigma of a lognormal factor.</summary>
    public double Spread { get; init; } = 0.25;

    /// <summary>Cores that a frame reserves; 0: all of a host.</summary>
    public double Cores { get; init; } = 1;

    /// <summary>Whether a frame can use more.</summary>
    public bool Threadable { get; init; } = true;

    /// <summary>Memory that a frame reserves, GiB.</summary>
    public double MemoryGib { get; init; } = 4;

    /// <summary>Memory that a usual frame uses at its peak, GiB; drawn for each layer. 60 % of what it reserves if nothing is said.</summary>
    public Distribution? PeakGib { get; init; }

    /// <summary>GPUs that a frame reserves.</summary>
    public int Gpus { get; init; }

    /// <summary>GPU memory that a frame reserves, GiB.</summary>
    public double GpuMemoryGib { get; init; }

    /// <summary>Tags of which a host must have one; none: any host.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Limits it is under.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>The layer of the job that it waits for; empty: none.</summary>
    public string After { get; init; } = "";

    /// <summary>True: each frame waits for the frame of that number only, not for the whole layer.</summary>
    public bool FrameByFrame { get; init; }

    /// <summary>Frames of hundred whose first try fails.</summary>
    public double FailPercent { get; init; }
}
