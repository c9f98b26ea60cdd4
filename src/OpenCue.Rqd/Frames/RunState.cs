namespace OpenCue.Rqd.Frames;

/// <summary>How far a run has come.</summary>
internal enum RunState
{
    /// <summary>Cuebot was promised that it will run, or is about to be.</summary>
    Accepted,

    /// <summary>Its supervisor was started.</summary>
    Running,

    /// <summary>It is over; cuebot has not acknowledged that yet.</summary>
    Ended,
}
