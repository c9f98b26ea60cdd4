namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>
/// What a host lacks for a frame of a layer, with the numbers of the wire, in the order in which hosts are counted: what never passes, what passes when
/// somebody mends the host, what passes when others have gone, and what keeps just this frame off it.
/// </summary>
public enum HostLack
{
    /// <summary>Nothing: it would take the frame.</summary>
    None = 0,

    /// <summary>It is of another facility.</summary>
    Facility = 1,

    /// <summary>The show has no share of its allocation.</summary>
    Subscription = 2,

    /// <summary>It has another operating system.</summary>
    Os = 3,

    /// <summary>It gives all its cores to one frame, and the layer can use only one.</summary>
    ThreadMode = 4,

    /// <summary>It has none of the tags.</summary>
    Tags = 5,

    /// <summary>It has too few cores altogether.</summary>
    TotalCores = 6,

    /// <summary>It has too little memory altogether.</summary>
    TotalMemory = 7,

    /// <summary>It has too few GPUs altogether.</summary>
    TotalGpus = 8,

    /// <summary>It has too little GPU memory altogether.</summary>
    TotalGpuMemory = 9,

    /// <summary>It has GPUs, and those hosts are kept for layers that want one.</summary>
    KeptForGpu = 10,

    /// <summary>It is not UP.</summary>
    Up = 20,

    /// <summary>It is locked.</summary>
    Unlocked = 21,

    /// <summary>Its temporary directory is nearly full.</summary>
    Temp = 22,

    /// <summary>The machine has little free memory, whatever is reserved.</summary>
    FreeMemory = 23,

    /// <summary>Launches failed there; it rests.</summary>
    LaunchesWork = 24,

    /// <summary>It has as many procs as it may have.</summary>
    Procs = 25,

    /// <summary>Something runs there, and the layer wants it empty.</summary>
    Empty = 30,

    /// <summary>Too few cores are idle.</summary>
    Cores = 31,

    /// <summary>Too little memory is idle.</summary>
    Memory = 32,

    /// <summary>Too few GPUs are idle.</summary>
    Gpus = 33,

    /// <summary>Too little GPU memory is idle.</summary>
    GpuMemory = 34,

    /// <summary>It is reserved for another layer, and the frame would not end in time.</summary>
    Unreserved = 40,

    /// <summary>A launch or kill of the frame is still on its way there.</summary>
    CallUnderWay = 41,

    /// <summary>The layer could not be started there a moment ago.</summary>
    StartFailed = 42,

    /// <summary>The show is at its burst on the allocation.</summary>
    Share = 43,

    /// <summary>What the frame would reserve there is more than its job or group may have.</summary>
    Cap = 44,

    /// <summary>A limit has no token for it there.</summary>
    Limit = 45,
}
