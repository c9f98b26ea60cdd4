using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>Hosts of one allocation that have something idle, found by what work needs.</summary>
internal sealed class HostIndex(TagMatcher tags, FarmSettings settings)
{
    /// <summary>So many hosts that ran the layer last are tried before a cold one is taken.</summary>
    private const int MostWarm = 16;

    /// <summary>Fewer families than this are not worth forgetting any.</summary>
    private const int LeastFamilies = 256;

    private readonly Dictionary<Host, HostPlace> _places = [];
    private readonly Dictionary<EntityId, HostPlace> _byId = [];
    private readonly Dictionary<FamilyKey, HostFamily> _families = [];
    private readonly Dictionary<HostKind, KindOfWork> _kinds = [];
    private readonly Dictionary<string, HostPlace> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<KindOfWork>> _kindsByTag = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Layer, HashSet<HostPlace>> _warm = [];
    private int _mostFamilies = LeastFamilies;

    public IEnumerable<KindOfWork> Kinds => _kinds.Values;

    /// <summary>Number of hosts with something idle.</summary>
    public int Count => _places.Count;

    /// <summary>Number of families that are not forgotten.</summary>
    public int FamilyCount => _families.Count;

    public KindOfWork KindOf(HostKind kind)
    {
        if (!_kinds.TryGetValue(kind, out var work))
        {
            _kinds.Add(kind, work = new KindOfWork(kind));
            foreach (var tag in kind.Tags.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (!_kindsByTag.TryGetValue(tag, out var kinds))
                {
                    _kindsByTag.Add(tag, kinds = []);
                }

                kinds.Add(work);
            }

            foreach (var family in _families.Values)
            {
                Link(family, work);
            }
        }

        return work;
    }

    /// <summary>Puts an open host at its place. True if it has more to offer there than before.</summary>
    public bool Refresh(Host host)
    {
        var pool = PoolKey.Of(host);
        var idle = host.Idle;
        if (!_places.TryGetValue(host, out var place))
        {
            place = new HostPlace(host) { Row = host.Row, Family = FamilyOf(host) };
            _places.Add(host, place);
            _byId.Add(host.Id, place);
            _byName[host.Row.Name] = place;
            Put(place, pool);
            return true;
        }

        // Its name is no part of its family: work that names it finds it apart.
        var isNamed = host.Row.HasHostnameTag && !(place.Row.HasHostnameTag && place.Row.Name == host.Row.Name);
        var family = ReferenceEquals(place.Row, host.Row) ? place.Family : FamilyOf(host);
        Rename(place, host.Row);
        if (!isNamed && family == place.Family && pool == place.Pool.Key && idle.CorePoints == place.Cores && idle.MemoryKib == place.MemoryKib && host.LastLayer == place.Warm)
        {
            return false;
        }

        var gained = isNamed || family != place.Family || idle.CorePoints > place.Cores || idle.MemoryKib > place.MemoryKib
            || pool.Gpus > place.Pool.Key.Gpus || pool.GpuMemoryKib > place.Pool.Key.GpuMemoryKib || (pool.IsEmpty && !place.Pool.Key.IsEmpty)
            || (settings.GpuHostsForGpuLayersOnly && place.Pool.Key.HasGpu && !pool.HasGpu);
        TakeOut(place);
        place.Family = family;
        Put(place, pool);
        return gained;
    }

    /// <summary>Takes a host out.</summary>
    public void Remove(Host host)
    {
        if (_places.Remove(host, out var place))
        {
            TakeOut(place);
            Forget(place);
            _byId.Remove(host.Id);
        }
    }

    /// <summary>The kinds of work that may run on the host; some may come twice.</summary>
    public void AddKindsFor(Host host, List<KindOfWork> kinds)
    {
        if (!_places.TryGetValue(host, out var place))
        {
            return;
        }

        kinds.AddRange(place.Family.Kinds);
        if (host.Row.HasHostnameTag && _kindsByTag.TryGetValue(host.Row.Name, out var naming))
        {
            kinds.AddRange(naming.Where(work => work.Kind.Suits(host, tags)));
        }
    }

    /// <summary>
    /// The best host for a frame among those that do not refuse it: best fit in cores; in that one that ran the layer last, then the one with most memory;
    /// hosts without idle GPUs before those with, so that those stay free for work that wants them. Under a limit that counts hosts, one that holds its
    /// token already comes before all others. Null if there is none.
    /// </summary>
    public Host? FindBest(KindOfWork kind, Requirement requirement, Layer layer, HostTries tries)
    {
        foreach (var limit in layer.Limits)
        {
            if (limit.Row.Kind != LimitKind.Host)
            {
                continue;
            }

            if (FindHolder(limit, requirement, layer, tries) is { } holder)
            {
                return holder;
            }

            if (limit.Tokens >= limit.Capacity)
            {
                return null;
            }
        }

        HostPlace? best = null;
        foreach (var family in kind.Families)
        {
            foreach (var pool in family.Pools)
            {
                best = BetterIn(pool, family, requirement, best, tries);
            }
        }

        // A layer may name hosts by their name tags, which the families leave out: every host has its own.
        foreach (var tag in kind.Kind.Tags)
        {
            if (_byName.TryGetValue(tag, out var place) && place != best
                && MayTake(place.Pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host)
                && IsBetter(place.Pool.Key, place.Cores, place.MemoryKib, best, requirement)
                && tries.Accept(place.Host))
            {
                best = place;
            }
        }

        if (best is null)
        {
            return null;
        }

        var chosen = WarmLike(best, requirement, layer, tries) ?? best;

        // The last one asked is the one whose answer counts.
        return chosen.Host == tries.Last || tries.Accept(chosen.Host) ? chosen.Host : null;
    }

