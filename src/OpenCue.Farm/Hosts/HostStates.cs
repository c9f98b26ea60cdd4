using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Hosts;

/// <summary>Takes over what a report says about the host itself: measured values, state, locks, the agent, totals and tags.</summary>
internal static class HostStates
{
    /// <summary>How often measured values are stored, ms of engine time.</summary>
    private const long StoreEveryMs = 60_000;

    private const string TempFull = "Host set to REPAIR for not having enough storage space on the temporary directory (mcp)";

    /// <summary>Measured values. They change with each report; the model has them at once, the store about once a minute.</summary>
    public static void Measure(FarmEdit edit, Host host, HostReport report)
    {
        var stat = host.Stat;
        var due = stat.StoredEngineMs is not { } stored || edit.Now.EngineMs - stored >= StoreEveryMs;
        edit.Set(
            stat,
            stat.Row with
            {
                PingAtMs = edit.Now.WallMs,
                Load = report.Load,
                TotalMemory = report.TotalMemory,
                FreeMemory = report.FreeMemory,
                TotalSwap = report.TotalSwap,
                FreeSwap = report.FreeSwap,
                TotalTemp = report.TotalTemp,
                FreeTemp = report.FreeTemp,
                TotalGpuMemory = report.TotalGpuMemory,
                FreeGpuMemory = report.FreeGpuMemory,
            },
            store: due);
        if (due)
        {
            stat.StoredEngineMs = edit.Now.EngineMs;
        }
    }

    /// <summary>State, NIMBY, operating systems and what the agent says about itself.</summary>
    public static void Apply(FarmEdit edit, Host host, HostReport report)
    {
        var before = host.Row;
        var lockBefore = host.LockState;
        var (state, repair) = NextState(host, report, edit.Farm.Settings);
        var agent = report.Agent;
        if (before.BootId is { } boot && agent.BootId is not null && boot != agent.BootId)
        {
            host.FormerBootIds.Add(boot);
        }

        edit.Set(host, before with
        {
            Fqdn = report.HostName != before.Name || before.Fqdn.Length == 0 ? report.HostName : before.Fqdn,
            State = state,
            RepairReason = repair,
            NimbyLocked = report.NimbyLocked,
            Os = OsList(report.Os),
            Agent = agent.Kind,
            BootId = agent.BootId,
            AgentInstance = agent.InstanceId,
            BootTimeSeconds = BootTime(before.BootTimeSeconds, report.BootTimeSeconds),
            AgentAddress = agent.Address,
            AgentPort = agent.Port,
            HardwareTags = report.IsBoot ? report.Tags : before.HardwareTags,
        });
        if (state != before.State)
        {
            edit.Emit(FarmEventKind.HostState, host.Id, from: (int)before.State, to: (int)state, reason: repair);
        }

        if (host.LockState != lockBefore)
        {
            edit.Emit(FarmEventKind.HostLock, host.Id, from: (int)lockBefore, to: (int)host.LockState);
        }

        if (report.IsBoot && host.Row.Locked)
        {
            // An agent forgets its lock when it restarts.
            HostRules.TellLock(edit, host);
        }
    }

    /// <summary>What can be reserved. It changes only when the host boots, and not while something is reserved by the old figures.</summary>
    public static void ApplyTotals(FarmEdit edit, Host host, HostReport report)
    {
        if (report.IsBoot)
        {
            host.PendingTotals = BootTotals.Of(report, edit.Farm.Settings);
        }

        if (host.PendingTotals is not { } totals || host.Procs.Count > 0)
        {
            return;
        }

        host.PendingTotals = null;
        if (totals.Total.CorePoints <= 0 || totals.Total.MemoryKib < edit.Farm.Settings.MemoryReservedMinKib)
        {
            edit.Emit(
                FarmEventKind.Alarm,
                host.Id,
                reason: $"{host.Row.Name} reported at its boot that {totals.Total.CorePoints} core points and {totals.Total.MemoryKib} KiB can be reserved. That is not "
                    + "believed: the former values stay.");
            return;
        }

        edit.Set(host, host.Row with { Total = totals.Total, NimbyEnabled = totals.NimbyEnabled });
    }

    private static (HardwareState State, string? Repair) NextState(Host host, HostReport report, FarmSettings settings)
    {
        var row = host.Row;
        var tempLow = IsTempLow(report, settings);
        switch (row.State)
        {
            case HardwareState.Repair when row.RepairReason is not null && !tempLow:
                return (HardwareState.Up, null);
            case HardwareState.Repair:
                return (HardwareState.Repair, row.RepairReason);
            case HardwareState.Up when tempLow:
                return (HardwareState.Repair, TempFull);
            case HardwareState.Up:
                return (report.State, null);
            case HardwareState.Down:
                return (report.State == HardwareState.Down ? HardwareState.Down : HardwareState.Up, null);
            default:
                return (report.IsBoot ? HardwareState.Up : row.State, null);
        }
    }

    /// <summary>Kernels work the boot time out anew each time, and it trembles by a second.</summary>
    private static long BootTime(long before, long reported) => reported == 0 || Math.Abs(reported - before) <= 2 ? before : reported;

    /// <summary>A host that does not know the size of its temporary directory is not checked.</summary>
    private static bool IsTempLow(HostReport report, FarmSettings settings) =>
        settings.MinAvailableTempStoragePercentage >= 0
        && report.TotalTemp > 0
        && report.FreeTemp * 100 < report.TotalTemp * settings.MinAvailableTempStoragePercentage
        && !string.Equals(report.Os, "windows", StringComparison.OrdinalIgnoreCase);

    private static ValueList<string> OsList(string os)
    {
        var names = os.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == 0 ? ["rhel40"] : names.Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToValueList();
    }
}
