namespace OpenCue.Simulator.Faults.Plans;

/// <summary>What can be made to happen at a time.</summary>
internal enum FaultKind
{
    /// <summary>The server dies; another one starts after a while.</summary>
    ServerDies,

    /// <summary>The server dies after so many steps of its code; another one starts after a while.</summary>
    ServerDiesAtStep,

    /// <summary>The server dies when its next commit is done, before it hears of that; another one starts after a while.</summary>
    ServerDiesAfterCommit,

    /// <summary>The server dies, and the next one is started on a copy of the database that is some time old.</summary>
    StoreRestored,

    /// <summary>Another server takes over the store while the first one lives.</summary>
    SecondServer,

    /// <summary>What some commits ask for is dropped on the way to whoever does it, who is told so.</summary>
    EffectsDropped,

    /// <summary>The server's wall clock jumps.</summary>
    ServerClockJumps,

    /// <summary>Commits wait for a while.</summary>
    StoreStalls,

    /// <summary>Some commits fail.</summary>
    StoreFails,

    /// <summary>Some commits are done, and their answer is an error.</summary>
    StoreKeepsSilent,

    /// <summary>An agent's process ends and starts again; its renders go on.</summary>
    AgentRestarts,

    /// <summary>An agent's process ends and starts again; its renders end with it.</summary>
    AgentRestartsWithRenders,

    /// <summary>The container in which an agent runs restarts: it reports a new boot time, and renders outside of it live on.</summary>
    ContainerRestarts,

    /// <summary>A host boots.</summary>
    HostReboots,

    /// <summary>A host loses its power until all is healed.</summary>
    HostDies,

    /// <summary>Nothing on a host moves for a while.</summary>
    HostHangs,

    /// <summary>A host's wall clock jumps.</summary>
    HostClockJumps,

    /// <summary>A host loses the disk with its agent's journal.</summary>
    JournalLost,

    /// <summary>A host is known by another full name.</summary>
    HostRenamed,

    /// <summary>Nothing reaches a host, and nothing comes from it.</summary>
    CutOff,

    /// <summary>Nothing reaches a host.</summary>
    Deaf,

    /// <summary>Nothing comes from a host.</summary>
    Mute,

    /// <summary>Somebody submits a job.</summary>
    UserSubmits,

    /// <summary>Somebody pauses or resumes a job.</summary>
    UserPauses,

    /// <summary>Somebody kills frames.</summary>
    UserKillsFrame,

    /// <summary>Somebody retries a frame.</summary>
    UserRetriesFrame,

    /// <summary>Somebody eats a frame.</summary>
    UserEatsFrame,

    /// <summary>Somebody kills a job.</summary>
    UserKillsJob,

    /// <summary>Somebody retries all frames of a job.</summary>
    UserRetriesJob,

    /// <summary>Somebody unbooks a proc.</summary>
    UserUnbooks,

    /// <summary>Somebody changes the burst of a subscription.</summary>
    UserSetsBurst,

    /// <summary>Somebody changes the most cores of a job.</summary>
    UserSetsMaxCores,

    /// <summary>Somebody changes a limit.</summary>
    UserSetsLimit,

    /// <summary>Somebody changes a job's priority.</summary>
    UserSetsPriority,

    /// <summary>Somebody locks or unlocks a host.</summary>
    UserLocksHost,

    /// <summary>Somebody says how many procs a host may have.</summary>
    UserCapsHost,

    /// <summary>Somebody accepts that an unknown run has ended.</summary>
    UserAcceptsEnd,
}
