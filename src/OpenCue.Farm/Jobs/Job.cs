using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Jobs;

/// <summary>The state of a job, with the numbers of the wire.</summary>
public enum JobState
{
    /// <summary>Active: its frames run.</summary>
    Pending = 0,

    /// <summary>All its frames are done, or it was killed. It stays listed and retryable for a while.</summary>
    Finished = 1,

    /// <summary>Being submitted: invisible until it is whole.</summary>
    Startup = 2,

    /// <summary>On the wire only; never used.</summary>
    Shutdown = 3,

    /// <summary>A post job whose parent has not finished yet.</summary>
    Posted = 4,
}

/// <summary>A job: layers of frames that a person submitted together.</summary>
public sealed class Job(JobRow row, Show show, Group group, Facility facility) : Entity<JobRow>(row)
{
    /// <summary>Its show.</summary>
    public Show Show { get; } = show;

    /// <summary>The group it lies in.</summary>
    public Group Group { get; private set; } = group;

    /// <summary>The facility whose hosts run it.</summary>
    public Facility Facility { get; } = facility;

    /// <summary>Its layers in the order of the specification.</summary>
    public List<Layer> Layers { get; } = [];

    /// <summary>Its procs.</summary>
    public HashSet<Proc> Procs { get; } = [];

    /// <summary>Depends in which this job, one of its layers or of its frames waits.</summary>
    public HashSet<Depend> WaitsOn { get; } = [];

    /// <summary>Depends in which something waits for this job, one of its layers or of its frames.</summary>
    public HashSet<Depend> WaitedFor { get; } = [];

    /// <summary>Depends in which something waits for this job as a whole.</summary>
    public HashSet<Depend> WaitedForAsWhole { get; } = [];

    /// <summary>Its frames by state.</summary>
    public FrameCounts Frames => FrameSums;

    /// <summary>What its procs reserve, local ones left out.</summary>
    public Resources Use { get; internal set; }

    /// <summary>What its local procs reserve.</summary>
    public Resources LocalUse { get; internal set; }

    /// <summary>Number of layers whose frames are at rest.</summary>
    public int RestingLayers { get; internal set; }

    /// <summary>Number of runs that have not ended.</summary>
    public int OpenRuns { get; internal set; }

    /// <summary>Number of bulk operations under way that put frames of it back to wait: it does not end before they are done.</summary>
    public int OpenHolds { get; internal set; }

    /// <summary>True if its frames may be booked, as far as the job itself is concerned.</summary>
    public bool IsDispatchable => Row is { State: JobState.Pending, Paused: false, AutoBook: true };

    /// <summary>True for a job that clients may see.</summary>
    public bool IsVisible => Row.State != JobState.Startup;

    /// <summary>Engine time until which no other job is looked for that needs its places more; not stored.</summary>
    internal long NobodyNeedierUntilEngineMs { get; set; }

    /// <summary>Engine time until which no other job is looked for to which the policy wants its places to go; not stored.</summary>
    internal long NobodyOwedUntilEngineMs { get; set; }

    internal override bool LeavesByItself => true;

    /// <summary>The counters behind <see cref="Frames"/>; layers keep them.</summary>
    internal FrameCounts FrameSums;

    internal override void Attach(FarmModel farm)
    {
        farm.Jobs.Add(this);
        Show.Jobs.Add(this);
        Group.Jobs.Add(this);
        farm.Marks.Jobs.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Jobs.Remove(this);
        Show.Jobs.Remove(this);
        Group.Jobs.Remove(this);
        farm.Marks.Jobs.Remove(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, JobRow old)
    {
        farm.Jobs.RowChanged(this, old);
        if (old.GroupId != Row.GroupId)
        {
            Group.Jobs.Remove(this);
            farm.Advance(Group.Meter, Group.Use.CorePoints);
            Group.Use -= Use;
            farm.Marks.Groups.Add(Group);
            Group = farm.Groups.GetValueOrDefault(Row.GroupId)
                ?? throw new InvalidOperationException($"Job {Row.Name} refers to an unknown group {Row.GroupId}.");
            Group.Jobs.Add(this);
            farm.Advance(Group.Meter, Group.Use.CorePoints);
            Group.Use += Use;
        }

        foreach (var layer in Layers)
        {
            farm.Marks.Layers.Add(layer);
        }
    }
}

/// <summary>What is stored of a job. Cores are core points (hundredths).</summary>
public sealed record JobRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>Full name, <c>show-shot-user_name</c>, lower case.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// True while the name is taken by this job. A finished job gives it up, so that the job can be submitted again.
    /// </summary>
    public bool HoldsName { get; init; } = true;

    /// <summary>Its show.</summary>
    public required EntityId ShowId { get; init; }

    /// <summary>The show as the specification wrote it (an alias perhaps): the log directory has it.</summary>
    public required string ShowAsWritten { get; init; }

    /// <summary>Its group.</summary>
    public required EntityId GroupId { get; init; }

    /// <summary>Its facility.</summary>
    public required EntityId FacilityId { get; init; }

    /// <summary>The job whose post job this is.</summary>
    public EntityId? PostJobOf { get; init; }

    /// <summary>State.</summary>
    public JobState State { get; init; } = JobState.Startup;

    /// <summary>Shot.</summary>
    public required string Shot { get; init; }

    /// <summary>The user it runs as.</summary>
    public required string User { get; init; }

    /// <summary>That user's number; null: the agent's own user.</summary>
    public int? Uid { get; init; }

    /// <summary>Addresses, comma-separated, that get a mail when it ends.</summary>
    public string? Email { get; init; }

    /// <summary>Operating system its hosts must have; null for any.</summary>
    public string? Os { get; init; }

    /// <summary>Where its frames' logs lie.</summary>
    public required string LogDir { get; init; }

    /// <summary>Where its frames' logs are streamed to instead, if anywhere.</summary>
    public string LokiUrl { get; init; } = "";

    /// <summary>Greater goes first.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>What it ought to have.</summary>
    public int MinCores { get; init; } = 100;

    /// <summary>What it may have at most.</summary>
    public int MaxCores { get; init; } = 10000;

    /// <summary>GPUs it ought to have.</summary>
    public int MinGpus { get; init; }

    /// <summary>GPUs it may have at most.</summary>
    public int MaxGpus { get; init; } = 100;

    /// <summary>Nothing is booked while true; what runs goes on.</summary>
    public bool Paused { get; init; }

    /// <summary>A frame that fails is eaten.</summary>
    public bool AutoEat { get; init; }

    /// <summary>False: nothing is booked for it.</summary>
    public bool AutoBook { get; init; } = true;

    /// <summary>True: its procs may be taken for needier jobs.</summary>
    public bool AutoUnbook { get; init; } = true;

    /// <summary>How often a frame is tried again by itself.</summary>
    public int MaxRetries { get; init; } = 1;

    /// <summary>Environment of all its frames.</summary>
    public ValueList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>When it was submitted, ms since 1970.</summary>
    public long SubmittedAtMs { get; init; }

    /// <summary>When it finished, ms since 1970; 0 if it never did.</summary>
    public long StoppedAtMs { get; init; }

    /// <summary>A person killed it.</summary>
    public bool Killed { get; init; }

    /// <summary>True if it has comments.</summary>
    public bool HasComment { get; init; }
}
