using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Matching;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Keeps hosts for work that would starve: a layer whose next frame has waited for too long, and that fits into no room as it is, while frames that come
/// after it in order took room on hosts that it could have had. One host is kept for it, the one that is expected to have room first. Frames that are sure
/// to have ended by then may go there in the meantime.
/// </summary>
public sealed partial class Scheduler
{
    /// <summary>Engine time between two looks for starving work, ms.</summary>
    private const long LookForStarvingEveryMs = 5000;

    /// <summary>In each look at most so many hosts are reserved in an allocation.</summary>
    private const int MostReservedAtOnce = 4;

    /// <summary>So many hosts that would do are compared for one layer.</summary>
    private const int MostHostsCompared = 256;

    /// <summary>So many hosts are looked at for them.</summary>
    private const int MostHostsSeen = 4096;

    /// <summary>Of an allocation's hosts one in so many may be reserved, and always one.</summary>
    private const int OneReservedOf = 20;

    /// <summary>So many of a class's layers are looked at.</summary>
    private const int MostOfClass = 4;

    /// <summary>So many layers for which no host was found are remembered.</summary>
    private const int MostInVain = 4096;

    private readonly HashSet<Host> _reservedToLookAt = [];
    private readonly Dictionary<Layer, long> _soughtInVain = [];
    private readonly Queue<Host> _toExpect = [];
    private readonly Queue<AllocationMarket> _marketsToReserve = [];
    private readonly List<(double ShowRank, DemandKey Key)> _starving = [];
    private AllocationMarket? _seen;
    private Queue<DemandClass> _toSee = [];
    private int _exchanges;
    private long _nextStarvingLookEngineMs = long.MinValue;
    private int _firstHostSeen;

    /// <summary>There are reserved hosts to look at, or work that may need one.</summary>
    private bool HasToReserve =>
        _reservedToLookAt.Count > 0 || _toExpect.Count > 0 || _marketsToReserve.Count > 0 || _toSee.Count > 0 || _starving.Count > 0;

    /// <summary>Serves hosts that are reserved, and looks for work that needs one, as far as there is time. Returns the number of runs booked.</summary>
    private int Reserve(FarmEdit edit, int most, Func<bool> mayGoOn)
    {
        var now = edit.Now;
        if (now.EngineMs >= _nextStarvingLookEngineMs && !HasToReserve)
        {
            _nextStarvingLookEngineMs = now.EngineMs + LookForStarvingEveryMs;
            _exchanges = 0;
            ForgetSought(now);
            foreach (var reservation in Reservations.All)
            {
                _toExpect.Enqueue(reservation.Host);
            }

            if (_farm.Settings.ReserveAfterMs > 0)
            {
                foreach (var market in _markets.Values)
                {
                    _marketsToReserve.Enqueue(market);
                }
            }
        }

        if (!Work(_toExpect, host => Expect(host, now), mayGoOn))
        {
            return 0;
        }

        while (_toSee.Count > 0 || _starving.Count > 0 || SeeNextMarket())
        {
            if (!Work(_toSee, demand => See(demand, now), mayGoOn))
            {
                return 0;
            }

            while (_starving.Count > 0)
            {
                KeepHostFor(_starving[0].Key.Layer, now);
                _starving.RemoveAt(0);
                if (!mayGoOn())
                {
                    return 0;
                }
            }
        }

        var booked = 0;
        while (_reservedToLookAt.Count > 0 && booked < most)
        {
            var host = _reservedToLookAt.First();
            _reservedToLookAt.Remove(host);
            if (Reservations.On(host) is { } reservation)
            {
                booked += Serve(edit, reservation, most - booked);
                if (!mayGoOn())
                {
                    break;
                }
            }
        }

        return booked;
    }

