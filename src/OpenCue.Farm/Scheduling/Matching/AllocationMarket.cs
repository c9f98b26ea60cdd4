using OpenCue.Farm.Facilities;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>
/// Where one allocation's hosts and the demand that may use them meet. Demand is either in line to be matched, or known to find no room on any host as
/// they are, or kept back by its show's share. What is known so stays known until a host gains room that would do, or the share does.
/// </summary>
internal sealed class AllocationMarket(int number, Allocation allocation, HostPlaces places, TagMatcher tags, FarmSettings settings)
{
    private readonly Dictionary<Show, ShowLine> _lines = [];
    private readonly ShowOrder _order = new();
    private readonly List<KindOfWork> _kinds = [];
    private int _misses;

    /// <summary>After so many misses those of demand that is gone are forgotten.</summary>
    private const int ForgetEvery = 4096;

    public Allocation Allocation { get; } = allocation;

    public HostIndex Hosts { get; } = new(places, tags, settings);

    /// <summary>True while it waits to be matched.</summary>
    public bool IsQueued { get; set; }

    /// <summary>A class has something to offer that comes before what it had. True if that is worth a look.</summary>
    public bool Offer(DemandClass demand, ISchedulingPolicy policy)
    {
        if (StandingOf(demand).Place is Place.WithoutRoom or Place.WithoutShare)
        {
            return false;
        }

        PutInLine(demand, policy);
        return true;
    }

    /// <summary>The demand that goes next: of the show with the lowest rank the layer that is first in order. Null if all found its place.</summary>
    public DemandClass? Next()
    {
        while (_order.First is { } line)
        {
            while (line.Demand.TryPeek(out var demand, out var key))
            {
                ref var standing = ref StandingOf(demand);
                if (standing.Place != Place.InLine || !key.IsSame(standing.Key) || IsForgotten(demand))
                {
                    line.Demand.Dequeue();
                }
                else if (!key.IsSame(demand.First))
                {
                    standing.Key = demand.First;
                    line.Demand.DequeueEnqueue(demand, demand.First);
                }
                else
                {
                    return demand;
                }
            }

            _order.Remove(line);
        }

        return null;
    }

    /// <summary>No host has room for it as they are.</summary>
    public void FoundNoRoom(DemandClass demand)
    {
        ref var standing = ref StandingOf(demand);
        standing.Place = Place.WithoutRoom;
        if (!standing.IsListed)
        {
            standing.IsListed = true;
            KindOf(demand).WithoutRoom.Add(demand);
        }

        if (++_misses % ForgetEvery == 0)
        {
            foreach (var kind in Hosts.Kinds)
            {
                kind.WithoutRoom.RemoveAll(IsUnlisted);
            }
        }
    }

    /// <summary>Its show's share has no room for the least it needs.</summary>
    public void FoundNoShare(DemandClass demand, ISchedulingPolicy policy)
    {
        StandingOf(demand).Place = Place.WithoutShare;
        LineOf(demand.Show.Show, policy).WithoutShare.Add(demand);
    }

    /// <summary>A host gained room: puts in line again what would fit there. True if anything did.</summary>
    public bool WakeFor(HostPlace place, ISchedulingPolicy policy)
    {
        var (host, woken) = (place.Host, false);
        foreach (var kind in KindsFor(place))
        {
            var sleeping = kind.WithoutRoom;
            for (var i = sleeping.Count - 1; i >= 0; i--)
            {
                var demand = sleeping[i];
                var isUnlisted = IsUnlisted(demand);
                if (!isUnlisted && !demand.FitsInto(host))
                {
                    continue;
                }

                sleeping[i] = sleeping[^1];
                sleeping.RemoveAt(sleeping.Count - 1);
                if (!isUnlisted)
                {
                    StandingOf(demand).IsListed = false;
                    PutInLine(demand, policy);
                    woken = true;
                }
            }
        }

        return woken;
    }

    /// <summary>A limit may leave more hosts to the demand than when no host had room for it. True if that is worth a look.</summary>
    public bool Wake(DemandClass demand, ISchedulingPolicy policy)
    {
        if (!IsWithoutRoom(demand))
        {
            return false;
        }

        PutInLine(demand, policy);
        return true;
    }

