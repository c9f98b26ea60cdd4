using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling;

/// <summary>What changed since the last pass, and what may be possible because of that.</summary>
public sealed partial class Scheduler
{
    /// <summary>So many layers in line at a cap are woken at once; then as many again, as long as the cap has room.</summary>
    private const int MostWokenAtOnce = 16;

    /// <summary>Looks at so many layers in line are made before it is asked whether time is left.</summary>
    private const int LooksAtOnce = 64;

    /// <summary>The same for what is noted: a host may wake thousands of classes.</summary>
    private const int NotedAtOnce = 16;

    /// <summary>Ranks are not asked for again more often than this, whatever a policy says, or there would be time for nothing else.</summary>
    private const long LeastRankAgainMs = 1000;

    /// <summary>A slice that is over after so few layers is too slow; if so many are, one after the other, the policy that ranks them is.</summary>
    private const int FewestRanked = 2 * NotedAtOnce;

    private const int MostSlowSlices = 8;

    /// <summary>So many ranks that moved by themselves are asked for again in each slice.</summary>
    private const int MostRankedAtOnce = 512;

    private readonly SortedSet<(long EngineMs, EntityId Host)> _resting = [];
    private readonly HashSet<object> _capsWithRoom = [];
    private readonly List<Layer> _woken = [];
    private int _slowSlices;
    private int _bookedSinceWoken;
    private readonly Dictionary<Facility, long> _rankedAt = [];
    private readonly Queue<Layer> _layersToRank = [];
    private Queue<Layer> _layersToLookAt = [];
    private Queue<(Host Host, bool Again)> _hostsToLookAt = [];
    private readonly Queue<Job> _jobsToRank = [];
    private readonly Queue<object> _capsToLookAt = [];

    /// <summary>The engine time at which the scheduler wants to be asked again although nothing changed, or null.</summary>
    public long? NextWakeEngineMs => _resting.Count > 0 ? _resting.Min.EngineMs : null;

    /// <summary>True when all that changed has been looked at.</summary>
    private bool TakeMarks(FarmTime now, Func<bool> mayGoOn)
    {
        var marks = _farm.Marks;
        _policyOf.Clear();
        _demand.Now = now;
        var ranksMoved = _policies.BeginPass(_farm, now, mayGoOn);
        if (marks.Everything || _demand.ClassCount > (4 * _demand.Count) + 4096)
        {
            Reset();
            marks.Clear();
            Counters.FullLooks++;
            _layersToLookAt = new Queue<Layer>(_farm.Layers.Values);
            _hostsToLookAt = new Queue<(Host, bool)>(_farm.Hosts.All.Select(host => (host, false)));
        }
        else if (ranksMoved)
        {
            RankEverythingAgain();
        }

        RankAgainInTime(now);
        TakeTimers(now);
        TakeCaps();
        foreach (var host in marks.Hosts)
        {
            _hostsToLookAt.Enqueue((host, false));
        }

        foreach (var layer in marks.Layers)
        {
            _layersToLookAt.Enqueue(layer);
        }

        marks.Clear();
        if (!LookAtTheRest(now, mayGoOn))
        {
            return false;
        }

        if (!_policies.TakeRanksMoved())
        {
            return true;
        }

        RankEverythingAgain();
        return LookAtTheRest(now, mayGoOn);
    }

    private void TakeLayers(FarmTime now)
    {
        foreach (var layer in _farm.Marks.Layers)
        {
            _demand.Refresh(layer, now.WallMs);
        }

        _farm.Marks.Layers.Clear();
    }

    /// <summary>Looks at what is noted, as far as there is time. True if that was all.</summary>
    private bool LookAtTheRest(FarmTime now, Func<bool> mayGoOn) =>
        Work(_jobsToRank, _demand.RankAgain, mayGoOn)
        && Work(_capsToLookAt, cap => Wake(cap, now), mayGoOn)
        && Work(_hostsToLookAt, look => LookAt(look.Host, now, look.Again), mayGoOn)
        && LookAtLayers(now, mayGoOn);

