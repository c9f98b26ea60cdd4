namespace OpenCue.Farm.Jobs;

/// <summary>How a run ended, as far as anybody knows: what <see cref="FrameCompletion"/> decides from.</summary>
public sealed record RunOutcome
{
    /// <summary>How it is known that the run has ended.</summary>
    public required RunEnd End { get; init; }

    /// <summary>Exit status as reported; only for <see cref="RunEnd.Completed"/>.</summary>
    public int ExitStatus { get; init; }

    /// <summary>Signal that ended it, as reported; 0 for none.</summary>
    public int ExitSignal { get; init; }

    /// <summary>How long it ran as reported, wall seconds; null if nobody said, then the farm's own times count.</summary>
    public long? RunSeconds { get; init; }

    /// <summary>Highest resident memory as reported, KiB; 0 if unknown.</summary>
    public long MaxRssKib { get; init; }

    /// <summary>Highest proportional memory as reported, KiB; 0 if unknown.</summary>
    public long MaxPssKib { get; init; }

    /// <summary>When its log last grew as reported, ms since 1970; 0 if unknown.</summary>
    public long LogUpdatedAtMs { get; init; }

    /// <summary>The host's agent said that somebody works at the host.</summary>
    public bool NimbyLocked { get; init; }

    /// <summary>It ran in a container, so exit status 137 means that its memory was not enough.</summary>
    public bool FromContainer { get; init; }
}

/// <summary>What the end of a run came to. The proc is still there, without a run.</summary>
/// <param name="Proc">The place it ran in.</param>
/// <param name="Layer">The layer of its frame.</param>
/// <param name="Ordinal">The frame's ordinal in the layer.</param>
/// <param name="DecidedState">
/// What the outcome alone makes of the frame; it may be in another state, as a depend or a checkpoint can hold it back.
/// </param>
/// <param name="ExitStatus">The exit status that was recorded.</param>
/// <param name="MemoryFailure">It failed for want of memory: the layer asks for more now.</param>
public sealed record CompletionResult(
    Hosts.Proc Proc, Layer Layer, int Ordinal, FrameState DecidedState, int ExitStatus, bool MemoryFailure);
