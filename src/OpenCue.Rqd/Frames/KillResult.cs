namespace OpenCue.Rqd.Frames;

/// <summary>What a kill or a question met.</summary>
internal enum KillResult
{
    /// <summary>The run is alive; if it was a kill, it was ordered to die.</summary>
    Ordered,

    /// <summary>No run of the frame is alive, and none was named.</summary>
    NotRunning,

    /// <summary>The run has ended; its completion is or was sent.</summary>
    Over,

    /// <summary>The run was never launched here, and will be refused if its launch still comes.</summary>
    NeverLaunched,

    /// <summary>As <see cref="NeverLaunched"/>; but another run of the frame is alive, and was not touched.</summary>
    OtherRun,
}
