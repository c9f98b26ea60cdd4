using System.Globalization;
using System.Net;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;

namespace OpenCue.Farm.Hosts;

/// <summary>Finds the host that a report is about, and takes up hosts that report for the first time.</summary>
public static class HostRegistration
{
    /// <summary>The host that reports under this name, short or full; null if there is none.</summary>
    /// <param name="farm">The farm.</param>
    /// <param name="reportedName">The name.</param>
    /// <param name="journal">The id of the agent's journal, if it tells: it shows that a host with another domain is the same machine.</param>
    public static Host? Find(FarmModel farm, string reportedName, string? journal = null) =>
        farm.Hosts.Find(reportedName) ?? farm.HostsByFqdn.GetValueOrDefault(reportedName) ?? FindShort(farm, reportedName, journal);

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
                $"Host {report.HostName} can't be added: {other.Row.Fqdn} has the short name {name} already and reports. Give one of them another name, or "
                + $"delete {name} if the machine was renamed.");
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

    private static Host? FindShort(FarmModel farm, string reportedName, string? journal)
    {
        var name = ShortName(reportedName);
        if (name == reportedName || farm.Hosts.Find(name) is not { } host)
        {
            return null;
        }

        // A host that was known by its short name alone, or one that is silent and whose domain was changed.
        var isSame = journal is not null && journal == host.Row.AgentInstance;
        return isSame || host.Row.Fqdn.Length == 0 || host.Row.Fqdn == name || host.Row.State == HardwareState.Down ? host : null;
    }

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