    private bool LookAtLayers(FarmTime now, Func<bool> mayGoOn)
    {
        Layer? last = null;
        var (count, isWatched) = (_layersToLookAt.Count, _layersToLookAt.Count > FewestRanked && mayGoOn());
        var isDone = Work(_layersToLookAt, layer => _demand.Refresh(last = layer, now.WallMs), mayGoOn);
        _slowSlices = isWatched && !isDone && count - _layersToLookAt.Count <= FewestRanked ? _slowSlices + 1 : 0;
        if (_slowSlices == MostSlowSlices)
        {
            _slowSlices = 0;
            _policies.Fail(last!.Job.Facility, $"It takes too long to rank: of {count} layers so few that booking would stand still."); // Some were looked at.
        }

        return isDone;
    }

    private static bool Work<T>(Queue<T> queue, Action<T> look, Func<bool> mayGoOn)
    {
        for (var looks = 1; queue.TryDequeue(out var next); looks++)
        {
            look(next);
            if (looks % NotedAtOnce == 0 && !mayGoOn())
            {
                return false;
            }
        }

        return true;
    }

    private void TakeTimers(FarmTime now)
    {
        foreach (var id in _demand.TakeDue(now.WallMs))
        {
            if (_farm.Layers.TryGetValue(id, out var layer))
            {
                _farm.Marks.Layers.Add(layer);
            }
        }

        while (_resting.Count > 0 && _resting.Min.EngineMs <= now.EngineMs)
        {
            if (_farm.Hosts.TryGet(_resting.Min.Host, out var host))
            {
                // It may be open already, with as much room as before: what rested there has to be looked at all the same.
                _hostsToLookAt.Enqueue((host, true));
            }

            _resting.Remove(_resting.Min);
        }
    }

    private void TakeCaps()
    {
        var marks = _farm.Marks;
        TakeLimits();
        var groups = new HashSet<Group>(marks.Groups);
        foreach (var job in marks.Jobs)
        {
            _capsToLookAt.Enqueue(job);
            _jobsToRank.Enqueue(job);
            groups.Add(job.Group);
        }

        foreach (var cap in _capsWithRoom.Concat(groups))
        {
            _capsToLookAt.Enqueue(cap);
        }

        _capsWithRoom.Clear();
        foreach (var show in groups.Select(g => g.Show).Distinct())
        {
            marks.Layers.UnionWith(_farm.Facilities.All.SelectMany(f => _demand.ApartIn(show, f)).Where(l => groups.Contains(l.Job.Group)));
        }

        foreach (var (show, facility) in marks.Subscriptions.Select(s => (s.Show, s.Allocation.Facility)).Distinct())
        {
            marks.Layers.UnionWith(_demand.ApartIn(show, facility));
        }

        foreach (var subscription in marks.Subscriptions)
        {
            if (_markets.TryGetValue(subscription.Allocation, out var market)
                && market.WakeShare(subscription.Show, PolicyOf(subscription.Allocation.Facility)))
            {
                Queue(market);
            }
        }
    }

    private void TakeLimits()
    {
        var marks = _farm.Marks;
        foreach (var limit in marks.Limits)
        {
            _capsWithRoom.Add(limit);
            if (limit.Row.Kind == LimitKind.Host && limit.Tokens <= limit.Capacity)
            {
                WakeUnder(limit);
            }
        }

        marks.Limits.Clear();
    }

    /// <summary>A token of a limit that counts hosts came free, or a host holds one that others may share.</summary>
    private void WakeUnder(Limit limit)
    {
        foreach (var demand in _demand.Under(limit))
        {
            if (demand.Show.Apart.Contains(demand))
            {
                _farm.Marks.Layers.Add(demand.First.Layer);
                continue;
            }

            var facility = demand.Show.Facility;
            foreach (var allocation in facility.Allocations)
            {
                if (_markets.TryGetValue(allocation, out var market) && market.Wake(demand, PolicyOf(facility)))
                {
                    Queue(market);
                }
            }
        }
    }

    /// <summary>Offers those that are first in line at caps with room. True if there were any.</summary>
    private bool WakeHeld(FarmTime now)
    {
        _bookedSinceWoken = 0;
        if (_capsWithRoom.Count == 0)
        {
            return false;
        }

        var caps = _capsWithRoom.ToList();
        _capsWithRoom.Clear();
        var any = false;
        foreach (var cap in caps)
        {
            any |= Wake(cap, now);
        }

        return any;
    }

