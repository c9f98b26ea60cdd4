using System.Globalization;

namespace OpenCue.Rqd.Machine;

/// <summary>Looks what the machine, or the container that the agent lives in, has to offer.</summary>
/// <remarks>
/// Values are true ones. Overrides are the physical totals that are reported; OpenCue's agents divide or multiply some of them again,
/// and its Python agent never reports an overridden memory.
/// </remarks>
internal sealed class MachineProbe(MachinePaths paths, MachineOverrides overrides, string tempDirectory, string version)
{
    private MachineFacts? _facts;

    public MachinePaths Paths => paths;

    public string TempDirectory => tempDirectory;

    public MachineFacts Facts => _facts ??= ReadFacts();

    public MachineLoad ReadLoad()
    {
        var memory = ReadMemory();
        var limits = CgroupLimits.Read(paths);
        var available = memory.GetValueOrDefault("MemAvailable", memory.GetValueOrDefault("MemFree"));
        if (limits is { MemoryKib: { } limit, MemoryUsedKib: { } used })
        {
            available = Math.Min(available, limit - used);
        }

        var (totalTemp, freeTemp) = ReadTemp();
        return new MachineLoad(
            // Never more than is offered: with an override that may be less than the machine has free.
            FreeMemoryKib: Math.Clamp(available, 0, Facts.TotalMemoryKib),
            FreeSwapKib: memory.GetValueOrDefault("SwapFree"),
            TotalTempKib: totalTemp,
            FreeTempKib: freeTemp,
            Load: Math.Max(0, (int)Math.Round(ReadLoadAverage() * 100) / Facts.Topology.HyperThreading + overrides.LoadModifier));
    }

    private MachineFacts ReadFacts()
    {
        var limits = CgroupLimits.Read(paths);
        var topology = CpuTopology.Read(paths, ReadAllowedProcessors());
        var units = topology.Cores.Length * 100;
        // A quota of 2.5 cores can run two single-threaded frames.
        if (limits.Cores is { } quota && quota * 100 < units)
        {
            units = Math.Max(1, (int)quota) * 100;
        }

        var physical = units;
        units = overrides.Cores * 100 ?? units;

        var memory = ReadMemory();
        var total = memory.GetValueOrDefault("MemTotal");
        if (limits.MemoryKib is { } limit)
        {
            total = Math.Min(total, limit);
        }

        var sockets = topology.Sockets;
        return new MachineFacts(
            topology,
            units,
            units % (sockets * 100) == 0 ? sockets : 1,
            CanPin: overrides.Cores is null && physical == topology.Cores.Length * 100,
            overrides.MemoryKib ?? total,
            memory.GetValueOrDefault("SwapTotal"),
            ReadBootTime(),
            ReadText("sys/kernel/random/boot_id", ""),
            ReadText("sys/kernel/osrelease", ""),
            [.. new[] { $"rqdv-{version}" }.Concat(overrides.Tags)
                .Append(Environment.Is64BitOperatingSystem ? "64bit" : "32bit")
                .Append(ReadText("sys/kernel/osrelease", ""))
                .Where(tag => tag.Length > 0).Distinct()]);
    }

    private Dictionary<string, long> ReadMemory()
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(paths.InProc("meminfo")))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && long.TryParse(line.AsSpan(colon + 1).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture, out var value))
            {
                values[line[..colon]] = value;
            }
        }
        return values;
    }

    private HashSet<int>? ReadAllowedProcessors()
    {
        const string Label = "Cpus_allowed_list:";
        var path = paths.InProc("self/status");
        var line = File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal))
            : null;
        return line is null ? null : [.. CpuTopology.ParseProcessorList(line[Label.Length..])];
    }

    private long ReadBootTime()
    {
        var line = File.ReadLines(paths.InProc("stat")).FirstOrDefault(line => line.StartsWith("btime ", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan("btime ".Length), CultureInfo.InvariantCulture, out var time) ? time : 0;
    }

    private double ReadLoadAverage()
    {
        var first = ReadText("loadavg", "0").Split(' ')[0];
        return double.TryParse(first, CultureInfo.InvariantCulture, out var load) ? load : 0;
    }

    private (long TotalKib, long FreeKib) ReadTemp()
    {
        var drive = new DriveInfo(tempDirectory);
        return (drive.TotalSize / 1024, drive.AvailableFreeSpace / 1024);
    }

    private string ReadText(string name, string otherwise)
    {
        var path = paths.InProc(name);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : otherwise;
    }
}
