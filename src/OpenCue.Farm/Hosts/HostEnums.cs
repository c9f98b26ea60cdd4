namespace OpenCue.Farm.Hosts;

/// <summary>Whether a host works, with the numbers of the wire.</summary>
public enum HardwareState
{
    /// <summary>It reports.</summary>
    Up = 0,

    /// <summary>It has not reported for 300 s.</summary>
    Down = 1,

    /// <summary>It was told to reboot.</summary>
    Rebooting = 2,

    /// <summary>It reboots when nothing runs on it.</summary>
    RebootWhenIdle = 3,

    /// <summary>It needs a person.</summary>
    Repair = 4,
}

/// <summary>Whether a host may be booked, with the numbers of the wire.</summary>
public enum LockState
{
    /// <summary>It may.</summary>
    Open = 0,

    /// <summary>A person locked it.</summary>
    Locked = 1,

    /// <summary>Somebody works at it.</summary>
    NimbyLocked = 2,
}

/// <summary>How many cores a frame gets, with the numbers of the wire.</summary>
public enum ThreadMode
{
    /// <summary>What it asks for, and more if its memory takes more of the host.</summary>
    Auto = 0,

    /// <summary>All that are idle; only threadable layers run here.</summary>
    All = 1,

    /// <summary>As auto, but threadable layers get at least two.</summary>
    Variable = 2,
}

/// <summary>Which agent runs on a host: what its answers prove depends on it.</summary>
public enum AgentKind
{
    /// <summary>Not known yet: trusted as little as the others' agents.</summary>
    Unknown = 0,

    /// <summary>Ours: it keeps a journal, so what it says of a run is proof.</summary>
    OpenCueNet = 1,

    /// <summary>OpenCue's, in Python or Rust: it forgets runs when it restarts.</summary>
    OpenCue = 2,
}