    /// <summary>
    /// Judges anew when a reserved host will be free. That never moves back: frames that were let in and take longer than they ever did must not let others
    /// in. But a host that disappointed, as when a frame hangs there, is given up after another wait, for one that is expected to be free sooner.
    /// </summary>
    private void Expect(Host host, FarmTime now)
    {
        if (Reservations.On(host) is not { } reservation)
        {
            return;
        }

        var layer = reservation.Layer;
        var free = FreeAt(host, layer, now);
        var comparedEngineMs = reservation.ComparedEngineMs;
        if (now.EngineMs >= reservation.FreeEngineMs && now.EngineMs - comparedEngineMs >= _farm.Settings.ReserveAfterMs
            && _exchanges < MostReservedAtOnce && IsStillWanted(reservation, now))
        {
            _exchanges++;
            comparedEngineMs = now.EngineMs;
            if (HostToReserve(MarketOf(host.Allocation), layer, now) is var (other, otherFree) && otherFree < free)
            {
                Reservations.Remove(reservation);
                Keep(new Reservation(other, layer, now.EngineMs, otherFree));
                LookAt(host, now, again: true);
                return;
            }
        }

        Reservations.Remove(reservation);
        Reservations.Add(reservation with { FreeEngineMs = Math.Min(free, reservation.FreeEngineMs), ComparedEngineMs = comparedEngineMs });
        _reservedToLookAt.Add(host);
    }

    private void Keep(Reservation reservation)
    {
        Reservations.Add(reservation);
        Counters.Reservations++;
        var place = PlaceOf(reservation.Host);
        place.Market.Hosts.TakeOut(place);
    }

    /// <summary>Forgets what it was about to look at.</summary>
    private void ForgetStarving()
    {
        _marketsToReserve.Clear();
        _starving.Clear();
        _soughtInVain.Clear();
        _toSee = [];
    }

    private int Serve(FarmEdit edit, Reservation reservation, int most)
    {
        var (host, layer) = (reservation.Host, reservation.Layer);
        if (!IsStillWanted(reservation, edit.Now))
        {
            Cancel(reservation, edit.Now);
            return 0;
        }

        var place = PlaceOf(host);
        if (Placements.Check(layer, host, edit.Now) is { Verdict: PlacementVerdict.Fits } fit)
        {
            var isBooked = Book(edit, new Candidate(layer, fit.Ordinal, place, fit.Reserve));
            Cancel(reservation, edit.Now);
            return isBooked ? 1 : 0;
        }

        var booked = 0;
        while (booked < most && Backfill(place, edit.Now) is { } candidate && Book(edit, candidate))
        {
            Counters.Backfills++;
            booked++;
        }

        return booked;
    }

    /// <summary>The first in order of what may use the host until it is needed, and ends in time.</summary>
    private Candidate? Backfill(HostPlace place, FarmTime now)
    {
        var (host, market) = (place.Host, place.Market);
        if (HostGates.Check(host, _farm.Settings, now.EngineMs) != HostGate.Open)
        {
            return null;
        }

        var policy = PolicyOf(market.Allocation.Facility);
        (double ShowRank, DemandKey Key, Placement Fit)? best = null;
        foreach (var demand in market.WithoutRoomFor(place).Where(d => d.FitsInto(host) && d.Requirement.Suits(host, _tags)))
        {
            var showRank = policy.ShowRank(demand.Show.Show, market.Allocation);
            foreach (var key in demand.Layers.Take(MostOfClass))
            {
                if ((best is not { } found || showRank < found.ShowRank || (showRank == found.ShowRank && key.CompareTo(found.Key) < 0))
                    && WorkGates.Check(key.Layer, demand.Requirement.Least, now.WallMs) == WorkGate.Open
                    && Placements.Check(key.Layer, host, now) is { Verdict: PlacementVerdict.Fits } fit)
                {
                    best = (showRank, key, fit);
                }
            }
        }

        return best is { } chosen ? new Candidate(chosen.Key.Layer, chosen.Fit.Ordinal, place, chosen.Fit.Reserve) : null;
    }

