namespace OpenCue.Cli.Output;

/// <summary>What <c>cue</c> ends with, for scripts. The numbers are part of its interface.</summary>
internal enum ExitCode
{
    /// <summary>All was done.</summary>
    Ok = 0,

    /// <summary>It was tried and failed, or the server refused.</summary>
    Failed = 1,

    /// <summary>The command line or a configuration file makes no sense; nothing was tried.</summary>
    Usage = 2,

    /// <summary>No such job, frame, host or show, or several that the name fits.</summary>
    NotFound = 3,

    /// <summary>A person was asked and said no, or there was nobody to ask.</summary>
    Declined = 4,

    /// <summary>No server could be reached, or it did not answer in time.</summary>
    Unreachable = 5,

    /// <summary>Done for some of the named things but not for all.</summary>
    Partial = 6,

    /// <summary>A job that was watched ended, or came to a standstill, without all of its frames having succeeded.</summary>
    JobFailed = 7,

    /// <summary>Ctrl+C, as shells count it.</summary>
    Interrupted = 130,
}
