using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Jobs;

/// <summary>How far a run is known to be.</summary>
public enum RunPhase
{
    /// <summary>Booked; nobody knows whether its launch has reached the host.</summary>
    Launching = 0,

    /// <summary>The host's agent accepted it or reported it.</summary>
    Started = 1,

    /// <summary>Nobody can say whether it lives: launch unanswered and unsettled, or host silent.</summary>
    Unknown = 2,

    /// <summary>It has ended.</summary>
    Ended = 3,
}

/// <summary>How it is known that a run has ended.</summary>
public enum RunEnd
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>The agent reported its completion.</summary>
    Completed = 1,

    /// <summary>The agent refused the launch, so it never started.</summary>
    NeverStarted = 2,

    /// <summary>The agent, whose journal is proof, does not have it.</summary>
    NotOnHost = 3,

    /// <summary>The host has booted since.</summary>
    HostRebooted = 4,

    /// <summary>An agent without a journal does not have it, and had time enough to say so.</summary>
    ForgottenByAgent = 5,

    /// <summary>Nobody proved it: the host was silent for too long, and the layer says retry.</summary>
    AssumedLost = 6,

    /// <summary>A person said so.</summary>
    AcceptedByPerson = 7,
}

/// <summary>What a run's frame becomes when the run has been killed and has ended.</summary>
public enum KillOutcome
{
    /// <summary>What the completion report's exit status says.</summary>
    ByReport = 0,

    /// <summary>WAITING, exit status 500: a person retried the frame or killed the job.</summary>
    Retry = 1,

    /// <summary>EATEN, exit status 506: a person ate the frame.</summary>
    Eat = 2,

    /// <summary>As the report says, but exit status 33: it used too much memory.</summary>
    Memory = 3,
}

/// <summary>An order to kill a run. The frame stays RUNNING until the run is proven to have ended.</summary>
/// <param name="Outcome">What the frame becomes then.</param>
/// <param name="Reason">Why, for the frame's log.</param>
/// <param name="By">Who wanted it.</param>
/// <param name="AtMs">When, ms since 1970.</param>
public sealed record KillOrder(KillOutcome Outcome, string Reason, string By, long AtMs);

/// <summary>One execution of one frame on one host. Its id is the <c>resource_id</c> that agents send back in their reports.</summary>
public sealed class Run(RunRow row, Proc proc) : Entity<RunRow>(row)
{
    /// <summary>The place it runs in.</summary>
    public Proc Proc { get; } = proc;

    /// <summary>The layer of its frame.</summary>
    public Layer Layer { get; private set; } = proc.Layer;

    /// <summary>The frame's ordinal in its layer.</summary>
    public int Ordinal => Row.FrameOrdinal;

    /// <summary>The host it runs on.</summary>
    public Host Host => Proc.Host;

    /// <summary>What its host's agent last reported of it.</summary>
    public RunUsage Usage { get; } = new();

    /// <summary>What the server has asked its host's agent about it.</summary>
    public RunContact Contact { get; private set; } = RunContact.None;

    /// <summary>The id of its frame.</summary>
    public EntityId FrameId => Layer.FrameId(Ordinal);

    /// <summary>True if it must be asked about or killed until it is known what became of it.</summary>
    public bool IsUnsettled => Row.Phase == RunPhase.Unknown || Row.Kill is not null || Contact.IsDoubted;

    /// <summary>
    /// The frame as it was before this run, to put it back if the run never starts. Not stored: after a restart of the server such a frame
    /// keeps what its start wrote, only its exit status and its number of retries go back.
    /// </summary>
    internal Frame? FrameBefore { get; set; }

    internal override bool LeavesByItself => true;

    internal override void Attach(FarmModel farm)
    {
        Layer = Proc.Layer;
        farm.Runs.Add(Id, this);
        Layer.Runs.Add(Ordinal, this);
        Layer.Job.OpenRuns++;
        Proc.Run = this;
        NoteUnsettled(farm);
        foreach (var limit in Layer.Limits)
        {
            if (limit.Add(this))
            {
                farm.Marks.Limits.Add(limit);
            }
        }
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Runs.Remove(Id);
        farm.Unsettled.Remove(this);
        Layer.Runs.Remove(Ordinal);
        Layer.Job.OpenRuns--;
        Proc.Run = null;
        foreach (var limit in Layer.Limits)
        {
            if (limit.Remove(this))
            {
                farm.Marks.Limits.Add(limit);
            }
        }
    }

    /// <summary>Replaces <see cref="Contact"/>.</summary>
    internal void SetContact(FarmModel farm, RunContact contact)
    {
        Contact = contact;
        if (InFarm)
        {
            NoteUnsettled(farm);
        }
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, RunRow old)
    {
        if (old.Phase != Row.Phase || !ReferenceEquals(old.Kill, Row.Kill))
        {
            NoteUnsettled(farm);
        }
    }

