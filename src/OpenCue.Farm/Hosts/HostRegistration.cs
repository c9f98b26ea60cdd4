using System.Globalization;
using System.Net;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Hosts;

/// <summary>Finds the host that a report is about, and takes up hosts that report for the first time.</summary>
public static class HostRegistration
{
    /// <summary>
    /// When a host that has nothing to do was not heard of for so long, ms, another one with its short name is believed to be the same machine under another
    /// domain: more than two report intervals of the slowest agents.
    /// </summary>
    private const long RenamedAfterMs = 125_000;

    /// <summary>The host that has this name, short or full; null if there is none.</summary>
    public static Host? Find(FarmModel farm, string reportedName) => FindByName(farm, reportedName) ?? FindShort(farm, reportedName, IsSurelySame);

    /// <summary>
    /// The host that a report is of; null if there is none. A machine that was given another domain is known by what it says besides: its agent's journal, or
    /// that it runs what was given to it.
    /// </summary>
    public static Host? Find(FarmModel farm, HostReport report, FarmTime now) =>
        FindByName(farm, report.HostName)
        ?? FindShort(farm, report.HostName, host => IsSurelySame(host) || HasSameJournal(host, report) || RunsWhatIsHeldThere(farm, host, report) || IsIdleAndGone(farm, host, now));

    /// <summary>The name a host is kept under: the first label; addresses are kept whole.</summary>
    public static string ShortName(string reportedName)
    {
        if (reportedName.Contains(':', StringComparison.Ordinal) || IPAddress.TryParse(reportedName, out _))
        {
            return reportedName;
        }

        var dot = reportedName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? reportedName[..dot] : reportedName;
    }

    /// <summary>
    /// Adds a host. Its allocation is the first for which <c>facility.tag</c> of its report names one, else the default one. Refused, with the reason,
    /// if the report can't be of a render host or another host has its short name.
    /// </summary>
    internal static Host Register(FarmEdit edit, HostReport report)
    {
        var farm = edit.Farm;
        var name = ShortName(report.HostName);
        if (farm.Hosts.Find(name) is { } other)
        {
            throw FarmException.Precondition(
                $"Host {report.HostName} can't be added: {other.Row.Fqdn} has the short name {name} already. Give one of them another name. If the machine was given "
                + $"another domain, it is taken for the same one as soon as it reports a run that it was given, or when {other.Row.Fqdn} was silent for some minutes.");
        }

        var totals = BootTotals.Of(report, farm.Settings);
        if (totals.Total.CorePoints <= 0)
        {
            throw FarmException.Invalid($"Host {report.HostName} can't be added: it reports no cores.");
        }

        if (totals.Total.MemoryKib < farm.Settings.MemoryReservedMinKib)
        {
            throw FarmException.Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"Host {report.HostName} can't be added: of the {report.TotalMemory} KiB of memory that it reports, {totals.Total.MemoryKib} could be reserved, and a "
                + $"frame needs {farm.Settings.MemoryReservedMinKib} at least (dispatcher.memory.mem_reserved_min)."));
        }

        var allocation = FindAllocation(farm, report)
            ?? throw FarmException.Precondition(
                $"Host {report.HostName} can't be added: no allocation is named {report.Facility}.<one of its tags>, and there is no default allocation.");
        var id = edit.NewId();
        var stat = new HostStat(new HostStatRow { Id = id });
        edit.Add(stat);
        var host = new Host(
            new HostRow
            {
                Id = id,
                Number = farm.LastHostNumber + 1,
                Name = name,
                Fqdn = report.HostName,
                AllocationId = allocation.Id,
                State = report.State,
                NimbyEnabled = totals.NimbyEnabled,
                ThreadMode = totals.NimbyEnabled ? ThreadMode.All : ThreadMode.Auto,
                Total = totals.Total,
                HardwareTags = report.Tags,
                AddedAtMs = edit.Now.WallMs,
            },
            allocation,
            stat);
        edit.Add(host);
        edit.Emit(FarmEventKind.HostAdded, host.Id, reason: $"{name} in {allocation.Row.Name}");
        return host;
    }

    private static Host? FindByName(FarmModel farm, string reportedName) => farm.Hosts.Find(reportedName) ?? farm.HostsByFqdn.GetValueOrDefault(reportedName);

    private static Host? FindShort(FarmModel farm, string reportedName, Func<Host, bool> isSame)
    {
        var name = ShortName(reportedName);
        return name != reportedName && farm.Hosts.Find(name) is { } host && isSame(host) ? host : null;
    }

    /// <summary>A host that was known by its short name alone, or one that is silent and whose domain was changed.</summary>
    private static bool IsSurelySame(Host host) => host.Row.Fqdn.Length == 0 || host.Row.Fqdn == host.Row.Name || host.Row.State == HardwareState.Down;

    private static bool HasSameJournal(Host host, HostReport report) =>
        report.Agent.InstanceId is { } journal && journal == host.Row.AgentInstance;

    /// <summary>Ids of runs are given once, and to one host.</summary>
    private static bool RunsWhatIsHeldThere(FarmModel farm, Host host, HostReport report)
    {
        foreach (var frame in report.Frames)
        {
            if (farm.Runs.TryGetValue(frame.RunId, out var run) && run.Host == host && run.FrameId == frame.FrameId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>No run is at stake if it is not the same machine after all. What a host that has runs says of them may end them, so that one must be DOWN.</summary>
    private static bool IsIdleAndGone(FarmModel farm, Host host, FarmTime now) =>
        host.Procs.Count == 0
        && farm.OldRuns.On(host.Id).Count == 0
        && LostHosts.SilentMs(farm, host, now.EngineMs) > RenamedAfterMs;

    private static Allocation? FindAllocation(FarmModel farm, HostReport report)
    {
        foreach (var tag in report.Tags)
        {
            if (farm.Allocations.Find($"{report.Facility}.{tag}") is { } named)
            {
                return named;
            }
        }

        foreach (var allocation in farm.Allocations.All)
        {
            if (allocation.Row.IsDefault)
            {
                return allocation;
            }
        }

        return null;
    }
}
