using System.Collections.Immutable;
using System.Globalization;

namespace OpenCue.Rqd.Machine;

/// <summary>The cores that the agent may use, by socket.</summary>
/// <remarks>
/// A core counts once, whatever its number of threads, as in OpenCue. Processors for which the kernel names neither socket nor core
/// (many virtual machines and ARM boards) are one socket of single-threaded cores; OpenCue's agents make each a socket of its own.
/// </remarks>
internal sealed record CpuTopology(ImmutableArray<CpuCore> Cores)
{
    public int Sockets => Cores.Select(core => core.Socket).Distinct().Count();

    /// <summary>Threads of a core; the most that any has.</summary>
    public int HyperThreading => Cores.IsEmpty ? 1 : Cores.Max(core => core.Threads.Length);

    /// <summary>Reads the kernel's list of processors, leaving out those that <paramref name="allowed"/> excludes (null: none).</summary>
    public static CpuTopology Read(MachinePaths paths, IReadOnlySet<int>? allowed)
    {
        var processors = ParseCpuInfo(File.ReadAllText(paths.InProc("cpuinfo")))
            .Select(processor => processor with
            {
                Socket = processor.Socket ?? ReadTopology(paths, processor.Id, "physical_package_id"),
                Core = processor.Core ?? ReadTopology(paths, processor.Id, "core_id"),
            });
        var usable = processors.Where(processor => allowed is null || allowed.Contains(processor.Id)).ToList();
        if (usable.Count == 0)
        {
            throw new InvalidDataException($"{paths.InProc("cpuinfo")} names no processor that this process may run on.");
        }

        return new CpuTopology([.. usable
            .GroupBy(processor => processor is { Socket: { } socket, Core: { } core } ? (socket, core, alone: -1) : (0, 0, alone: processor.Id))
            .Select(core => new CpuCore(core.Key.Item1, core.Key.alone < 0 ? core.Key.Item2 : core.Key.alone,
                [.. core.Select(processor => processor.Id).Order()]))
            .OrderBy(core => core.Socket).ThenBy(core => core.Threads[0])]);
    }

    /// <summary>A list like <c>0-3,8</c>, as the kernel writes sets of processors.</summary>
    public static ImmutableSortedSet<int> ParseProcessorList(string list)
    {
        var set = ImmutableSortedSet.CreateBuilder<int>();
        foreach (var range in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            var first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            for (var id = first; id <= int.Parse(ends[^1], CultureInfo.InvariantCulture); id++)
            {
                set.Add(id);
            }
        }
        return set.ToImmutable();
    }

    private static IEnumerable<Processor> ParseCpuInfo(string text)
    {
        Processor? current = null;
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !int.TryParse(line.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var value))
            {
                continue;
            }

            switch (line[..colon].Trim())
            {
                case "processor":
                    if (current is not null)
                    {
                        yield return current;
                    }

                    current = new Processor(value, null, null);
                    break;
                case "physical id":
                    current = current is null ? null : current with { Socket = value };
                    break;
                case "core id":
                    current = current is null ? null : current with { Core = value };
                    break;
                default:
                    break;
            }
        }
        if (current is not null)
        {
            yield return current;
        }
    }

    private static int? ReadTopology(MachinePaths paths, int processor, string name)
    {
        var path = paths.InSys($"devices/system/cpu/cpu{processor.ToString(CultureInfo.InvariantCulture)}/topology/{name}");
        // ARM kernels write -1 for what they do not know.
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var value) && value >= 0
            ? value
            : null;
    }

    private sealed record Processor(int Id, int? Socket, int? Core);
}
