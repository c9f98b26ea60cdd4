using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Who runs next, and where. It knows what is wanted (<see cref="DemandIndex"/>) and, for each allocation, what is idle and which demand found no room
/// there (<see cref="AllocationMarket"/>). Marks on the farm say what changed; a pass looks at that and books until nothing more fits, so it costs what
/// changed and not the size of the farm.
/// </summary>
/// <remarks>
/// It belongs to the writer and works through the edit of the batch. Nothing in it is stored: <see cref="Reset"/> makes it from the farm again, which
/// is also what is done when a batch is undone.
/// </remarks>
public sealed partial class Scheduler
{
    /// <summary>Each layer in line may have another rank than it was put there with, one after the other; so many more, and ranks never hold.</summary>
    private const int MostMoves = 64;

    private readonly FarmModel _farm;
    private readonly SchedulingPolicies _policies;
    private readonly Dictionary<Facility, ISchedulingPolicy> _policyOf = [];
    private readonly Dictionary<Allocation, AllocationMarket> _markets = [];
    private readonly Queue<AllocationMarket> _toMatch = [];
    private readonly HostPlaces _places;
    private readonly TagMatcher _tags;
    private readonly HostTries _tries;
    private DemandIndex _demand;
    private int _moves;

    /// <summary>The scheduler of a farm.</summary>
    public Scheduler(FarmModel farm, SchedulingPolicies policies)
    {
        _farm = farm;
        _policies = policies;
        _places = new HostPlaces(farm);
        _tags = new TagMatcher(farm.Settings.MatchTagsAsPattern);
        Placements = new Placements(farm, _tags, Reservations);
        _tries = new HostTries(Placements, farm.StartRests, Counters);
        _demand = new DemandIndex(PolicyOf, OnFirst);
    }

    /// <summary>What is wanted, for those who ask why something waits.</summary>
    public DemandIndex Demand => _demand;

    /// <summary>The order of work.</summary>
    public SchedulingPolicies Policies => _policies;

    /// <summary>How tags are matched.</summary>
    public TagMatcher Tags => _tags;

    /// <summary>Whether a frame goes onto a host, and why not.</summary>
    public Placements Placements { get; }

    /// <summary>Hosts that are kept for layers which would starve otherwise.</summary>
    public Reservations Reservations { get; } = new();

    /// <summary>What it has done.</summary>
    public SchedulerCounters Counters { get; } = new();

    /// <summary>The wall time at which the next layer may start, or null.</summary>
    public long? NextStartMs => _demand.NextStartMs;

    /// <summary>Forgets what it knows of the farm; the next pass looks at all of it. Reservations stay.</summary>
    public void Reset()
    {
        _markets.Clear();
        _places.Clear();
        _toMatch.Clear();
        _resting.Clear();
        _capsWithRoom.Clear();
        _layersToLookAt = [];
        _hostsToLookAt = [];
        _jobsToRank.Clear();
        _layersToRank.Clear();
        _capsToLookAt.Clear();
        ForgetStarving();
        _policyOf.Clear();
        _demand = new DemandIndex(PolicyOf, OnFirst) { Now = _demand.Now };
        _farm.Marks.Everything = true;
    }

    /// <summary>Books what became possible. Stops where it may not go on, and goes on there at the next call.</summary>
    /// <param name="edit">The edit of the batch.</param>
    /// <param name="mayGoOn">Asked between small pieces of work: is time left?</param>
    /// <param name="most">Most runs to book: the bound of unsent launches.</param>
    public PassResult Pass(FarmEdit edit, Func<bool> mayGoOn, int most = int.MaxValue)
    {
        Counters.Passes++;
        if (!TakeMarks(edit.Now, mayGoOn))
        {
            return new PassResult(0, HasMore: true);
        }

        RankSome(edit.Now, mayGoOn);
        var (booked, isOver) = (0, false);
        do
        {
            booked += Reserve(edit, most - booked, mayGoOn);
            while (_toMatch.TryPeek(out var market))
            {
                while (NextBooking(market, edit.Now, mayGoOn, out isOver) is { } next)
                {
                    // Nothing is lost by finding it again: it is still first in line. One is booked in any case, or what takes all the time before,
                    // again and again, would stop the farm.
                    if (booked == most || (booked > 0 && !mayGoOn()))
                    {
                        return new PassResult(booked, HasMore: true);
                    }

                    booked += Book(edit, next) ? 1 : 0;
                }

                if (isOver)
                {
                    return new PassResult(booked, HasMore: true);
                }

                market.IsQueued = false;
                _toMatch.Dequeue();
            }

            if (_capsWithRoom.Count > 0 && !mayGoOn())
            {
                // Of thousands in line at a cap all may only have to be moved on to another: the next pass begins with those that are left.
                return new PassResult(booked, HasMore: true);
            }
        }
        while (WakeHeld(edit.Now) || _toMatch.Count > 0 || (HasToReserve && booked < most && mayGoOn()));

        return new PassResult(booked, HasMore: HasToReserve || _layersToRank.Count > 0);
    }

    private ISchedulingPolicy PolicyOf(Facility facility)
    {
        if (!_policyOf.TryGetValue(facility, out var policy))
        {
            _policyOf.Add(facility, policy = _policies.For(facility));
        }

        return policy;
    }

