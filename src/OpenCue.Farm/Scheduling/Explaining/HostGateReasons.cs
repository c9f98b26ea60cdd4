using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Why nothing is booked on a host, whatever work there is, in words.</summary>
internal static class HostGateReasons
{
    private const long LongestForecastMs = 365L * 86_400_000;

    /// <summary>The closed gate; null if the host is open.</summary>
    public static Reason? Of(ExplainContext context, Host host)
    {
        var settings = context.Farm.Settings;
        var name = host.Row.Name;
        var stat = host.Stat.Row;
        return HostGates.Check(host, settings, context.Now.EngineMs) switch
        {
            HostGate.Open => null,
            HostGate.NotUp => NotUp(context, host),
            HostGate.Locked when host.LockState == LockState.NimbyLocked => new Reason(
                ReasonCode.HostNimbyLocked, $"Somebody works at {name} (NIMBY).", "Wait until its user has gone.")
            {
                Subject = name,
            },
            HostGate.Locked => new Reason(ReasonCode.HostLocked, $"{name} is locked.", $"Unlock it: cue host unlock {name}")
            {
                Subject = name, Never = true,
            },
            HostGate.TempFull => new Reason(
                ReasonCode.HostTempFull,
                $"The temporary directory of {name} has {Amounts.Memory(stat.FreeTemp)} of {Amounts.Memory(stat.TotalTemp)} left, less than "
                + $"{settings.MinAvailableTempStoragePercentage} %.",
                "Make room there.")
            {
                Subject = name, Use = stat.TotalTemp - stat.FreeTemp, Maximum = stat.TotalTemp,
            },
            HostGate.LittleFreeMemory => new Reason(
                ReasonCode.HostLittleFreeMemory,
                $"{name} reports {Amounts.Memory(stat.FreeMemory)} of free memory, less than {Amounts.Memory(settings.MinFreeMemoryKib)}: something there uses "
                + "more than is reserved.",
                $"See what uses the memory of {name}.")
            {
                Subject = name, Use = stat.TotalMemory - stat.FreeMemory, Need = settings.MinFreeMemoryKib, Maximum = stat.TotalMemory,
            },
            HostGate.BackingOff => BackingOff(context, host),
            HostGate.AtProcCap => new Reason(
                ReasonCode.HostAtProcCap,
                $"{name} has {host.Procs.Count} of {Amounts.Count(host.Row.MaxProcs, "proc")} that it may have.",
                $"Wait for one to end, or raise the host's cap: cue host cap {name} --max N")
            {
                Subject = name, Use = host.Procs.Count, Need = 1, Maximum = host.Row.MaxProcs,
            },
            HostGate.BookingOff => WorkReasons.FarmOff(),
            _ => new Reason(
                ReasonCode.HostFull,
                $"{name} is full: {Amounts.Cores(host.Idle.CorePoints)} and {Amounts.Memory(host.Idle.MemoryKib)} of "
                + $"{Amounts.Bare(host.Row.Total.CorePoints)} cores and {Amounts.Memory(host.Row.Total.MemoryKib)} are idle.")
            {
                Subject = name, Use = host.Reserved.CorePoints / 100.0, Maximum = host.Row.Total.CorePoints / 100.0,
            },
        };
    }

    /// <summary>For whom a host is kept: said of the host.</summary>
    public static Reason Of(ExplainContext context, Reservation reservation)
    {
        var layer = reservation.Layer;
        return new Reason(
            ReasonCode.HostReserved,
            $"{reservation.Host.Row.Name} is kept for the layer {layer.Row.Name} of {layer.Job.Row.Name}, which found no room for too long, since "
            + $"{Wall(context, reservation.SinceEngineMs).Text}; {Expected(context, reservation).Text}. Frames that end before may run there.",
            "Wait: the host goes back when that layer has run.")
        {
            Subject = layer.Job.Row.Name, AtMs = Expected(context, reservation).AtMs, Names = [layer.Row.Name],
        };
    }

    /// <summary>Which host is kept: said of the layer.</summary>
    public static Reason KeptFor(ExplainContext context, Reservation reservation)
    {
        var (text, at) = Expected(context, reservation);
        return new Reason(
            ReasonCode.HostKept,
            $"It found no room for too long, so {reservation.Host.Row.Name} is kept for it since {Wall(context, reservation.SinceEngineMs).Text}; {text}.",
            $"Wait, or make room on {reservation.Host.Row.Name}.")
        {
            Subject = reservation.Host.Row.Name, AtMs = at,
        };
    }

    private static (string Text, long AtMs) Expected(ExplainContext context, Reservation reservation)
    {
        // It may be that nobody can say.
        if (reservation.FreeEngineMs > context.Now.EngineMs + LongestForecastMs)
        {
            return ("nobody can say when enough of it will be free", 0);
        }

        var (text, at) = Wall(context, reservation.FreeEngineMs);
        return (at < context.Now.WallMs ? $"enough of it was expected to be free at {text}" : $"enough of it is expected to be free at {text}", at);
    }

    private static (string Text, long AtMs) Wall(ExplainContext context, long engineMs)
    {
        var at = context.Now.WallMs + engineMs - context.Now.EngineMs;
        return (Amounts.Time(at, context.Now.WallMs), at);
    }

    private static Reason NotUp(ExplainContext context, Host host)
    {
        var name = host.Row.Name;
        var state = host.Row.State switch
        {
            HardwareState.RebootWhenIdle => "is to reboot when nothing runs on it",
            HardwareState.Rebooting => "reboots",
            HardwareState.Repair => $"is in REPAIR{(host.Row.RepairReason is { } why ? $": {why.TrimEnd('.')}" : "")}",
            _ => "is DOWN: it does not report",
        };
        var ping = host.Stat.Row.PingAtMs;
        var last = ping > 0 ? $" It last reported at {Amounts.Time(ping, context.Now.WallMs)}." : "";
        return new Reason(
            ReasonCode.HostNotUp,
            $"{name} {state}.{last}",
            host.Row.State is HardwareState.Repair ? "Mend it, then set it UP." : $"See whether {name} and its agent (rqd) run.")
        {
            Subject = name, AtMs = ping,
        };
    }

    private static Reason BackingOff(ExplainContext context, Host host)
    {
        var at = context.Now.WallMs + host.LaunchBackOffUntilEngineMs - context.Now.EngineMs;
        var text = host.IsTryingLaunch
            ? $"Launches failed on {host.Row.Name} ({host.LaunchFailures} in a row); one frame is being tried there."
            : $"Launches failed on {host.Row.Name} ({host.LaunchFailures} in a row); it is tried again at {Amounts.Time(at, context.Now.WallMs)}.";
        return new Reason(ReasonCode.HostBackingOff, text, $"See what the agent on {host.Row.Name} says.") { Subject = host.Row.Name, AtMs = at };
    }
}
