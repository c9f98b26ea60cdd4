namespace OpenCue.Engine;

/// <summary>
/// The engine can't serve a call now: it is loading, stopping, standing by, or the store is away. The edge answers UNAVAILABLE (or drops an agent's
/// connection, so that it tries again).
/// </summary>
public sealed class EngineUnavailableException(EngineState state, string message, bool outcomeUnknown = false) : Exception(message)
{
    /// <summary>What the engine was doing.</summary>
    public EngineState State { get; } = state;

    /// <summary>
    /// False: the command was not and will not be carried out. True: it was on its way to the store; look before you try again.
    /// </summary>
    public bool OutcomeUnknown { get; } = outcomeUnknown;
}

/// <summary>
/// A command failed by a defect of the server. It left no trace in the farm. The edge answers INTERNAL; the details are in the server's log.
/// </summary>
public sealed class CommandFailedException(string message, Exception inner) : Exception(message, inner);
