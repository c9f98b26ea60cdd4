using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// What a layer's frames need of a host. Layers with equal requirements are looked at together: if a host does not fit one, it fits none of them.
/// </summary>
/// <param name="Os">Operating system, lower case; null for any.</param>
/// <param name="Tags">One of these must be on the host; none means any host.</param>
/// <param name="Threadable">True if frames can use more than one core.</param>
/// <param name="MinCores">Core points; 0 all of a host, −n all but n.</param>
/// <param name="MaxCores">Core points; 0 for no maximum.</param>
/// <param name="MinMemoryKib">KiB.</param>
/// <param name="MinGpus">GPUs.</param>
/// <param name="MinGpuMemoryKib">KiB.</param>
public sealed record Requirement(
    string? Os, ValueList<string> Tags, bool Threadable, int MinCores, int MaxCores, long MinMemoryKib, int MinGpus, long MinGpuMemoryKib)
{
    /// <summary>Whether it wants a whole host (or all but some cores): then the host must be empty.</summary>
    public bool WantsEmptyHost => MinCores <= 0;

    /// <summary>Whether it wants a GPU.</summary>
    public bool WantsGpu => MinGpus > 0 || MinGpuMemoryKib > 0;

    /// <summary>The fewest core points that a frame can reserve anywhere.</summary>
    public int LeastCores
    {
        get
        {
            var cores = Threadable ? MinCores : Math.Min(MinCores, 100);
            cores = MaxCores > 0 ? Math.Min(cores, MaxCores) : cores;
            return Math.Max(cores, 1);
        }
    }

    /// <summary>What the layer's frames need now.</summary>
    public static Requirement Of(Layer layer)
    {
        var row = layer.Row;
        var os = string.IsNullOrEmpty(layer.Job.Row.Os) ? null : layer.Job.Row.Os;
        return new Requirement(os, row.Tags, row.Threadable, row.MinCores, row.MaxCores, row.MinMemoryKib, row.MinGpus, row.MinGpuMemoryKib);
    }

    /// <summary>Whether frames that need this may run on the host at all, whatever is idle there.</summary>
    public bool Suits(Host host, TagMatcher tags) => SuitsOs(host) && SuitsThreadMode(host) && SuitsTags(host, tags);

    /// <summary>Whether the host has the operating system.</summary>
    public bool SuitsOs(Host host) => Os is null || host.Row.Os.Contains(Os, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the host's thread mode allows it: a host that gives all its cores takes only what can use them.</summary>
    public bool SuitsThreadMode(Host host) => host.Row.ThreadMode != ThreadMode.All || Threadable;

    /// <summary>Whether one of the tags is on the host.</summary>
    public bool SuitsTags(Host host, TagMatcher tags) => tags.Match(Tags, host.Tags);

    /// <summary>Whether what is idle on the host is enough for one frame.</summary>
    public bool FitsInto(Host host) => (!WantsEmptyHost || host.Reserved == default) && Shortage(host.Idle) == default;

    /// <summary>What is missing in a room that one frame would fit into; nothing if it fits.</summary>
    public Resources Shortage(Resources room) => new(
        Math.Max(0, (WantsEmptyHost ? 1 - MinCores : MinCores) - room.CorePoints),
        Math.Max(0, MinMemoryKib - room.MemoryKib),
        Math.Max(0, MinGpus - room.Gpus),
        Math.Max(0, MinGpuMemoryKib - room.GpuMemoryKib));
}
