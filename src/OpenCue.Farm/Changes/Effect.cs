namespace OpenCue.Farm.Changes;

/// <summary>What must be done in the world.</summary>
public enum EffectKind
{
    /// <summary>Send the run to its host's agent. Subject: the run.</summary>
    LaunchRun,

    /// <summary>Tell the host's agent to kill the run. Subject: the run.</summary>
    KillRun,

    /// <summary>Tell the host's agent to kill a run that the model does not hold (any more). Subject: the run; host and frame are given.</summary>
    KillStray,

    /// <summary>Ask the host's agent what became of the run. Subject: the run.</summary>
    SettleRun,

    /// <summary>Tell the host's agent its lock state. Subject: the host.</summary>
    TellLock,

    /// <summary>A job ended; mail whoever wanted to know. Subject: the job.</summary>
    JobEnded,
}

/// <summary>
/// Something to be done in the world once the batch is durable. It is only a hint: what is really to be done follows from the stored rows, is
/// checked again against the model when it is done, and is found again from the rows after a crash.
/// </summary>
/// <param name="Kind">What to do.</param>
/// <param name="Subject">The run, host or job it is about.</param>
/// <param name="Host">The host, where there is one.</param>
/// <param name="Frame">The frame, where there is one.</param>
/// <param name="Reason">Why, in words that an agent may show in a log.</param>
public readonly record struct Effect(EffectKind Kind, EntityId Subject, EntityId Host = default, EntityId Frame = default, string? Reason = null);