    /// <summary>Puts it among the runs to be asked about, or takes it out.</summary>
    private void NoteUnsettled(FarmModel farm)
    {
        if (IsUnsettled)
        {
            farm.Unsettled.Add(this);
        }
        else
        {
            farm.Unsettled.Remove(this);
        }
    }
}

/// <summary>What an agent last reported of a run. Not stored: the next report brings it again.</summary>
public sealed class RunUsage
{
    /// <summary>Engine time of the last report that had this run; null before the first.</summary>
    public long? SeenEngineMs { get; set; }

    /// <summary>Number of that report (<see cref="FarmModel.ReportsApplied"/>); 0 before the first.</summary>
    public long SeenInReport { get; set; }

    /// <summary>Wall time of that report, ms since 1970.</summary>
    public long SeenAtMs { get; set; }

    /// <summary>Resident memory, KiB.</summary>
    public long RssKib { get; set; }

    /// <summary>Highest resident memory, KiB.</summary>
    public long MaxRssKib { get; set; }

    /// <summary>Proportional memory, KiB.</summary>
    public long PssKib { get; set; }

    /// <summary>Highest proportional memory, KiB.</summary>
    public long MaxPssKib { get; set; }

    /// <summary>Virtual memory, KiB.</summary>
    public long VirtualKib { get; set; }

    /// <summary>Swap in use, KiB.</summary>
    public long SwapKib { get; set; }

    /// <summary>GPU memory in use, KiB.</summary>
    public long GpuMemoryKib { get; set; }

    /// <summary>When its log last grew, ms since 1970; 0 if unknown.</summary>
    public long LogUpdatedAtMs { get; set; }

    /// <summary>
    /// Engine time at which its log was last seen to have grown: the host's clock may be wrong. Null before the first report.
    /// </summary>
    public long? LogGrewEngineMs { get; set; }

    /// <summary>When it started, as reported, ms since 1970; 0 if unknown.</summary>
    public long ReportedStartMs { get; set; }

    /// <summary>The serialized process tree of the last report, for clients.</summary>
    public ReadOnlyMemory<byte> Children { get; set; }

    /// <summary>How often the server has asked for its death because of a time-out or of memory.</summary>
    public int KillAttempts { get; set; }
}

/// <summary>What is stored of a run, from booking to history.</summary>
public sealed record RunRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>The layer of its frame.</summary>
    public required EntityId LayerId { get; init; }

    /// <summary>The frame's ordinal in the layer.</summary>
    public required int FrameOrdinal { get; init; }

    /// <summary>The job, for history.</summary>
    public required EntityId JobId { get; init; }

    /// <summary>The place it runs in.</summary>
    public required EntityId ProcId { get; init; }

    /// <summary>The host.</summary>
    public required EntityId HostId { get; init; }

    /// <summary>The host's name, for history.</summary>
    public required string HostName { get; init; }

    /// <summary>What it reserved when it was booked.</summary>
    public required Resources Reserved { get; init; }

    /// <summary>Number of the frame's retry.</summary>
    public int Retry { get; init; }

    /// <summary>How far it is known to be.</summary>
    public RunPhase Phase { get; init; }

    /// <summary>When it was booked, engine time.</summary>
    public long BookedEngineMs { get; init; }

    /// <summary>When it was booked, ms since 1970.</summary>
    public long BookedAtMs { get; init; }

    /// <summary>
    /// The boot id of the host in the first report that had it, if its agent tells. Not that at its booking: the host may boot before the
    /// launch gets there.
    /// </summary>
    public string? HostBootId { get; init; }

    /// <summary>
    /// The host's boot time by its own reports when it was booked or, once it was reported, then; seconds since 1970, 0 if unknown.
    /// </summary>
    public long HostBootTimeSeconds { get; init; }

    /// <summary>The id of the agent's journal when it was booked: another journal's silence about the run proves nothing.</summary>
    public string? AgentInstance { get; init; }

    /// <summary>Since when nobody knows whether it lives, ms since 1970; 0 if it is known.</summary>
    public long UnknownSinceMs { get; init; }

    /// <summary>Why nobody knows.</summary>
    public string? UnknownReason { get; init; }

    /// <summary>The order to kill it, if somebody gave one.</summary>
    public KillOrder? Kill { get; init; }

    /// <summary>How it ended.</summary>
    public RunEnd End { get; init; }

    /// <summary>When it ended, ms since 1970; 0 while it lives.</summary>
    public long EndedAtMs { get; init; }

    /// <summary>Exit status as counted: the reported one, or one of the server's own.</summary>
    public int ExitStatus { get; init; }

    /// <summary>Signal that ended it, as reported.</summary>
    public int ExitSignal { get; init; }

    /// <summary>How long it ran, wall seconds.</summary>
    public long RunSeconds { get; init; }

    /// <summary>Highest resident memory, KiB.</summary>
    public long MaxRssKib { get; init; }
}