    /// <summary>Begins to look for starving work in the next allocation that may have another host reserved. False if there is none.</summary>
    private bool SeeNextMarket()
    {
        while (_marketsToReserve.TryDequeue(out var market))
        {
            if (RoomToReserve(market.Allocation) > 0)
            {
                _seen = market;
                _toSee = new Queue<DemandClass>(market.Hosts.Kinds.SelectMany(kind => kind.WithoutRoom));
                return true;
            }
        }

        return false;
    }

    private int RoomToReserve(Allocation allocation) =>
        allocation.Hosts.Count == 0 ? 0 : Math.Max(1, allocation.Hosts.Count / OneReservedOf) - Reservations.All.Count(r => r.Host.Allocation == allocation);

    /// <summary>Notes what starves in a class, if it is among the first in order.</summary>
    private void See(DemandClass demand, FarmTime now)
    {
        var market = _seen!; // What is to be seen is one's.
        if (!market.IsWithoutRoom(demand) || market.KindOf(demand).Families.Count == 0)
        {
            return;
        }

        foreach (var key in demand.Layers.Take(MostOfClass))
        {
            if (!HasStarved(key.Layer, now) || Reservations.For(key.Layer) is not null || WasInVain(key.Layer, now))
            {
                continue;
            }

            var rank = PolicyOf(demand.Show.Facility).ShowRank(demand.Show.Show, market.Allocation);
            var at = _starving.FindIndex(other => rank < other.ShowRank || (rank == other.ShowRank && key.CompareTo(other.Key) < 0));
            _starving.Insert(at < 0 ? _starving.Count : at, (rank, key));
            if (_starving.Count > MostReservedAtOnce)
            {
                _starving.RemoveAt(MostReservedAtOnce);
            }
        }
    }

    private void KeepHostFor(Layer layer, FarmTime now)
    {
        var market = _seen!; // It was found there.
        if (RoomToReserve(market.Allocation) > 0
            && layer.InFarm && HasStarved(layer, now) && Reservations.For(layer) is null
            && WorkGates.CheckSubscription(layer.Job.Show, market.Allocation, Requirement.Of(layer).LeastCores) == WorkGate.Open
            && HostToReserve(market, layer, now) is var (host, freeEngineMs))
        {
            Keep(new Reservation(host, layer, now.EngineMs, freeEngineMs));
            return;
        }

        if (_soughtInVain.Count == MostInVain)
        {
            _soughtInVain.Clear();
        }

        _soughtInVain[layer] = now.EngineMs;
    }

    private void ForgetSought(FarmTime now)
    {
        foreach (var layer in _soughtInVain.Keys)
        {
            if (!layer.InFarm || !WasInVain(layer, now))
            {
                _soughtInVain.Remove(layer);
            }
        }
    }

    /// <summary>Whether a host was sought for the layer of late and none found: the few that are looked at in one go should be others.</summary>
    private bool WasInVain(Layer layer, FarmTime now) =>
        _soughtInVain.TryGetValue(layer, out var last) && now.EngineMs - last < _farm.Settings.ReserveAfterMs / 2;

    /// <summary>Whether the layer's next frame has waited for room for longer than the site allows.</summary>
    private bool HasStarved(Layer layer, FarmTime now)
    {
        var wait = _farm.Settings.ReserveAfterMs;
        return layer.Waiting.First() is >= 0 and var first
            && now.WallMs - layer.Frames[first].EligibleAtMs >= wait
            && (layer.LastBookedEngineMs == 0 || now.EngineMs - layer.LastBookedEngineMs >= wait);
    }

