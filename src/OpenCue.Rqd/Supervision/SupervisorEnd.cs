namespace OpenCue.Rqd.Supervision;

/// <summary>How a frame's main process ended.</summary>
internal enum SupervisorEndKind
{
    /// <summary>By itself; the value is its exit status.</summary>
    Exit,

    /// <summary>The value is the signal that ended it.</summary>
    Signal,

    /// <summary>It could not be started; the value is the system's error number.</summary>
    Failed,
}

/// <summary>A supervisor's note of how its frame ended, as the kernel told it.</summary>
/// <param name="MaxRssKib">Of the largest single process.</param>
/// <param name="Message">What failed; else empty.</param>
internal sealed record SupervisorEnd(
    SupervisorEndKind Kind, int Value, DateTimeOffset At, TimeSpan Ran, TimeSpan UserTime, TimeSpan SystemTime, long MaxRssKib, string Message);
