using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Hosts as clients see them.</summary>
internal static class HostMessages
{
    /// <summary>The host with what it last measured.</summary>
    public static Wire.Host Of(Host host)
    {
        var row = host.Row;
        var stat = host.Stat.Row;
        var idle = host.Idle;
        return new Wire.Host
        {
            Id = row.Id.ToString(),
            Name = row.Name,
            AllocName = host.Allocation.Row.Name,
            NimbyEnabled = row.NimbyEnabled,
            Cores = WireUnits.Cores(row.Total.CorePoints),
            IdleCores = WireUnits.Cores(idle.CorePoints),
            Memory = row.Total.MemoryKib,
            IdleMemory = idle.MemoryKib,
            GpuMemory = row.Total.GpuMemoryKib,
            IdleGpuMemory = idle.GpuMemoryKib,
            TotalSwap = stat.TotalSwap,
            TotalMemory = stat.TotalMemory,
            TotalGpuMemory = stat.TotalGpuMemory,
            TotalMcp = stat.TotalTemp,
            FreeSwap = stat.FreeSwap,
            FreeMemory = stat.FreeMemory,
            FreeMcp = stat.FreeTemp,
            FreeGpuMemory = stat.FreeGpuMemory,
            Load = stat.Load,
            BootTime = WireUnits.Clamp(row.BootTimeSeconds),
            PingTime = WireUnits.Seconds(stat.PingAtMs),
            Os = string.Join(',', row.Os),
            Tags = { host.Tags },
            State = (Wire.HardwareState)row.State,
            LockState = (Wire.LockState)host.LockState,
            ThreadMode = (Wire.ThreadMode)row.ThreadMode,
            Gpus = row.Total.Gpus,
            IdleGpus = idle.Gpus,
        };
    }
}
