using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Shows;

/// <summary>A show: a film or series. All jobs belong to one.</summary>
public sealed class Show(ShowRow row) : Entity<ShowRow>(row)
{
    /// <summary>Its groups, the root group among them.</summary>
    public List<Group> Groups { get; } = [];

    /// <summary>Its subscriptions.</summary>
    public List<Subscription> Subscriptions { get; } = [];

    /// <summary>Its jobs that are in the model, finished ones too.</summary>
    public HashSet<Job> Jobs { get; } = [];

    /// <summary>The group that new jobs go to.</summary>
    public Group RootGroup => Groups.Find(g => g.Row.ParentId is null)
        ?? throw new InvalidOperationException($"The show {Row.Name} has no root group.");

    internal override void Attach(FarmModel farm) => farm.Shows.Add(this);

    internal override void Detach(FarmModel farm) => farm.Shows.Remove(this);

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, ShowRow old)
    {
        farm.Shows.Rename(this, old.Name, Row.Name);
        if (old.BookingEnabled != Row.BookingEnabled || old.DispatchEnabled != Row.DispatchEnabled)
        {
            farm.Marks.Everything = true;
        }
    }
}

/// <summary>What is stored of a show.</summary>
public sealed record ShowRow : INamedRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <summary>Other names under which a launch specification finds it.</summary>
    public ValueList<string> Aliases { get; init; } = [];

    /// <summary>False once it is deactivated: no new jobs.</summary>
    public bool Active { get; init; } = true;

    /// <summary>False: nothing new is booked for it.</summary>
    public bool BookingEnabled { get; init; } = true;

    /// <summary>False: its procs take no next frame either.</summary>
    public bool DispatchEnabled { get; init; } = true;

    /// <summary>Stored for clients; OpenCue never applies it to jobs. Core points.</summary>
    public int DefaultMinCores { get; init; } = 100;

    /// <summary>Stored for clients. Core points.</summary>
    public int DefaultMaxCores { get; init; } = 10000;

    /// <summary>Stored for clients.</summary>
    public int DefaultMinGpus { get; init; } = 100;

    /// <summary>Stored for clients.</summary>
    public int DefaultMaxGpus { get; init; } = 100000;

    /// <summary>Who gets a mail when a job of the show is commented.</summary>
    public string CommentEmail { get; init; } = "";

    /// <summary>Frames created since the show exists.</summary>
    public long FramesCreated { get; init; }

    /// <summary>Jobs created since the show exists.</summary>
    public long JobsCreated { get; init; }

    /// <summary>Runs that ended well, of jobs that have left the model; those of the others are in their layers' usage.</summary>
    public long ArchivedRunsSucceeded { get; init; }

    /// <summary>Runs that ended otherwise, of jobs that have left the model.</summary>
    public long ArchivedRunsFailed { get; init; }
}
