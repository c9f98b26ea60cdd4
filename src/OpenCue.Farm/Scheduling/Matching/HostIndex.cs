using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>Hosts of one allocation that have something idle, found by what work needs.</summary>
internal sealed class HostIndex(HostPlaces all, TagMatcher tags, FarmSettings settings)
{
    /// <summary>So many hosts that ran the layer last are tried before a cold one is taken.</summary>
    private const int MostWarm = 16;

    private readonly Dictionary<FamilyKey, HostFamily> _families = [];
    private readonly Dictionary<HostKind, KindOfWork> _kinds = [];
    private readonly Dictionary<string, HostPlace> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<KindOfWork>> _kindsByTag = new(StringComparer.OrdinalIgnoreCase);
    private readonly WarmHosts _warm = new();

    public IEnumerable<KindOfWork> Kinds => _kinds.Values;

    /// <summary>Number of families.</summary>
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

    /// <summary>Gives a host a place, which is not among those with something idle yet.</summary>
    public HostPlace Add(Host host, AllocationMarket market)
    {
        var place = new HostPlace(host, market) { Row = host.Row, Family = Join(FamilyOf(host)) };
        _byName[host.Row.Name] = place;
        return place;
    }

    /// <summary>Forgets a host.</summary>
    public void Remove(HostPlace place)
    {
        TakeOut(place);
        Leave(place.Family);
        ForgetName(place);
    }

    /// <summary>Puts an open host among those with something idle. True if it has more to offer there than before.</summary>
    public bool Refresh(HostPlace place)
    {
        var host = place.Host;
        var isNamed = !ReferenceEquals(place.Row, host.Row) && SetRow(place, host.Row);
        var (key, idle) = (PoolKey.Of(host), host.Idle);
        if (place.Pool is not { } pool)
        {
            Put(place, key);
            return true;
        }

        if (key == pool.Key && idle.CorePoints == place.Cores && idle.MemoryKib == place.MemoryKib && host.LastLayer == place.Warm)
        {
            return isNamed;
        }

        var gained = isNamed || idle.CorePoints > place.Cores || idle.MemoryKib > place.MemoryKib
            || key.Gpus > pool.Key.Gpus || key.GpuMemoryKib > pool.Key.GpuMemoryKib || (key.IsEmpty && !pool.Key.IsEmpty)
            || (settings.GpuHostsForGpuLayersOnly && pool.Key.HasGpu && !key.HasGpu);
        TakeOut(place);
        Put(place, key);
        return gained;
    }

    /// <summary>Takes a host out of those with something idle.</summary>
    public void TakeOut(HostPlace place)
    {
        if (place.Pool is not null)
        {
            place.Family.Remove(place);
            _warm.Remove(place);
        }
    }

    /// <summary>The kinds of work that may run on the host; some may come twice.</summary>
    public void AddKindsFor(HostPlace place, List<KindOfWork> kinds)
    {
        var host = place.Host;
        kinds.AddRange(place.Family.Kinds);
        if (host.Row.HasHostnameTag && _kindsByTag.TryGetValue(host.Row.Name, out var naming))
        {
            foreach (var work in naming)
            {
                if (work.Kind.Suits(host, tags))
                {
                    kinds.Add(work);
                }
            }
        }
    }

    /// <summary>
    /// The best host for a frame among those that do not refuse it: best fit in cores; in that one that ran the layer last, then the one with most memory;
    /// hosts without idle GPUs before those with, so that those stay free for work that wants them. Under a limit that counts hosts, one that holds its
    /// token already comes before all others. Null if there is none.
    /// </summary>
    public HostPlace? FindBest(KindOfWork kind, Requirement requirement, Layer layer, HostTries tries)
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
            if (_byName.TryGetValue(tag, out var place) && place != best && place.Pool is { } pool
                && MayTake(pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host)
                && IsBetter(pool.Key, place.Cores, place.MemoryKib, best, requirement)
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
        return chosen.Host == tries.Last || tries.Accept(chosen.Host) ? chosen : null;
    }

    private HostPlace? FindHolder(Limit limit, Requirement requirement, Layer layer, HostTries tries)
    {
        HostPlace? best = null;
        foreach (var id in limit.HoldersByHost.Keys)
        {
            if (all.Find(id) is { Pool: { } pool } place && place.Market.Hosts == this
                && MayTake(pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host)
                && IsBetter(pool.Key, place.Cores, place.MemoryKib, best, requirement)
                && layer.Limits.TrueForAll(l => l.HasRoomFor(place.Host, layer.Job.Row.User))
                && tries.Accept(place.Host))
            {
                best = place;
            }
        }

        return best is null || best.Host == tries.Last || tries.Accept(best.Host) ? best : null;
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
        if (best.Warm == layer)
        {
            return null;
        }

        var warm = _warm.Of(layer);
        for (var i = 0; i < Math.Min(warm.Count, MostWarm); i++)
        {
            var place = warm[i];
            var pool = place.Pool!; // They lie in one, as the best does.
            if (place.Cores == best.Cores && pool.Key.HasGpu == best.Pool!.Key.HasGpu && place.MemoryKib >= requirement.MinMemoryKib
                && MayTake(pool, requirement) && requirement.Suits(place.Host, tags) && requirement.FitsInto(place.Host) && tries.Accept(place.Host))
            {
                return place;
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

        var other = than.Pool!.Key; // It was found in one.
        if (!requirement.WantsGpu && pool.HasGpu != other.HasGpu)
        {
            return other.HasGpu;
        }

        return cores != than.Cores ? cores < than.Cores : memoryKib > than.MemoryKib;
    }

    private void Put(HostPlace place, PoolKey pool)
    {
        var (host, idle) = (place.Host, place.Host.Idle);
        (place.Cores, place.MemoryKib) = (idle.CorePoints, idle.MemoryKib);
        place.Family.Put(place, pool);
        if (host.LastLayer is { } layer)
        {
            _warm.Add(place, layer);
        }
    }

    /// <summary>The host's row changed: its family may be another, and then it is among none. True if work that names it finds it from now on.</summary>
    private bool SetRow(HostPlace place, HostRow row)
    {
        var family = FamilyOf(place.Host);
        if (family != place.Family)
        {
            TakeOut(place);
            Leave(place.Family);
            place.Family = Join(family);
        }

        // Its name is no part of its family: work that names it finds it apart.
        var isNamed = row.HasHostnameTag && !(place.Row.HasHostnameTag && place.Row.Name == row.Name);
        if (place.Row.Name != row.Name)
        {
            ForgetName(place);
            _byName[row.Name] = place;
        }

        place.Row = row;
        return isNamed;
    }

    private void ForgetName(HostPlace place)
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
            _families.Add(key, family = new HostFamily(key));
            foreach (var work in _kinds.Values)
            {
                Link(family, work);
            }
        }

        return family;
    }

    private static HostFamily Join(HostFamily family)
    {
        family.Hosts++;
        return family;
    }

    /// <summary>A host is of the family no more; without any it is forgotten.</summary>
    private void Leave(HostFamily family)
    {
        if (--family.Hosts > 0)
        {
            return;
        }

        _families.Remove(family.Key);
        foreach (var work in family.Kinds)
        {
            work.Families.Remove(family);
        }
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
