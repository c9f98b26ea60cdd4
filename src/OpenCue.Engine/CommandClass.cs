namespace OpenCue.Engine;

/// <summary>Classes of commands, in the order in which they are served. Each has a queue of its own.</summary>
public enum CommandClass
{
    /// <summary>A run ended. Never refused and never dropped: the caller is held for as long as it takes.</summary>
    Completion,

    /// <summary>Somebody wants something. Refused if too many wait; leaves the queue when its caller gives up.</summary>
    UserAction,

    /// <summary>A host tells about itself. The latest report of a host takes the place of one that still waits.</summary>
    Report,

    /// <summary>The server's own doings: outcomes of launches, time-outs, upkeep. Never refused; the caller is held.</summary>
    Internal,
}