    /// <summary>Whether it is known that no host has room for it as they are.</summary>
    public bool IsWithoutRoom(DemandClass demand) => StandingOf(demand).Place == Place.WithoutRoom && !IsForgotten(demand);

    /// <summary>The show's share may have gained room, and its rank may have moved. True if anything is in line again.</summary>
    public bool WakeShare(Show show, ISchedulingPolicy policy)
    {
        if (!_lines.TryGetValue(show, out var line))
        {
            return false;
        }

        RankAgain(line, policy);
        var woken = false;
        for (var i = line.WithoutShare.Count - 1; i >= 0; i--)
        {
            var demand = line.WithoutShare[i];
            var isForgotten = IsForgotten(demand);
            if (!isForgotten && WorkGates.CheckSubscription(show, Allocation, demand.Requirement.LeastCores) != WorkGate.Open)
            {
                continue;
            }

            line.WithoutShare[i] = line.WithoutShare[^1];
            line.WithoutShare.RemoveAt(line.WithoutShare.Count - 1);
            if (!isForgotten)
            {
                PutInLine(demand, policy);
                woken = true;
            }
        }

        return woken;
    }

    /// <summary>The show's rank may have moved.</summary>
    public void RankAgain(Show show, ISchedulingPolicy policy)
    {
        if (_lines.TryGetValue(show, out var line))
        {
            RankAgain(line, policy);
        }
    }

    /// <summary>All shows' ranks may have moved.</summary>
    public void RankAgain(ISchedulingPolicy policy)
    {
        foreach (var line in _lines.Values)
        {
            RankAgain(line, policy);
        }
    }

    /// <summary>The kinds of work that may run on the host.</summary>
    private List<KindOfWork> KindsFor(HostPlace place)
    {
        _kinds.Clear();
        Hosts.AddKindsFor(place, _kinds);
        return _kinds;
    }

    /// <summary>Demand without room of the kinds that may run on the host, whether it is open or kept.</summary>
    public IEnumerable<DemandClass> WithoutRoomFor(HostPlace place) =>
        KindsFor(place).Distinct().SelectMany(kind => kind.WithoutRoom).Where(IsWithoutRoom);

    /// <summary>The kind of host that the demand wants here.</summary>
    public KindOfWork KindOf(DemandClass demand) => StandingOf(demand).Kind ??= Hosts.KindOf(demand.Requirement.Kind);

    private ref Standing StandingOf(DemandClass demand) => ref demand.StandingIn(number);

    private bool IsForgotten(DemandClass demand)
    {
        var isGone = demand.IsGone || demand.Count == 0;
        if (isGone)
        {
            StandingOf(demand).Place = Place.Unknown;
        }

        return isGone;
    }

    /// <summary>Takes note of its leaving the list of those without room, if it is in line again, or gone.</summary>
    private bool IsUnlisted(DemandClass demand)
    {
        if (IsWithoutRoom(demand))
        {
            return false;
        }

        StandingOf(demand).IsListed = false;
        return true;
    }

    private void PutInLine(DemandClass demand, ISchedulingPolicy policy)
    {
        ref var standing = ref StandingOf(demand);
        if (standing.Place == Place.InLine && standing.Key.IsSame(demand.First))
        {
            return;
        }

        (standing.Place, standing.Key) = (Place.InLine, demand.First);
        var line = LineOf(demand.Show.Show, policy);
        line.Demand.Enqueue(demand, demand.First);
        _order.Add(line);
    }

    private ShowLine LineOf(Show show, ISchedulingPolicy policy)
    {
        if (!_lines.TryGetValue(show, out var line))
        {
            _lines.Add(show, line = new ShowLine(show) { Rank = policy.ShowRank(show, Allocation) });
        }

        return line;
    }

    private void RankAgain(ShowLine line, ISchedulingPolicy policy)
    {
        var rank = policy.ShowRank(line.Show, Allocation);
        if (rank != line.Rank)
        {
            _order.Move(line, rank);
        }
    }
}
