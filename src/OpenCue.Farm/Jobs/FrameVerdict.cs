namespace OpenCue.Farm.Jobs;

/// <summary>What is known of a frame and its layer and job when its run ends.</summary>
public readonly record struct FrameFacts
{
    /// <summary>How often the job's frames are tried again.</summary>
    public int MaxRetries { get; init; }

    /// <summary>The job eats frames that fail.</summary>
    public bool AutoEat { get; init; }

    /// <summary>Number of starts that counted as a retry.</summary>
    public int Retries { get; init; }

    /// <summary>Minutes a frame may run; 0 means for ever.</summary>
    public int TimeoutMinutes { get; init; }

    /// <summary>Minutes a frame may go without writing to its log; 0 means for ever.</summary>
    public int TimeoutLogMinutes { get; init; }

    /// <summary>How long before its end its log last grew, ms; null if unknown.</summary>
    public long? LogSilentMs { get; init; }

    /// <summary>How long it ran, wall seconds.</summary>
    public long RunSeconds { get; init; }

    /// <summary>Memory that was reserved for it, KiB.</summary>
    public long ReservedMemoryKib { get; init; }
}

/// <summary>What the end of a run makes of its frame, by itself: depends and checkpoints come after.</summary>
/// <param name="State">The state it is to be in.</param>
/// <param name="ExitStatus">The exit status to record; null: keep the one from before the run.</param>
/// <param name="MemoryFailure">It failed for want of memory.</param>
public readonly record struct FrameVerdict(FrameState State, int? ExitStatus, bool MemoryFailure = false)
{
    /// <summary>
    /// Decides. A person's order stands over whatever is reported; a run that did not end by itself goes back to WAITING at no cost; all
    /// else is OpenCue's table.
    /// </summary>
    /// <param name="outcome">How the run ended.</param>
    /// <param name="ordered">What its kill order, if it had one, says.</param>
    /// <param name="facts">The frame.</param>
    /// <param name="settings">The site's settings.</param>
    public static FrameVerdict Of(RunOutcome outcome, KillOutcome? ordered, in FrameFacts facts, FarmSettings settings) =>
        (outcome.End, ordered) switch
        {
            (_, KillOutcome.Eat) => new(FrameState.Eaten, Jobs.ExitStatus.StoppedForEat),
            (RunEnd.NeverStarted, _) => new(FrameState.Waiting, null),
            (_, KillOutcome.Retry) => new(FrameState.Waiting, Jobs.ExitStatus.StoppedForRetry),
            (RunEnd.Completed, _) => OfReport(outcome, ordered, facts, settings),
            (_, KillOutcome.Memory) => OfReport(outcome with { ExitStatus = Jobs.ExitStatus.MemoryFailure }, ordered, facts, settings),
            (RunEnd.HostRebooted or RunEnd.AssumedLost, _) => new(FrameState.Waiting, Jobs.ExitStatus.HostDown),
            _ => new(FrameState.Waiting, Jobs.ExitStatus.Orphan),
        };

    private static FrameVerdict OfReport(RunOutcome outcome, KillOutcome? ordered, in FrameFacts facts, FarmSettings settings)
    {
        if (outcome.ExitStatus == Jobs.ExitStatus.Success)
        {
            return new(FrameState.Succeeded, Jobs.ExitStatus.Success);
        }

        // The mark of a memory kill belongs to this run. OpenCue keeps it on the frame, where it decides over later runs too.
        var status = ordered == KillOutcome.Memory ? Jobs.ExitStatus.MemoryFailure : outcome.ExitStatus;
        var memory = IsMemoryFailure(outcome with { ExitStatus = status }, facts);
        return new(OfFailure(outcome, status, memory, facts, settings), status, memory);
    }

    /// <summary>The order of these rules is OpenCue's, and users know it.</summary>
    private static FrameState OfFailure(RunOutcome outcome, int status, bool memory, in FrameFacts facts, FarmSettings settings)
    {
        return (status, outcome.ExitSignal) switch
        {
            (Jobs.ExitStatus.SkipRetry, _) => FrameState.Waiting,
            (_, Jobs.ExitStatus.RetrySignal) when facts.MaxRetries != 0 => FrameState.Waiting,

            // The program never ran, so this says nothing about the frame; the layer rests on that host. OpenCue lets the frame die once
            // its retries are used up, and tries again at once as long as they are not.
            (Jobs.ExitStatus.FailedLaunch, _) or (_, Jobs.ExitStatus.FailedLaunch) => FrameState.Waiting,
            // Our agent says so when it finds, after a boot, that the host went down under the run.
            (Jobs.ExitStatus.HostDown, _) => FrameState.Waiting,
            (_, Jobs.ExitStatus.SignalTerm) when outcome.NimbyLocked => FrameState.Waiting,
            _ when facts.AutoEat => FrameState.Eaten,
            _ when settings.DelayMinutesAfter(status) is not null => FrameState.Waiting,
            _ when facts.TimeoutLogMinutes != 0 && facts.LogSilentMs / 60_000 > facts.TimeoutLogMinutes - 1 => FrameState.Dead,
            _ when facts.TimeoutMinutes != 0 && facts.RunSeconds > facts.TimeoutMinutes * 60L => FrameState.Dead,
            _ when facts.RunSeconds > settings.NoRetryAfterSeconds => FrameState.Dead,
            _ when facts.Retries >= facts.MaxRetries && !memory => FrameState.Dead,
            _ => FrameState.Waiting,
        };
    }

    /// <summary>
    /// Status 137 is also what a shell returns for a child that got SIGKILL for any reason, so outside of a container it counts only if the
    /// run's memory was near what it had. (OpenCue takes it for want of memory always, and gives more at each retry.)
    /// </summary>
    private static bool IsMemoryFailure(RunOutcome outcome, in FrameFacts facts) =>
        outcome.ExitStatus == Jobs.ExitStatus.MemoryFailure
        || outcome.ExitSignal == Jobs.ExitStatus.MemoryFailure
        || (outcome.ExitStatus == Jobs.ExitStatus.ContainerMemoryFailure
            && (outcome.FromContainer || outcome.MaxRssKib >= facts.ReservedMemoryKib / 10 * 9));
}
