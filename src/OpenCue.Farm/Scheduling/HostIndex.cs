using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Hosts of one allocation that have something idle. Hosts that no requirement can tell apart (same tags, OS and thread mode) form a pool, sorted by
/// idle cores and in that by idle memory, so that the tightest fit in cores with the most memory is found without looking at all of them.
/// </summary>
public sealed class HostIndex(Allocation allocation, TagMatcher tags)
{
    private readonly Dictionary<Host, (HostPool Pool, HostKey Key)> _places = [];
    private readonly Dictionary<PoolKey, HostPool> _pools = [];
    private readonly Dictionary<string, Host> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The allocation.</summary>
    public Allocation Allocation { get; } = allocation;

    /// <summary>Number of hosts with something idle.</summary>
    public int Count => _places.Count;

    /// <summary>Puts a host at its place, or out of the index if it can't be booked.</summary>
    public void Refresh(Host host, bool bookable)
    {
        Remove(host);
        if (!bookable)
        {
            return;
        }

        var place = new HostKey(host, PoolKey.Of(host, tags));
        if (!_pools.TryGetValue(place.Pool, out var pool))
        {
            _pools.Add(place.Pool, pool = new HostPool());
        }

        pool.Hosts.Add(place);
        _places.Add(host, (pool, place));
        _byName[host.Row.Name] = host;
    }

    /// <summary>Takes a host out.</summary>
    public void Remove(Host host)
    {
        if (_places.Remove(host, out var place))
        {
            _byName.Remove(host.Row.Name);
            place.Pool.Hosts.Remove(place.Key);
            if (place.Pool.Hosts.Count == 0)
            {
                _pools.Remove(place.Key.Pool);
            }
        }
    }

    /// <summary>
    /// The best host for a frame that needs this, among those that <paramref name="accept"/> does not refuse: best fit in cores, worst fit in memory,
    /// hosts without idle GPUs before those with, so that those stay free for work that wants them. Null if there is none.
    /// </summary>
    public Host? FindBest(Requirement requirement, FarmSettings settings, Func<Host, bool> accept)
    {
        HostKey? best = null;
        foreach (var (key, pool) in _pools)
        {
            if (key.HasGpu && !requirement.WantsGpu && settings.GpuHostsForGpuLayersOnly)
            {
                continue;
            }

            if (key.Suits(requirement, tags))
            {
                best = pool.Better(requirement, best, accept);
            }
        }

        // A layer may name hosts by their name tags, which the pools leave out: every host has its own.
        foreach (var tag in requirement.Kind.Tags)
        {
            if (_byName.TryGetValue(tag, out var host)
                && requirement.Suits(host, tags)
                && requirement.FitsInto(host)
                && HostKey.IsBetter(_places[host].Key, best, requirement)
                && accept(host))
            {
                best = _places[host].Key;
            }
        }

        return best?.Host;
    }

    /// <summary>Hosts that no requirement can tell apart.</summary>
    private sealed class HostPool
    {
        public SortedSet<HostKey> Hosts { get; } = new(Comparer<HostKey>.Create(HostKey.Compare));

        /// <summary>The first host that fits, if it is better than the best one so far; else that one.</summary>
        public HostKey? Better(Requirement requirement, HostKey? best, Func<Host, bool> accept)
        {
            foreach (var place in From(requirement.WantsEmptyHost ? 1 : requirement.MinCores))
            {
                if (!HostKey.IsBetter(place, best, requirement))
                {
                    return best;
                }

                if (requirement.FitsInto(place.Host) && accept(place.Host))
                {
                    return place;
                }
            }

            return best;
        }

        /// <summary>The hosts from the first on that has cores enough.</summary>
        private SortedSet<HostKey> From(int cores) =>
            cores <= Hosts.Min.IdleCores ? Hosts : cores > Hosts.Max.IdleCores ? [] : Hosts.GetViewBetween(HostKey.Floor(cores), Hosts.Max);
    }

    /// <summary>What requirements look at, apart from amounts.</summary>
    private readonly record struct PoolKey(ValueList<string> Tags, ValueList<string> Os, ThreadMode Mode, bool HasGpu)
    {
        public static PoolKey Of(Host host, TagMatcher tags) => new(
            tags.AsPattern || !host.Row.HasHostnameTag ? host.Tags : host.Tags.Where(t => t != host.Row.Name).ToValueList(),
            host.Row.Os,
            host.Row.ThreadMode,
            host.Idle.Gpus > 0 || host.Idle.GpuMemoryKib > 0);

        public bool Suits(Requirement requirement, TagMatcher tags) =>
            (requirement.Kind.Os is not { } os || Os.Contains(os, StringComparer.OrdinalIgnoreCase))
            && (Mode != ThreadMode.All || requirement.Kind.Threadable)
            && tags.Match(requirement.Kind.Tags, Tags);
    }

    /// <summary>A host's place: amounts as they were when it was put there.</summary>
    private readonly struct HostKey
    {
        public HostKey(Host host, PoolKey pool)
        {
            Host = host;
            IdleCores = host.Idle.CorePoints;
            IdleMemory = host.Idle.MemoryKib;
            Id = host.Id;
            Pool = pool;
        }

        private HostKey(int cores)
        {
            Host = null!; // A mark to search from; never handed out.
            IdleCores = cores;
            IdleMemory = long.MaxValue;
        }

        public Host Host { get; }

        public int IdleCores { get; }

        public long IdleMemory { get; }

        public EntityId Id { get; }

        public PoolKey Pool { get; }

        public static HostKey Floor(int cores) => new(cores);

        /// <summary>Fewer idle cores first, then more idle memory.</summary>
        public static int Compare(HostKey a, HostKey b)
        {
            if (a.IdleCores != b.IdleCores)
            {
                return a.IdleCores.CompareTo(b.IdleCores);
            }

            return a.IdleMemory != b.IdleMemory ? b.IdleMemory.CompareTo(a.IdleMemory) : a.Id.CompareTo(b.Id);
        }

        public static bool IsBetter(HostKey place, HostKey? than, Requirement requirement)
        {
            if (than is not { } best)
            {
                return true;
            }

            return place.Pool.HasGpu != best.Pool.HasGpu && !requirement.WantsGpu ? best.Pool.HasGpu : Compare(place, best) < 0;
        }
    }
}
