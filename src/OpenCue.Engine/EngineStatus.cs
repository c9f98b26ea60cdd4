namespace OpenCue.Engine;

/// <summary>What the engine is doing.</summary>
public enum EngineState
{
    /// <summary>Not started yet. As <see cref="Loading"/> to callers.</summary>
    Created,

    /// <summary>Taking over the store and loading the farm. Completions and reports are queued; the rest is refused.</summary>
    Loading,

    /// <summary>Working.</summary>
    Running,

    /// <summary>
    /// The store does not answer. Nothing is acknowledged, commands wait, queries see the last durable state and say that it is stale. It goes on by
    /// itself when the store is back.
    /// </summary>
    Unavailable,

    /// <summary>Another server holds the farm. Everything is refused; the model is gone.</summary>
    Standby,

    /// <summary>Finishing what was accepted; nothing new is.</summary>
    Stopping,

    /// <summary>Stopped.</summary>
    Stopped,

    /// <summary>A defect ended the writer; the process should end too. What was acknowledged is safe in the store.</summary>
    Faulted,
}

/// <summary>How the engine is.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="SinceMs">Since when, ms since 1970.</param>
/// <param name="Reason">Why, in words for a person; null while all is well.</param>
/// <param name="DurableSequence">Number of the last batch known to be durable.</param>
public sealed record EngineStatus(EngineState State, long SinceMs, string? Reason, long DurableSequence);
