using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling;

/// <summary>How much of a host one frame of a layer reserves. The rules are OpenCue's.</summary>
public static class ProcBuilder
{
    /// <summary>Memory that may be left over on a host without counting as stranded cores, KiB.</summary>
    private const long StrandedMemoryKib = 1572864;

    /// <summary>
    /// What a frame of the layer would reserve on the host now; null if it does not fit.
    /// </summary>
    /// <remarks>
    /// Memory and GPUs are what the layer asks for. Cores are what it asks for, or more where the host gives all (thread mode ALL, selfish
    /// services, memory nearly used up) or where its memory takes the share of more cores. A layer that is not threadable never gets more than
    /// one core. A layer that wants all cores of a host needs an empty one.
    /// </remarks>
    public static Resources? Build(Host host, Layer layer, FarmSettings settings) =>
        Build(host, host.Idle, host.Reserved == default, layer, settings);

    /// <summary>The same if the host were empty: null means that it could never take such a frame.</summary>
    public static Resources? BuildOnEmpty(Host host, Layer layer, FarmSettings settings) =>
        Build(host, host.Row.Total, isEmpty: true, layer, settings);

    private static Resources? Build(Host host, Resources idle, bool isEmpty, Layer layer, FarmSettings settings)
    {
        var row = layer.Row;
        if (row.MinMemoryKib > idle.MemoryKib || row.MinGpus > idle.Gpus || row.MinGpuMemoryKib > idle.GpuMemoryKib)
        {
            return null;
        }

        if (Cores(host, idle, isEmpty, layer, settings) is not { } cores || cores <= 0 || cores > idle.CorePoints)
        {
            return null;
        }

        return new Resources(cores, row.MinMemoryKib, row.MinGpus, row.MinGpuMemoryKib);
    }

    private static int? Cores(Host host, Resources idle, bool isEmpty, Layer layer, FarmSettings settings)
    {
        var row = layer.Row;
        var wanted = row.MinCores;
        int cores;
        if (wanted <= 0)
        {
            if (!isEmpty)
            {
                return null;
            }

            cores = host.Row.Total.CorePoints + wanted;
        }
        else if (wanted < 100)
        {
            cores = wanted;
        }
        else if (WholeOrMore(host, idle, layer, settings) is { } enough)
        {
            cores = enough;
        }
        else
        {
            return null;
        }

        return row.Threadable ? cores : Math.Min(cores, 100);
    }

    private static int? WholeOrMore(Host host, Resources idle, Layer layer, FarmSettings settings)
    {
        var row = layer.Row;
        var whole = idle.CorePoints / 100 * 100;
        if (whole == 0 || row.MinCores > idle.CorePoints)
        {
            return null;
        }

        int cores;
        if (host.Row.ThreadMode == ThreadMode.All)
        {
            cores = whole;
        }
        else if (!row.Threadable)
        {
            cores = row.MinCores;
        }
        else if (IsSelfish(layer, settings) || idle.MemoryKib - row.MinMemoryKib <= StrandedMemoryKib)
        {
            cores = whole;
        }
        else
        {
            cores = CoresByMemory(host, idle, row);
        }

        if (host.Row.ThreadMode == ThreadMode.Variable && row.Threadable && cores <= 200)
        {
            if (idle.CorePoints < 200)
            {
                return null;
            }

            cores = 200;
        }

        cores = Math.Max(cores, Math.Max(100, row.MinCores));
        if (row.MaxCores > 0)
        {
            cores = Math.Min(cores, row.MaxCores);
        }

        return cores > idle.CorePoints ? whole : cores;
    }

    /// <summary>
    /// The memory a frame needs, as cores: a frame that takes half of the idle memory takes half of the cores, since no other could use them.
    /// </summary>
    private static int CoresByMemory(Host host, Resources idle, LayerRow row)
    {
        var totalCores = host.Row.Total.CorePoints / 100;
        var memoryOfOneCore = totalCores > 0 ? idle.MemoryKib / totalCores : 0;
        if (memoryOfOneCore <= 0)
        {
            return 100;
        }

        var cores = (int)Math.Min(Math.Round((double)row.MinMemoryKib / memoryOfOneCore, MidpointRounding.AwayFromZero), totalCores);
        return cores * 100;
    }

    private static bool IsSelfish(Layer layer, FarmSettings settings)
    {
        foreach (var service in layer.Row.Services)
        {
            if (settings.SelfishServices.Contains(service, StringComparer.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
