using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Hosts;

/// <summary>What a host's agent last measured. It changes with every report, so its row is stored only now and then.</summary>
public sealed class HostStat(HostStatRow row) : Entity<HostStatRow>(row)
{
    /// <summary>Engine time at which the row was last stored; null if it was not since the load.</summary>
    public long? StoredEngineMs { get; internal set; }

    internal override void Attach(FarmModel farm)
    {
    }

    internal override void Detach(FarmModel farm)
    {
    }
}

/// <summary>Measured values of a host; the id is the host's. KiB unless it says otherwise.</summary>
public sealed record HostStatRow : IRow
{
    /// <summary>The host's id.</summary>
    public required EntityId Id { get; init; }

    /// <summary>When it last reported, ms since 1970; 0 if never.</summary>
    public long PingAtMs { get; init; }

    /// <summary>Load average x 100.</summary>
    public int Load { get; init; }

    /// <summary>Memory of the machine.</summary>
    public long TotalMemory { get; init; }

    /// <summary>Memory not in use.</summary>
    public long FreeMemory { get; init; }

    /// <summary>Swap space.</summary>
    public long TotalSwap { get; init; }

    /// <summary>Swap not in use.</summary>
    public long FreeSwap { get; init; }

    /// <summary>Size of the temporary directory's file system.</summary>
    public long TotalTemp { get; init; }

    /// <summary>Room in the temporary directory.</summary>
    public long FreeTemp { get; init; }

    /// <summary>Memory of all GPUs.</summary>
    public long TotalGpuMemory { get; init; }

    /// <summary>GPU memory not in use.</summary>
    public long FreeGpuMemory { get; init; }
}