    /// <summary>Of hosts that could take the layer, and that others were let onto in the meantime who come after it, the one that is free first.</summary>
    private (Host Host, long FreeEngineMs)? HostToReserve(AllocationMarket market, Layer layer, FarmTime now)
    {
        (Host Host, long FreeEngineMs)? best = null;
        var hosts = market.Allocation.Hosts;
        var compared = 0;
        _firstHostSeen = hosts.Count > MostHostsSeen ? (_firstHostSeen + MostHostsSeen) % hosts.Count : 0;
        foreach (var host in hosts.Skip(_firstHostSeen).Take(MostHostsSeen))
        {
            if (Reservations.On(host) is not null
                || !WouldTake(host, layer, now)
                || !WasPassedOver(layer, host))
            {
                continue;
            }

            var free = FreeAt(host, layer, now);
            if (best is null || free < best.Value.FreeEngineMs)
            {
                best = (host, free);
            }

            if (++compared == MostHostsCompared)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>True if something runs there that began after the layer's frame came to wait, and comes after it in order.</summary>
    private bool WasPassedOver(Layer layer, Host host)
    {
        var policy = PolicyOf(layer.Job.Facility);
        var since = layer.Frames[layer.Waiting.First()].EligibleAtMs;
        foreach (var proc in host.Procs)
        {
            var other = proc.Job;
            if (proc.DispatchedAtMs >= since && other != layer.Job
                && (other.Show == layer.Job.Show
                    ? policy.RankOf(other, _demand.Now).CompareTo(policy.RankOf(layer.Job, _demand.Now)) > 0
                    : policy.ShowRank(other.Show, host.Allocation) >= policy.ShowRank(layer.Job.Show, host.Allocation)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>When the host is expected to have room for the layer's frame, judged by how long frames of what runs there have taken; engine time.</summary>
    private static long FreeAt(Host host, Layer layer, FarmTime now)
    {
        var requirement = Requirement.Of(layer);
        var idle = host.Idle;
        var left = 0L;
        foreach (var (remaining, reserved) in host.Procs.Select(p => (RemainingMs(p, now), p.Row.Reserved)).OrderBy(p => p.Item1))
        {
            if (!requirement.WantsEmptyHost && requirement.Shortage(idle, host.Row.ThreadMode) == default)
            {
                break;
            }

            idle += reserved;
            left = remaining;
        }

        return now.EngineMs + left;
    }

    private static long RemainingMs(Proc proc, FarmTime now)
    {
        var elapsed = Math.Max(0, now.WallMs - proc.DispatchedAtMs);
        var usage = proc.Layer.Usage.Row;
        if (usage.Succeeded == 0)
        {
            // Nobody knows: what has run for long will run for long.
            return Math.Max(elapsed, 600_000);
        }

        var usual = usage.ClockSecondsSucceeded * 1000 / usage.Succeeded;
        return elapsed < usual ? usual - elapsed : Math.Max((usage.LongestSeconds * 1000) - elapsed, elapsed / 4);
    }

    private bool IsStillWanted(Reservation reservation, FarmTime now)
    {
        var (host, layer) = (reservation.Host, reservation.Layer);
        return host.InFarm && layer.InFarm && layer.Waiting.Count > 0
            && layer.LastBookedEngineMs <= reservation.SinceEngineMs
            && _farm.Settings.ReserveAfterMs > 0
            && WouldTake(host, layer, now)
            && WorkGates.Check(layer, Requirement.Of(layer).Least, now.WallMs) == WorkGate.Open
            && WorkGates.CheckSubscription(layer.Job.Show, host.Allocation, Requirement.Of(layer).LeastCores) == WorkGate.Open;
    }

    /// <summary>Whether the host would take the layer's frame if nothing ran there.</summary>
    private bool WouldTake(Host host, Layer layer, FarmTime now)
    {
        var requirement = Requirement.Of(layer);
        return host.Allocation.Facility == layer.Job.Facility
            && HostGates.CheckHealth(host, _farm.Settings) == HostGate.Open
            && requirement.Suits(host, _tags)
            && !Placements.IsKeptForGpus(requirement, host.Row.Total, _farm.Settings)
            && layer.Limits.TrueForAll(limit => limit.HasRoomFor(host, layer.Job.Row.User))
            && ProcBuilder.BuildOnEmpty(host, layer, _farm.Settings) is not null
            && _farm.StartRests.Until(host, layer, now.EngineMs) is null;
    }

    private void Cancel(Reservation reservation, FarmTime now)
    {
        Reservations.Remove(reservation);
        LookAt(reservation.Host, now, again: true);
    }
}
