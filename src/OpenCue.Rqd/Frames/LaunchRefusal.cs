namespace OpenCue.Rqd.Frames;

/// <summary>Why a launch was refused.</summary>
internal enum LaunchRefusalKind
{
    /// <summary>The order makes no sense, anywhere and at any time.</summary>
    Invalid,

    /// <summary>The frame runs, or this very run was started before: the launch arrived twice, or another run was not waited for.</summary>
    AlreadyStarted,

    /// <summary>The run was killed before its launch arrived.</summary>
    KilledBefore,

    /// <summary>The agent is about to end.</summary>
    Stopping,

    /// <summary>Not enough idle cores.</summary>
    NoRoom,

    /// <summary>The agent could not promise to remember the run.</summary>
    NotDurable,
}

/// <summary>A launch that was refused: nothing was started.</summary>
internal sealed record LaunchRefusal(LaunchRefusalKind Kind, string Message);
