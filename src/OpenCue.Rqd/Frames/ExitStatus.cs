namespace OpenCue.Rqd.Frames;

/// <summary>The exit statuses beyond a program's own that OpenCue gives a meaning.</summary>
internal static class ExitStatus
{
    /// <summary>A program that a signal ended has no status of its own; OpenCue's agents report 1 and the signal beside it.</summary>
    public const int EndedBySignal = 1;

    /// <summary>The frame was never started. Uses up none of its retries.</summary>
    public const int FailedLaunch = 256;

    /// <summary>The frame is to be tried again: it did not end by any fault of its own. Uses up none of its retries.</summary>
    public const int TryAgain = 286;

    /// <summary>The frame's log grew too large.</summary>
    public const int LogTooLarge = 287;

    /// <summary>The host went down under the frame. Uses up none of its retries.</summary>
    public const int HostDown = 399;
}