    private Host? FindHolder(Limit limit, Requirement requirement, Layer layer, HostTries tries)
    {
        HostPlace? best = null;
        foreach (var id in limit.HoldersByHost.Keys)
        {
            if (_byId.TryGetValue(id, out var place)
                && MayTake(place.Pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host)
                && IsBetter(place.Pool.Key, place.Cores, place.MemoryKib, best, requirement)
                && layer.Limits.TrueForAll(l => l.HasRoomFor(place.Host, layer.Job.Row.User))
                && tries.Accept(place.Host))
            {
                best = place;
            }
        }

        return best is null ? null : best.Host == tries.Last || tries.Accept(best.Host) ? best.Host : null;
    }

    private HostPlace? BetterIn(HostPool pool, HostFamily family, Requirement requirement, HostPlace? best, HostTries tries)
    {
        if (!MayTake(pool, requirement))
        {
            return best;
        }

        var cores = requirement.WantsEmptyHost ? 1 - requirement.MinCores : requirement.LeastIdleCores(family.Key.Mode);
        var candidates = pool.From(cores, requirement.MinMemoryKib);
        while (candidates.MoveNext())
        {
            var place = candidates.Current!;
            if (!IsBetter(pool.Key, place.Cores, place.MemoryKib, best, requirement))
            {
                return best;
            }

            if (tries.Accept(place.Host))
            {
                return place;
            }
        }

        return best;
    }

    private bool MayTake(HostPool pool, Requirement requirement) =>
        pool.Key.Suits(requirement) && (!pool.Key.HasGpu || requirement.WantsGpu || !settings.GpuHostsForGpuLayersOnly);

    private HostPlace? WarmLike(HostPlace best, Requirement requirement, Layer layer, HostTries tries)
    {
        if (best.Warm == layer || !_warm.TryGetValue(layer, out var warm))
        {
            return null;
        }

        var looked = 0;
        foreach (var place in warm)
        {
            if (place.Cores == best.Cores && place.Pool.Key.HasGpu == best.Pool.Key.HasGpu && place.MemoryKib >= requirement.MinMemoryKib
                && MayTake(place.Pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host) && tries.Accept(place.Host))
            {
                return place;
            }

            if (++looked == MostWarm)
            {
                break;
            }
        }

        return null;
    }

    private static bool IsBetter(PoolKey pool, int cores, long memoryKib, HostPlace? than, Requirement requirement)
    {
        if (than is null)
        {
            return true;
        }

        if (!requirement.WantsGpu && pool.HasGpu != than.Pool.Key.HasGpu)
        {
            return than.Pool.Key.HasGpu;
        }

        return cores != than.Cores ? cores < than.Cores : memoryKib > than.MemoryKib;
    }

    private void Put(HostPlace place, PoolKey pool)
    {
        var (host, idle) = (place.Host, place.Host.Idle);
        (place.Cores, place.MemoryKib, place.Warm) = (idle.CorePoints, idle.MemoryKib, host.LastLayer);
        place.Family.Put(place, pool);
        if (place.Warm is { } layer)
        {
            if (!_warm.TryGetValue(layer, out var places))
            {
                _warm.Add(layer, places = []);
            }

            places.Add(place);
        }
    }

    private void TakeOut(HostPlace place)
    {
        place.Family.Remove(place);
        if (place.Warm is { } layer && _warm.TryGetValue(layer, out var places) && places.Remove(place) && places.Count == 0)
        {
            _warm.Remove(layer);
        }
    }

    private void Rename(HostPlace place, HostRow row)
    {
        if (place.Row.Name != row.Name)
        {
            Forget(place);
            _byName[row.Name] = place;
        }

        place.Row = row;
    }

    private void Forget(HostPlace place)
    {
        if (_byName.TryGetValue(place.Row.Name, out var named) && named == place)
        {
            _byName.Remove(place.Row.Name);
        }
    }

    private HostFamily FamilyOf(Host host)
    {
        var key = FamilyKey.Of(host, tags);
        if (!_families.TryGetValue(key, out var family))
        {
            ForgetFamilies();
            _families.Add(key, family = new HostFamily(key));
            foreach (var work in _kinds.Values)
            {
                Link(family, work);
            }
        }

        return family;
    }

    /// <summary>
    /// Families without hosts are forgotten now and then, not at once: one whose hosts are all in use has none here either, and comes back with the next
    /// frame that ends.
    /// </summary>
    private void ForgetFamilies()
    {
        if (_families.Count < _mostFamilies)
        {
            return;
        }

        var gone = _families.Values.Where(family => family.Pools.Count == 0).ToHashSet();
        foreach (var family in gone)
        {
            _families.Remove(family.Key);
        }

        foreach (var work in _kinds.Values)
        {
            work.Families.RemoveAll(gone.Contains);
        }

        _mostFamilies = Math.Max(LeastFamilies, 2 * _families.Count);
    }

    private void Link(HostFamily family, KindOfWork work)
    {
        if (family.Key.Suits(work.Kind, tags))
        {
            family.Kinds.Add(work);
            work.Families.Add(family);
        }
    }
}
