using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling;

/// <summary>Why nothing is booked on a host, whatever work there is.</summary>
public enum HostGate
{
    /// <summary>Nothing stands in the way.</summary>
    Open,

    /// <summary>It is not UP.</summary>
    NotUp,

    /// <summary>A person or NIMBY locked it.</summary>
    Locked,

    /// <summary>Its temporary directory is nearly full.</summary>
    TempFull,

    /// <summary>It reports less free memory than the site's least.</summary>
    LittleFreeMemory,

    /// <summary>Launches failed there; it rests for a while.</summary>
    BackingOff,

    /// <summary>Nothing is idle.</summary>
    Full,

    /// <summary>It has all the procs it may have.</summary>
    AtProcCap,

    /// <summary>The site turned booking off.</summary>
    BookingOff,
}

/// <summary>
/// The gates before a host is considered at all. They hold for every booking; OpenCue tests them only for bookings that start from a host report.
/// </summary>
public static class HostGates
{
    /// <summary>The first gate that is closed for new bookings, or <see cref="HostGate.Open"/>.</summary>
    public static HostGate Check(Host host, FarmSettings settings, long engineMs)
    {
        var gate = CheckHealth(host, settings);
        if (gate != HostGate.Open)
        {
            return gate;
        }

        if (settings.TurnOffBooking)
        {
            return HostGate.BookingOff;
        }

        if (host.IsRestingFromLaunches(engineMs))
        {
            return HostGate.BackingOff;
        }

        if (host.IsAtProcCap)
        {
            return HostGate.AtProcCap;
        }

        var idle = host.Idle;
        return idle.CorePoints < 10 || idle.MemoryKib < settings.MemoryReservedMinKib ? HostGate.Full : HostGate.Open;
    }

    /// <summary>The gates that also keep a proc from taking its next frame.</summary>
    public static HostGate CheckHealth(Host host, FarmSettings settings)
    {
        if (host.Row.State != HardwareState.Up)
        {
            return HostGate.NotUp;
        }

        if (host.LockState != LockState.Open)
        {
            return HostGate.Locked;
        }

        var stat = host.Stat.Row;
        if (settings.MinAvailableTempStoragePercentage >= 0
            && stat.TotalTemp > 0
            && stat.FreeTemp * 100 < stat.TotalTemp * settings.MinAvailableTempStoragePercentage
            && !IsWindows(host))
        {
            return HostGate.TempFull;
        }

        return stat.TotalMemory > 0 && stat.FreeMemory < settings.MinFreeMemoryKib ? HostGate.LittleFreeMemory : HostGate.Open;
    }

    private static bool IsWindows(Host host) =>
        host.Row.Os.Count == 1 && string.Equals(host.Row.Os[0], "windows", StringComparison.OrdinalIgnoreCase);
}
