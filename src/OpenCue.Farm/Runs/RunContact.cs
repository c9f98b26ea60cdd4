namespace OpenCue.Farm.Runs;

/// <summary>
/// What the server has asked a host's agent about a run, and what it heard. Not stored: after a restart it is asked again.
/// It never changes itself; <see cref="RunCalls.Note"/> replaces it, so that a batch that is taken back takes this back too.
/// </summary>
public sealed record RunContact
{
    /// <summary>Nothing asked, nothing heard.</summary>
    public static RunContact None { get; } = new();

    /// <summary>Its launch is ordered, and nothing else was asked or heard.</summary>
    public static RunContact Launching { get; } = new() { LaunchOpen = true };

    /// <summary>Its launch has been ordered and the order has not come back.</summary>
    public bool LaunchOpen { get; init; }

    /// <summary>A kill of it has been ordered and the order has not come back.</summary>
    public bool KillOpen { get; init; }

    /// <summary>A question about it has been ordered and has not come back.</summary>
    public bool SettleOpen { get; init; }

    /// <summary>True while any call about it is open.</summary>
    public bool AnyOpen => LaunchOpen || KillOpen || SettleOpen;

    /// <summary>Engine time at which its launch came back; null if it did not since the farm was loaded.</summary>
    public long? LaunchEndedEngineMs { get; init; }

    /// <summary>True if the store knows that it was started. Until then a restart would ask again, which does no harm.</summary>
    public bool StartStored { get; init; }

    /// <summary>How often it was asked about or killed, one after the other, without settling it.</summary>
    public int Asks { get; init; }

    /// <summary>Engine time of the last question or kill.</summary>
    public long LastAskEngineMs { get; init; }

    /// <summary>Engine time before which it is not asked about or killed again, unless a report of its host gives reason to.</summary>
    public long NextAskEngineMs { get; init; }

    /// <summary>True if a kill is sent although nobody ordered one: the only way to ask some agents whether they hold a frame.</summary>
    public bool KillIsQuestion { get; init; }

    /// <summary>Number of reports of its host, one after the other, that lacked it.</summary>
    public int AbsentReports { get; init; }

    /// <summary>Engine time of the last of them; 0 before the first.</summary>
    public long LastAbsentEngineMs { get; init; }

    /// <summary>
    /// Engine time of the first of them that came when the run could not be starting any more, if its host had not stood still: null before. What an agent that
    /// does not show what is starting denies a moment later may just have been held up with its host.
    /// </summary>
    public long? PastAbsentEngineMs { get; init; }

    /// <summary>True if its host's reports lack it, or something else makes it doubtful that it lives.</summary>
    public bool IsDoubted { get; init; }

    /// <summary>
    /// Engine time at which an agent said that it does not have the run, asked when no launch could be on its way any more; null if it did not, or
    /// if the run was seen since.
    /// </summary>
    public long? DeniedEngineMs { get; init; }

    /// <summary>True once a person was told that somebody must decide about it, or that it can't be killed.</summary>
    public bool PersonTold { get; init; }

    /// <summary>
    /// Engine time by which its launch, if it is still on its way, has passed its deadline. While the launch is open that is not known.
    /// </summary>
    public long LaunchDeadlineEngineMs(FarmModel farm) =>
        LaunchOpen ? long.MaxValue / 2 : (LaunchEndedEngineMs ?? farm.LoadedEngineMs) + farm.Settings.LaunchDeadlineMs;

    /// <summary>The same once its agent has shown that it has the run: all doubts are gone.</summary>
    internal RunContact WithoutDoubts() =>
        AbsentReports == 0 && !IsDoubted && DeniedEngineMs is null && !KillIsQuestion
            ? this
            : this with { AbsentReports = 0, PastAbsentEngineMs = null, IsDoubted = false, DeniedEngineMs = null, KillIsQuestion = false };
}
