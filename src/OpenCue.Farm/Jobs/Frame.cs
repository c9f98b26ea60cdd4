namespace OpenCue.Farm.Jobs;

/// <summary>
/// One frame: a struct without references, a million of which lie in their layers' arrays. What a frame shares with its layer (command,
/// names, frame numbers) is found there; a running frame also has a <see cref="Run"/>.
/// </summary>
public struct Frame
{
    /// <summary>Its state.</summary>
    public FrameState State;

    /// <summary>Whether its checkpoints are in use.</summary>
    public CheckpointState Checkpoint;

    /// <summary>Marks.</summary>
    public FrameFlags Flags;

    /// <summary>Number of starts that count as a retry.</summary>
    public short Retries;

    /// <summary>Number of checkpoints completed.</summary>
    public short Checkpoints;

    /// <summary>Exit status of the last run; −1 before the first.</summary>
    public int ExitStatus;

    /// <summary>Grows with each change of state that is stored.</summary>
    public int Version;

    /// <summary>Number of active depends that hold it. Not stored: counted from the depends at load.</summary>
    public int DependCount;

    /// <summary>Its place in the layer's order; smaller first.</summary>
    public int DispatchOrder;

    /// <summary>Core points of the last run.</summary>
    public int CorePoints;

    /// <summary>GPUs of the last run.</summary>
    public int Gpus;

    /// <summary>Number of the host (<c>HostRow.Number</c>) of the last run; 0 before the first.</summary>
    public int HostNumber;

    /// <summary>Start of the last run, ms since 1970; 0 before the first.</summary>
    public long StartedAtMs;

    /// <summary>End of the last run, ms since 1970; 0 while it runs.</summary>
    public long StoppedAtMs;

    /// <summary>When its log last grew, ms since 1970.</summary>
    public long LogUpdatedAtMs;

    /// <summary>When it last became free to run, ms since 1970; 0 if never.</summary>
    public long EligibleAtMs;

    /// <summary>When it last changed, ms since 1970.</summary>
    public long UpdatedAtMs;

    /// <summary>The sequence number of the batch that last changed it. Not stored.</summary>
    public long ChangedIn;

    /// <summary>Highest resident memory of the last run, KiB.</summary>
    public long MaxRssKib;

    /// <summary>Resident memory at the last report, KiB.</summary>
    public long RssKib;

    /// <summary>Highest proportional memory of the last run, KiB.</summary>
    public long MaxPssKib;

    /// <summary>Proportional memory at the last report, KiB.</summary>
    public long PssKib;

    /// <summary>Memory reserved for the last run, KiB.</summary>
    public long ReservedMemoryKib;

    /// <summary>GPU memory reserved for the last run, KiB.</summary>
    public long ReservedGpuMemoryKib;

    /// <summary>Core seconds of its past runs.</summary>
    public long CoreSeconds;

    /// <summary>GPU seconds of its past runs.</summary>
    public long GpuSeconds;

    /// <summary>
    /// A frame that never ran. It is WAITING already while its job is being submitted: nobody sees it and nothing is booked for such a job,
    /// and so the moment the job becomes active costs the same whatever its size. (OpenCue's SETUP does not occur.)
    /// </summary>
    public static Frame New(int dispatchOrder, long nowMs) => new()
    {
        State = FrameState.Waiting,
        ExitStatus = Jobs.ExitStatus.NeverRan,
        DispatchOrder = dispatchOrder,
        LogUpdatedAtMs = nowMs,
        EligibleAtMs = nowMs,
        UpdatedAtMs = nowMs,
    };

    /// <summary>True if the flag is set.</summary>
    public readonly bool Has(FrameFlags flag) => (Flags & flag) != 0;
}

/// <summary>A frame's value with its place, as stored.</summary>
/// <param name="Layer">The layer's id.</param>
/// <param name="Ordinal">The frame's ordinal in the layer, from 0.</param>
/// <param name="Value">Its value.</param>
public readonly record struct FrameRow(EntityId Layer, int Ordinal, Frame Value);
