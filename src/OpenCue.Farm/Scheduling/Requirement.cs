using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// What a layer's frames need of a host. Layers with equal requirements are looked at together: if a host does not fit one, it fits none of them.
/// </summary>
/// <param name="Kind">What kind of host.</param>
/// <param name="MinCores">Core points; 0 all of a host, −n all but n.</param>
/// <param name="MaxCores">Core points; 0 for no maximum.</param>
/// <param name="MinMemoryKib">KiB.</param>
/// <param name="MinGpus">GPUs.</param>
/// <param name="MinGpuMemoryKib">KiB.</param>
public sealed record Requirement(HostKind Kind, int MinCores, int MaxCores, long MinMemoryKib, int MinGpus, long MinGpuMemoryKib)
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
            var cores = Kind.Threadable ? MinCores : Math.Min(MinCores, 100);
            cores = MaxCores > 0 ? Math.Min(cores, MaxCores) : cores;
            return Math.Max(cores, 1);
        }
    }

    /// <summary>The least that a frame can reserve anywhere: what caps are tested with before a host is known.</summary>
    public Resources Least => new(LeastCores, MinMemoryKib, MinGpus, MinGpuMemoryKib);

    /// <summary>What the layer's frames need now.</summary>
    public static Requirement Of(Layer layer)
    {
        var (row, os) = (layer.Row, layer.Job.Row.Os);
        if (layer.Requirement is { } known && ReferenceEquals(known.Of, row) && known.Os == os)
        {
            return known.Requirement;
        }

        var kind = new HostKind(string.IsNullOrEmpty(os) ? null : os, row.Tags, row.Threadable);
        var requirement = new Requirement(kind, row.MinCores, row.MaxCores, row.MinMemoryKib, row.MinGpus, row.MinGpuMemoryKib);
        layer.Requirement = new KnownRequirement(row, os, requirement);
        return requirement;
    }

    /// <summary>The fewest idle core points on a host with this thread mode that one frame needs.</summary>
    public int LeastIdleCores(ThreadMode mode) =>
        mode == ThreadMode.Variable && Kind.Threadable && MinCores >= 100 ? Math.Max(MinCores, 200) : MinCores;

    /// <summary>Whether frames that need this may run on the host at all, whatever is idle there.</summary>
    public bool Suits(Host host, TagMatcher tags) => Kind.Suits(host, tags);

    /// <summary>Whether the host has the operating system.</summary>
    public bool SuitsOs(Host host) => Kind.SuitsOs(host.Row.Os);

    /// <summary>Whether the host's thread mode allows it.</summary>
    public bool SuitsThreadMode(Host host) => Kind.SuitsMode(host.Row.ThreadMode);

    /// <summary>Whether one of the tags is on the host.</summary>
    public bool SuitsTags(Host host, TagMatcher tags) => tags.Match(Kind.Tags, host.Tags);

    /// <summary>Whether what is idle on the host is enough for one frame.</summary>
    public bool FitsInto(Host host) => WhatLacks(host) == PlacementVerdict.Fits;

    /// <summary>What is not idle on the host that one frame needs; <see cref="PlacementVerdict.Fits"/> if all is.</summary>
    public PlacementVerdict WhatLacks(Host host)
    {
        var idle = host.Idle;
        if (WantsEmptyHost)
        {
            if (host.Reserved != default)
            {
                return PlacementVerdict.NotEmpty;
            }

            if (-MinCores >= idle.CorePoints)
            {
                return PlacementVerdict.Cores;
            }
        }
        else if (LeastIdleCores(host.Row.ThreadMode) > idle.CorePoints)
        {
            return PlacementVerdict.Cores;
        }

        return MinMemoryKib > idle.MemoryKib ? PlacementVerdict.Memory
            : MinGpus > idle.Gpus ? PlacementVerdict.Gpus
            : MinGpuMemoryKib > idle.GpuMemoryKib ? PlacementVerdict.GpuMemory
            : PlacementVerdict.Fits;
    }

    /// <summary>What is missing in a room, on a host with this thread mode, that one frame would fit into; nothing if it fits.</summary>
    public Resources Shortage(Resources room, ThreadMode mode) => new(
        Math.Max(0, (WantsEmptyHost ? 1 - MinCores : LeastIdleCores(mode)) - room.CorePoints),
        Math.Max(0, MinMemoryKib - room.MemoryKib),
        Math.Max(0, MinGpus - room.Gpus),
        Math.Max(0, MinGpuMemoryKib - room.GpuMemoryKib));
}

/// <summary>The kind of host that a frame needs, apart from amounts.</summary>
/// <param name="Os">Operating system, lower case; null for any.</param>
/// <param name="Tags">One of these must be on the host; none means any host.</param>
/// <param name="Threadable">True if frames can use more than one core.</param>
public sealed record HostKind(string? Os, ValueList<string> Tags, bool Threadable)
{
    /// <summary>Whether frames that need this may run on the host at all.</summary>
    public bool Suits(Host host, TagMatcher tags) => WhatDiffers(host, tags) == PlacementVerdict.Fits;

    /// <summary>Why frames that need this may not run on the host; <see cref="PlacementVerdict.Fits"/> if they may.</summary>
    public PlacementVerdict WhatDiffers(Host host, TagMatcher tags) =>
        !SuitsOs(host.Row.Os) ? PlacementVerdict.OperatingSystem
        : !SuitsMode(host.Row.ThreadMode) ? PlacementVerdict.ThreadMode
        : !tags.Match(Tags, host.Tags) ? PlacementVerdict.Tags
        : PlacementVerdict.Fits;

    /// <summary>Whether one of these operating systems will do.</summary>
    public bool SuitsOs(ValueList<string> os) => Os is null || os.Contains(Os, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether frames may run on a host with this thread mode: one that gives all its cores takes only what can use them.</summary>
    public bool SuitsMode(ThreadMode mode) => mode != ThreadMode.All || Threadable;
}

/// <summary>A layer's requirement, and what it was made from.</summary>
internal sealed record KnownRequirement(LayerRow Of, string? Os, Requirement Requirement);
