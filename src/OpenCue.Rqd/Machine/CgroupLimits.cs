using System.Globalization;

namespace OpenCue.Rqd.Machine;

/// <summary>What the agent's control group, a container's for instance, lets it use of the machine. Null: no limit.</summary>
internal sealed record CgroupLimits(double? Cores, long? MemoryKib, long? MemoryUsedKib)
{
    public static CgroupLimits None { get; } = new(null, null, null);

    /// <summary>Reads the limits of the agent's group and of all groups above it, version 2 or 1; the lowest counts.</summary>
    public static CgroupLimits Read(MachinePaths paths)
    {
        var file = paths.InProc("self/cgroup");
        if (!File.Exists(file))
        {
            return None;
        }

        var limits = None;
        foreach (var line in File.ReadAllLines(file))
        {
            // hierarchy:controllers:path; version 2 has no controllers
            var parts = line.Split(':', 3);
            if (parts.Length != 3)
            {
                continue;
            }

            foreach (var directory in GroupAndParents(parts[2]))
            {
                var read = parts[1] switch
                {
                    "" => ReadVersion2(paths.InSys($"fs/cgroup{directory}")),
                    var names => ReadVersion1(paths, names, directory),
                };
                limits = limits.And(read);
            }
        }
        return limits;
    }

    private CgroupLimits And(CgroupLimits other) => new(
        Lower(Cores, other.Cores),
        Lower(MemoryKib, other.MemoryKib),
        // How much is used is told by the group whose limit counts.
        other.MemoryKib is { } limit && !(limit >= MemoryKib) ? other.MemoryUsedKib : MemoryUsedKib);

    private static IEnumerable<string> GroupAndParents(string group)
    {
        // Inside a container the path often names a group of the host that is not visible; its own is then at the root.
        for (var path = group.TrimEnd('/'); path.Length > 0; path = path[..path.LastIndexOf('/')])
        {
            yield return path;
        }

        yield return "";
    }

    private static CgroupLimits ReadVersion2(string directory)
    {
        double? cores = null;
        if (ReadWords(directory, "cpu.max") is [var quota, var period] && quota != "max")
        {
            cores = Number(quota) / (double)Number(period);
        }

        long? memory = ReadWords(directory, "memory.max") is [var limit] && limit != "max" ? Number(limit) : null;
        return new(cores, memory / 1024, memory is null ? null : Used(directory, "memory.current", "inactive_file"));
    }

    private static CgroupLimits ReadVersion1(MachinePaths paths, string controllers, string group)
    {
        var limits = None;
        foreach (var controller in controllers.Split(','))
        {
            var directory = paths.InSys($"fs/cgroup/{controller}{group}");
            if (controller == "cpu" && ReadWords(directory, "cpu.cfs_quota_us") is [var quota] && Number(quota) > 0
                && ReadWords(directory, "cpu.cfs_period_us") is [var period])
            {
                limits = limits with { Cores = Number(quota) / (double)Number(period) };
            }
            // Without a limit version 1 shows the largest number that is a multiple of a page.
            if (controller == "memory" && ReadWords(directory, "memory.limit_in_bytes") is [var memory] && Number(memory) < long.MaxValue / 2)
            {
                limits = limits with
                {
                    MemoryKib = Number(memory) / 1024,
                    MemoryUsedKib = Used(directory, "memory.usage_in_bytes", "total_inactive_file"),
                };
            }
        }
        return limits;
    }

    /// <summary>Use without the file cache that the kernel would give up at once.</summary>
    private static long? Used(string directory, string file, string cache)
    {
        if (ReadWords(directory, file) is not [var used])
        {
            return null;
        }

        var words = ReadWords(directory, "memory.stat");
        var index = Array.IndexOf(words, cache);
        var cached = index >= 0 && index + 1 < words.Length ? Number(words[index + 1]) : 0;
        return Math.Max(0, Number(used) - cached) / 1024;
    }

    private static string[] ReadWords(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        return File.Exists(path)
            ? File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : [];
    }

    private static long Number(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;

    private static double? Lower(double? left, double? right) => left is null || right < left ? right : left;

    private static long? Lower(long? left, long? right) => left is null || right < left ? right : left;
}