    private AllocationMarket MarketOf(Allocation allocation)
    {
        if (!_markets.TryGetValue(allocation, out var market))
        {
            _markets.Add(allocation, market = new AllocationMarket(_markets.Count, allocation, _places, _tags, _farm.Settings));
            foreach (var show in _demand.InFacility(allocation.Facility))
            {
                foreach (var demand in show.Classes.Values.Concat(show.Apart).Where(c => c.Count > 0))
                {
                    Offer(market, demand);
                }
            }
        }

        return market;
    }

    /// <summary>A class has something to offer that comes before what it had: all allocations of its facility look at it.</summary>
    private void OnFirst(DemandClass demand)
    {
        foreach (var allocation in demand.Show.Facility.Allocations)
        {
            if (allocation.Hosts.Count > 0 || _markets.ContainsKey(allocation))
            {
                Offer(MarketOf(allocation), demand);
            }
        }
    }

    private void Offer(AllocationMarket market, DemandClass demand)
    {
        if (market.Offer(demand, PolicyOf(market.Allocation.Facility)))
        {
            Queue(market);
        }
    }

    private void Queue(AllocationMarket market)
    {
        if (!market.IsQueued)
        {
            market.IsQueued = true;
            _toMatch.Enqueue(market);
        }
    }

    /// <summary>The next booking in an allocation. Null if there is none, or if the time is over before it is known.</summary>
    private Candidate? NextBooking(AllocationMarket market, FarmTime now, Func<bool> mayGoOn, out bool isOver)
    {
        isOver = false;
        var allocation = market.Allocation;
        var hasWoken = false;
        for (var looks = 1; market.Next() is { } demand; looks++)
        {
            if ((hasWoken || looks % LooksAtOnce == 0) && !mayGoOn())
            {
                isOver = true;
                return null;
            }

            hasWoken = false;

            Counters.Looks++;
            var key = demand.First;
            var layer = key.Layer;
            var hasMoved = key.Rank != PolicyOf(allocation.Facility).RankOf(layer.Job, now);
            _moves = hasMoved ? _moves + 1 : 0;
            if (_moves > _demand.Count + MostMoves)
            {
                _moves = 0;
                _policies.Fail(
                    allocation.Facility,
                    $"It ranks jobs differently each time, {layer.Job.Row.Name} and others: a rank must follow from the farm and the time that is given, and hold until they change.");
            }

            if (_policies.RanksMoved)
            {
                // What is in line has ranks of a policy that was left out just now: the pass ends, and the next one ranks all anew.
                isOver = true;
                return null;
            }

            if (hasMoved || !key.IsFresh)
            {
                _demand.Advance(layer);
                continue;
            }

            var gate = WorkGates.Check(layer, demand.Requirement.Least, now.WallMs);
            if (gate != WorkGate.Open)
            {
                _demand.Hold(layer, gate);
                continue;
            }

            if (WorkGates.CheckSubscription(layer.Job.Show, allocation, demand.Requirement.LeastCores) != WorkGate.Open)
            {
                market.FoundNoShare(demand, PolicyOf(allocation.Facility));
                hasWoken = WakeHeld(now);
                continue;
            }

            _tries.Begin(layer, now);
            if (market.Hosts.FindBest(market.KindOf(demand), demand.Requirement, layer, _tries) is { } place)
            {
                return new Candidate(layer, _tries.Result.Ordinal, place, _tries.Result.Reserve);
            }

            if (_tries.IsOwnFault)
            {
                // A host would do, but not for this layer: it rests there, a call about the frame is still on its way, or the frame would reserve more
                // of it than a cap allows. That is no reason to keep others from it that need the same.
                NoteRest();
                demand = _demand.SetApart(layer);
            }

            // Those that it kept waiting at a cap, and that need something else, may have come before what is next.
            market.FoundNoRoom(demand);
            hasWoken = WakeHeld(now);
        }

        return null;
    }

    private bool Book(FarmEdit edit, Candidate next)
    {
        if (Booking.Start(edit, next.Place.Host, next.Layer, next.Ordinal, next.Reserve) is null)
        {
            // The last line of defence saw what the gates did not. The layer is left alone until something about it changes.
            _demand.Hold(next.Layer, WorkGate.Refused);
            return false;
        }

        var market = next.Place.Market;
        Counters.Bookings++;
        next.Layer.LastBookedEngineMs = edit.Now.EngineMs;
        _demand.Advance(next.Layer);
        market.RankAgain(next.Layer.Job.Show, PolicyOf(market.Allocation.Facility));
        Look(next.Place, edit.Now, again: false);
        if (_farm.Marks.Limits.Count > 0)
        {
            // A user or host that holds a token from now on may let others in that come before what is next.
            TakeLimits();
            TakeLayers(edit.Now);
            WakeHeld(edit.Now);
        }
        else if (++_bookedSinceWoken == MostWokenAtOnce)
        {
            WakeHeld(edit.Now);
        }

        return true;
    }

    private readonly record struct Candidate(Layer Layer, int Ordinal, HostPlace Place, Resources Reserve);
}

/// <summary>What a pass did.</summary>
/// <param name="Booked">Number of runs booked.</param>
/// <param name="HasMore">True if it was stopped before everything that is possible was booked.</param>
public readonly record struct PassResult(int Booked, bool HasMore);
