namespace OpenCue.Farm.Jobs;

/// <summary>The state of a frame, with the numbers of the wire.</summary>
public enum FrameState : byte
{
    /// <summary>Ready to run.</summary>
    Waiting = 0,

    /// <summary>On the wire only: OpenCue's state of frames whose job is not active yet.</summary>
    Setup = 1,

    /// <summary>It has a run.</summary>
    Running = 2,

    /// <summary>Its last run ended well.</summary>
    Succeeded = 3,

    /// <summary>It waits for a depend.</summary>
    Depend = 4,

    /// <summary>It failed and is not tried again by itself.</summary>
    Dead = 5,

    /// <summary>A person (or the job's auto-eat) decided to do without it.</summary>
    Eaten = 6,

    /// <summary>It stopped at a checkpoint that is being copied.</summary>
    Checkpoint = 7,
}

/// <summary>Whether a frame's checkpoints are in use, with the numbers of the wire.</summary>
public enum CheckpointState : byte
{
    /// <summary>Not in use.</summary>
    Disabled = 0,

    /// <summary>In use.</summary>
    Enabled = 1,

    /// <summary>A checkpoint is being copied.</summary>
    Copying = 2,

    /// <summary>The checkpoint is copied.</summary>
    Complete = 3,
}

/// <summary>Marks of a frame that are no state.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Not stored: its row is in the batch being made.</summary>
    Dirty = 1,

    /// <summary>A person sent it to WAITING although depends hold it; they are ignored until it is retried or gets a new depend.</summary>
    DependsIgnored = 2,
}