    /// <summary>Offers those that are first in line at a cap if it has room, and notes whether there may be more. True if there were any.</summary>
    private bool Wake(object cap, FarmTime now)
    {
        _woken.Clear();
        if (_demand.TakeFirst(cap, MostWokenAtOnce, now.WallMs, _woken))
        {
            _capsWithRoom.Add(cap);
        }

        foreach (var layer in _woken)
        {
            _demand.Refresh(layer, now.WallMs);
        }

        return _woken.Count > 0;
    }

    private void LookAt(Host host, FarmTime now, bool again)
    {
        if (_places.TryGet(host, out var known) && (!host.InFarm || known.Market.Allocation != host.Allocation))
        {
            known.Market.Hosts.Remove(known);
            _places.Remove(known);
        }

        if (host.InFarm)
        {
            Look(PlaceOf(host), now, again);
        }
        else if (Reservations.On(host) is { } reservation)
        {
            Reservations.Remove(reservation);
        }
    }

    private HostPlace PlaceOf(Host host)
    {
        if (!_places.TryGet(host, out var place))
        {
            var market = MarketOf(host.Allocation);
            _places.Add(place = market.Hosts.Add(host, market));
        }

        return place;
    }

    private void Look(HostPlace place, FarmTime now, bool again)
    {
        var market = place.Market;
        if (Put(place, now, again) && market.WakeFor(place, PolicyOf(market.Allocation.Facility)))
        {
            Queue(market);
        }
    }

    /// <summary>Puts a host among those with something idle, or takes it out. True if it has something to offer that it had not before.</summary>
    private bool Put(HostPlace place, FarmTime now, bool again)
    {
        var (host, hosts) = (place.Host, place.Market.Hosts);
        var gate = HostGates.Check(host, _farm.Settings, now.EngineMs);
        if (gate == HostGate.BackingOff && host.LaunchBackOffUntilEngineMs > now.EngineMs)
        {
            _resting.Add((host.LaunchBackOffUntilEngineMs, host.Id));
        }

        if (Reservations.On(host) is not null)
        {
            _reservedToLookAt.Add(host);
            hosts.TakeOut(place);
            return false;
        }

        if (gate != HostGate.Open)
        {
            hosts.TakeOut(place);
            return false;
        }

        return hosts.Refresh(place) || again;
    }

    private void NoteRest()
    {
        if (_tries.FirstRest is { } rest)
        {
            _resting.Add((rest.EngineMs, rest.Host.Id));
        }
    }

    private void RankEverythingAgain()
    {
        foreach (var layer in _demand.Ranked)
        {
            _layersToLookAt.Enqueue(layer);
        }

        foreach (var market in _markets.Values)
        {
            market.RankAgain(PolicyOf(market.Allocation.Facility));
        }
    }

    /// <summary>Ranks some of those again whose ranks moved by themselves: they move slowly, so nothing has to wait until all are.</summary>
    private void RankSome(FarmTime now, Func<bool> mayGoOn)
    {
        for (var ranked = 1; ranked <= MostRankedAtOnce && _layersToRank.TryDequeue(out var layer); ranked++)
        {
            _demand.Refresh(layer, now.WallMs);
            if (ranked % NotedAtOnce == 0 && !mayGoOn())
            {
                return;
            }
        }
    }

    /// <summary>Ranks that move by themselves, because of age or decay, are asked for again from time to time.</summary>
    private void RankAgainInTime(FarmTime now)
    {
        if (_layersToRank.Count > 0)
        {
            // Then all facilities that are due have their turn, or the one that is asked first could keep the others from theirs.
            return;
        }

        foreach (var facility in _farm.Facilities.All)
        {
            if (PolicyOf(facility).RankAgainAfterMs is not { } after)
            {
                continue;
            }

            if (!_rankedAt.TryGetValue(facility, out var last))
            {
                _rankedAt.Add(facility, now.EngineMs);
            }
            else if (now.EngineMs - last >= Math.Max(after, LeastRankAgainMs))
            {
                _rankedAt[facility] = now.EngineMs;
                foreach (var layer in _demand.Ranked.Where(l => l.Job.Facility == facility))
                {
                    _layersToRank.Enqueue(layer);
                }

                foreach (var market in _markets.Values.Where(m => m.Allocation.Facility == facility))
                {
                    market.RankAgain(PolicyOf(facility));
                }
            }
        }
    }
}
