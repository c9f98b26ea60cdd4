namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Why something is as it is, with the numbers of the wire.</summary>
public enum ReasonCode
{
    /// <summary>Nothing holds it: the next pass books it.</summary>
    Nothing = 1,

    /// <summary>It runs.</summary>
    Running = 2,

    /// <summary>Nobody knows whether its run lives.</summary>
    RunningUnknown = 3,

    /// <summary>It runs, and an order to kill it is under way.</summary>
    BeingKilled = 4,

    /// <summary>Its last run ended well.</summary>
    Succeeded = 5,

    /// <summary>It failed and is not tried again by itself.</summary>
    Dead = 6,

    /// <summary>It is done without.</summary>
    Eaten = 7,

    /// <summary>A checkpoint of it is being copied.</summary>
    Checkpoint = 8,

    /// <summary>It waits for something else.</summary>
    Depends = 9,

    /// <summary>Its job has finished, or was killed.</summary>
    JobFinished = 20,

    /// <summary>Its job is the post job of one that has not finished.</summary>
    JobPosted = 21,

    /// <summary>Its job is paused.</summary>
    JobPaused = 22,

    /// <summary>Booking is off for its job.</summary>
    JobBookingOff = 23,

    /// <summary>Booking is off for its show.</summary>
    ShowBookingOff = 24,

    /// <summary>Booking is off for the farm.</summary>
    FarmBookingOff = 25,

    /// <summary>Its layer starts later.</summary>
    StartsLater = 26,

    /// <summary>Its job has all the cores it may have.</summary>
    JobAtMaxCores = 27,

    /// <summary>Its job has all the GPUs it may have.</summary>
    JobAtMaxGpus = 28,

    /// <summary>Its group has all the cores it may have.</summary>
    GroupAtMaxCores = 29,

    /// <summary>Its group has all the GPUs it may have.</summary>
    GroupAtMaxGpus = 30,

    /// <summary>A limit has no room.</summary>
    LimitReached = 31,

    /// <summary>Its show may use no allocation of its facility.</summary>
    NoSubscription = 32,

    /// <summary>Its show has all the cores it may have on an allocation.</summary>
    ShowAtBurst = 33,

    /// <summary>The allocations that its show may use have no hosts.</summary>
    NoHosts = 50,

    /// <summary>No host could take it, even if empty and well.</summary>
    NoHostEver = 51,

    /// <summary>Some hosts could take it, none can now.</summary>
    NoHostNow = 52,

    /// <summary>A launch or kill of it is still on its way to the hosts that would do.</summary>
    CallUnderWay = 53,

    /// <summary>The hosts that would do could not start its layer a moment ago.</summary>
    StartFailed = 54,

    /// <summary>A host would take it; others go first.</summary>
    OthersFirst = 55,

    /// <summary>A host is kept for it, and is not empty enough yet.</summary>
    HostKept = 56,

    /// <summary>Hosts were not looked at for it, as so much was asked about at once.</summary>
    NotLookedAt = 57,

    /// <summary>The host is not UP.</summary>
    HostNotUp = 70,

    /// <summary>A person locked the host.</summary>
    HostLocked = 71,

    /// <summary>Somebody works at the host.</summary>
    HostNimbyLocked = 72,

    /// <summary>The host's temporary directory is nearly full.</summary>
    HostTempFull = 73,

    /// <summary>The host reports little free memory.</summary>
    HostLittleFreeMemory = 74,

    /// <summary>Launches failed on the host; it rests.</summary>
    HostBackingOff = 75,

    /// <summary>Nothing is idle on the host.</summary>
    HostFull = 76,

    /// <summary>The host has as many procs as it may have.</summary>
    HostAtProcCap = 77,

    /// <summary>The host is reserved.</summary>
    HostReserved = 78,

    /// <summary>No show may use the host's allocation.</summary>
    HostNoSubscriptions = 79,

    /// <summary>Nothing waits that may use the host's allocation.</summary>
    HostNothingWaits = 80,

    /// <summary>Work waits, and none of it fits the host now.</summary>
    HostNothingFits = 81,
}
