namespace OpenCue.Farm.Jobs;

/// <summary>
/// Exit statuses with a meaning of their own: some come from agents, some the server gives. All others are the program's.
/// </summary>
public static class ExitStatus
{
    /// <summary>The frame never ran.</summary>
    public const int NeverRan = -1;

    /// <summary>It ended well.</summary>
    public const int Success = 0;

    /// <summary>It used too much memory; the agent reports it also as a signal.</summary>
    public const int MemoryFailure = 33;

    /// <summary>A container was ended for want of memory; also what a shell returns for a child that got SIGKILL.</summary>
    public const int ContainerMemoryFailure = 137;

    /// <summary>A signal by which old agents ask for another try.</summary>
    public const int RetrySignal = 119;

    /// <summary>The agent could not start it.</summary>
    public const int FailedLaunch = 256;

    /// <summary>It is to be tried again without counting.</summary>
    public const int SkipRetry = 286;

    /// <summary>Its log grew too big.</summary>
    public const int LogTooBig = 287;

    /// <summary>The server took a booking back.</summary>
    public const int BookingUndone = 299;

    /// <summary>Its host does not have it any more.</summary>
    public const int Orphan = 301;

    /// <summary>It could not be killed, and was given up.</summary>
    public const int FailedKill = 302;

    /// <summary>Its host went down.</summary>
    public const int HostDown = 399;

    /// <summary>A person retried it or killed its job (500 plus the number of WAITING).</summary>
    public const int StoppedForRetry = 500;

    /// <summary>A person ate it (500 plus the number of EATEN).</summary>
    public const int StoppedForEat = 506;

    /// <summary>SIGTERM: how NIMBY ends frames.</summary>
    public const int SignalTerm = 15;
}
