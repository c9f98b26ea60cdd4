namespace OpenCue.Farm.Hosts;

/// <summary>What an agent reported of its host. Memory is in KiB. <see cref="ReportLimits.Clean(HostReport)"/> bounds what can't be true.</summary>
public sealed record HostReport
{
    /// <summary>The host's name or address, as reported.</summary>
    public required string HostName { get; init; }

    /// <summary>True: the agent has just started, and says nothing about what runs.</summary>
    public bool IsBoot { get; init; }

    /// <summary>The agent watches mouse and keyboard.</summary>
    public bool NimbyEnabled { get; init; }

    /// <summary>They are in use.</summary>
    public bool NimbyLocked { get; init; }

    /// <summary>The facility that the host says it is in.</summary>
    public string Facility { get; init; } = "";

    /// <summary>All cores, core points.</summary>
    public long CorePoints { get; init; }

    /// <summary>Memory of the machine.</summary>
    public long TotalMemory { get; init; }

    /// <summary>Memory not in use.</summary>
    public long FreeMemory { get; init; }

    /// <summary>Swap space.</summary>
    public long TotalSwap { get; init; }

    /// <summary>Swap not in use.</summary>
    public long FreeSwap { get; init; }

    /// <summary>Size of the temporary directory's file system; 0 if unknown.</summary>
    public long TotalTemp { get; init; }

    /// <summary>Room in the temporary directory.</summary>
    public long FreeTemp { get; init; }

    /// <summary>Number of GPUs.</summary>
    public int Gpus { get; init; }

    /// <summary>Memory of all GPUs.</summary>
    public long TotalGpuMemory { get; init; }

    /// <summary>GPU memory not in use.</summary>
    public long FreeGpuMemory { get; init; }

    /// <summary>Load average × 100.</summary>
    public int Load { get; init; }

    /// <summary>When the machine started by its own clock, seconds since 1970; 0 if unknown.</summary>
    public long BootTimeSeconds { get; init; }

    /// <summary>Tags, in the order reported.</summary>
    public ValueList<string> Tags { get; init; } = [];

    /// <summary>The state that the agent thinks the host is in.</summary>
    public HardwareState State { get; init; }

    /// <summary>Operating systems, comma-separated, as reported; empty if the agent does not tell.</summary>
    public string Os { get; init; } = "";

    /// <summary>What the agent says about itself.</summary>
    public AgentFacts Agent { get; init; } = AgentFacts.OpenCue;

    /// <summary>What runs, unless <see cref="IsBoot"/>.</summary>
    public IReadOnlyList<RunningFrameReport> Frames { get; init; } = [];

    /// <summary>Runs that have ended and whose completion is still to come, if the agent tells.</summary>
    public IReadOnlyList<EntityId> PendingCompletions { get; init; } = [];

    /// <summary>True once <see cref="ReportLimits"/> bounded it.</summary>
    internal bool IsClean { get; init; }
}

/// <summary>What an agent reported of one frame that runs, or of one that has ended. Memory is in KiB.</summary>
public sealed record RunningFrameReport
{
    /// <summary>The run.</summary>
    public required EntityId RunId { get; init; }

    /// <summary>Its frame.</summary>
    public required EntityId FrameId { get; init; }

    /// <summary>The frame's name, as the agent got it at the launch: for messages.</summary>
    public string FrameName { get; init; } = "";

    /// <summary>The job's name, as the agent got it at the launch: for messages.</summary>
    public string JobName { get; init; } = "";

    /// <summary>When it started by the host's clock or, from old agents, by the server's; ms since 1970, 0 if unknown.</summary>
    public long StartedAtMs { get; init; }

    /// <summary>Resident memory.</summary>
    public long RssKib { get; init; }

    /// <summary>Highest resident memory.</summary>
    public long MaxRssKib { get; init; }

    /// <summary>Proportional memory.</summary>
    public long PssKib { get; init; }

    /// <summary>Highest proportional memory.</summary>
    public long MaxPssKib { get; init; }

    /// <summary>Virtual memory.</summary>
    public long VirtualKib { get; init; }

    /// <summary>Swap in use.</summary>
    public long SwapKib { get; init; }

    /// <summary>GPU memory in use.</summary>
    public long GpuMemoryKib { get; init; }

    /// <summary>When its log last grew, seconds since 1970 by the host's clock; 0 if unknown.</summary>
    public long LogUpdatedSeconds { get; init; }

    /// <summary>True if it runs in a container.</summary>
    public bool InContainer { get; init; }

    /// <summary>The serialized process tree, for clients.</summary>
    public ReadOnlyMemory<byte> Children { get; init; }
}

/// <summary>An agent's word that a run has ended.</summary>
public sealed record CompletionReport
{
    /// <summary>The host's name or address, as reported.</summary>
    public required string HostName { get; init; }

    /// <summary>The run, its frame, and what they used.</summary>
    public required RunningFrameReport Frame { get; init; }

    /// <summary>Exit status.</summary>
    public int ExitStatus { get; init; }

    /// <summary>The signal that ended it; 0 for none.</summary>
    public int ExitSignal { get; init; }

    /// <summary>How long it ran, seconds.</summary>
    public long RunSeconds { get; init; }

    /// <summary>Somebody works at the host.</summary>
    public bool NimbyLocked { get; init; }

    /// <summary>Memory that the host had left, KiB; null if the report does not say.</summary>
    public long? FreeMemoryKib { get; init; }

    /// <summary>What the agent says about itself.</summary>
    public AgentFacts Agent { get; init; } = AgentFacts.OpenCue;
}
