using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>
/// Layers that could run a frame if a host were found, by facility and show, and in each by what they need of a host; in the order in which they
/// would be served. Layers that a gate holds are kept aside with the gate, and come back when it may have opened.
/// </summary>
public sealed class DemandIndex
{
    private readonly Func<Facility, ISchedulingPolicy> _policyFor;
    private readonly Action<DemandClass> _onFirst;
    private readonly Dictionary<Facility, Dictionary<Show, ShowDemand>> _facilities = [];
    private readonly Dictionary<Layer, Offer> _offers = [];
    private readonly Dictionary<Limit, HashSet<DemandClass>> _under = [];
    private readonly HeldWork _held = new();

    /// <summary>An empty index.</summary>
    /// <param name="policyFor">The policy of a facility.</param>
    /// <param name="onFirst">Called when a class has a layer to offer that comes before those that it had.</param>
    internal DemandIndex(Func<Facility, ISchedulingPolicy> policyFor, Action<DemandClass> onFirst)
    {
        _policyFor = policyFor;
        _onFirst = onFirst;
    }

    /// <summary>The time of the pass: ranks are asked for it.</summary>
    public FarmTime Now { get; internal set; }

    /// <summary>Number of layers that could run a frame.</summary>
    public int Count => _offers.Count;

    /// <summary>Number of classes that have been made and are not forgotten.</summary>
    internal int ClassCount { get; private set; }

    /// <summary>The earliest wall time at which a layer that starts later may start; null if none does.</summary>
    public long? NextStartMs => _held.NextStartMs;

    /// <summary>The demand of all shows in a facility.</summary>
    public IReadOnlyCollection<ShowDemand> InFacility(Facility facility) =>
        _facilities.TryGetValue(facility, out var shows) ? shows.Values : [];

    /// <summary>The show's demand in a facility, or null.</summary>
    public ShowDemand? Of(Show show, Facility facility) => _facilities.GetValueOrDefault(facility)?.GetValueOrDefault(show);

    /// <summary>The gate that holds a layer; <see cref="WorkGate.Open"/> if it is offered to hosts.</summary>
    public WorkGate GateOf(Layer layer) =>
        _offers.ContainsKey(layer) ? WorkGate.Open : _held.GateOf(layer) ?? WorkGate.NothingWaiting;

    /// <summary>The class in which the layer is offered; null if a gate holds it.</summary>
    public DemandClass? ClassOf(Layer layer) => _offers.TryGetValue(layer, out var offer) ? offer.Class : null;

    /// <summary>The layer's place in the order of service now. For the writer.</summary>
    public DemandKey KeyOf(Layer layer) => new(layer, _policyFor(layer.Job.Facility).RankOf(layer.Job, Now));

    /// <summary>All layers that have a place in the order of service: they could run a frame, or stand in line at a cap.</summary>
    internal IEnumerable<Layer> Ranked => _offers.Keys.Concat(_held.InLine);

    /// <summary>Looks at a layer anew: offers it, holds it, or forgets it.</summary>
    internal void Refresh(Layer layer, long wallMs)
    {
        if (!layer.InFarm || layer.Waiting.Count == 0)
        {
            Remove(layer);
            return;
        }

        var gate = WorkGates.Check(layer, Requirement.Of(layer).Least, wallMs);
        if (gate != WorkGate.Open)
        {
            Hold(layer, gate);
            return;
        }

        var key = KeyOf(layer);
        var demand = ClassFor(layer);
        if (_offers.TryGetValue(layer, out var offer) && offer.Class == demand)
        {
            if (!offer.Key.IsSame(key))
            {
                Move(layer, offer, key);
            }

            return;
        }

        Remove(layer);
        RankAgain(layer.Job);
        Put(layer, demand, key);
    }

    /// <summary>Takes a layer out of the offer because a gate closed.</summary>
    internal void Hold(Layer layer, WorkGate gate)
    {
        Remove(layer);
        if (gate != WorkGate.NothingWaiting)
        {
            _held.Add(KeyOf(layer), gate, Now.WallMs);
        }
    }

    /// <summary>Puts a layer at its new place after one of its frames was booked, or its rank moved.</summary>
    internal void Advance(Layer layer)
    {
        if (!_offers.TryGetValue(layer, out var offer))
        {
            return;
        }

        if (layer.Waiting.Count == 0)
        {
            Remove(layer);
            return;
        }

        Move(layer, offer, KeyOf(layer));
    }

    /// <summary>Something of the job changed that its rank may follow from.</summary>
    /// <remarks>All layers of a job have the same rank at all times, or they would not take turns; so looking at one is enough.</remarks>
    internal void RankAgain(Job job)
    {
        if (!job.InFarm || job.Frames[FrameState.Waiting] == 0)
        {
            return;
        }

        foreach (var layer in job.Layers)
        {
            if (_offers.TryGetValue(layer, out var offer))
            {
                var rank = _policyFor(job.Facility).RankOf(job, Now);
                if (offer.Key.Rank != rank)
                {
                    RankAll(job, rank);
                }

                return;
            }
        }
    }

    /// <summary>
    /// Offers a layer apart from others that need the same, as something keeps it from hosts that would do for them. It returns to them when something about
    /// it changes.
    /// </summary>
    internal DemandClass SetApart(Layer layer)
    {
        var offer = _offers[layer];
        var show = offer.Class.Show;
        if (show.Apart.Contains(offer.Class))
        {
            return offer.Class;
        }

        Remove(layer);
        var apart = NewClass(show, offer.Class.Requirement, offer.Class.HostLimits);
        show.Apart.Add(apart);
        Put(layer, apart, offer.Key);
        return apart;
    }

    /// <summary>
    /// Classes of layers under a limit that counts hosts. Also those that are empty for now: what is known of one must not be old when a layer comes back.
    /// </summary>
    internal IEnumerable<DemandClass> Under(Limit limit) => _under.TryGetValue(limit, out var classes) ? classes : [];

    /// <summary>The show's layers that are offered apart.</summary>
    internal IEnumerable<Layer> ApartIn(Show show, Facility facility) => Of(show, facility)?.Apart.Select(demand => demand.First.Layer) ?? [];

    /// <summary>See <see cref="HeldWork.TakeFirst"/>.</summary>
    internal bool TakeFirst(object cap, int most, long wallMs, List<Layer> layers) => _held.TakeFirst(cap, most, wallMs, layers);

    /// <summary>See <see cref="HeldWork.TakeDue"/>.</summary>
    internal IReadOnlyList<EntityId> TakeDue(long wallMs) => _held.TakeDue(wallMs);

    private void Put(Layer layer, DemandClass demand, DemandKey key)
    {
        demand.Add(key);
        _offers.Add(layer, new Offer(demand, key));
        if (demand.First.Layer == layer)
        {
            _onFirst(demand);
        }
    }

    private void Move(Layer layer, Offer offer, DemandKey key)
    {
        if (offer.Key.Rank != key.Rank)
        {
            RankAll(layer.Job, key.Rank);
        }

        MoveAlone(layer, offer, key);
    }

    private void RankAll(Job job, JobRank rank)
    {
        foreach (var layer in job.Layers)
        {
            if (_offers.TryGetValue(layer, out var offer))
            {
                MoveAlone(layer, offer, new DemandKey(layer, rank));
            }
        }
    }

    private void MoveAlone(Layer layer, Offer offer, DemandKey key)
    {
        var isEarlier = key.CompareTo(offer.Key) < 0;
        offer.Class.Move(offer.Key, key);
        offer.Key = key;
        if (isEarlier && offer.Class.First.Layer == layer)
        {
            _onFirst(offer.Class);
        }
    }

    private DemandClass ClassFor(Layer layer)
    {
        var job = layer.Job;
        if (!_facilities.TryGetValue(job.Facility, out var shows))
        {
            _facilities.Add(job.Facility, shows = []);
        }

        if (!shows.TryGetValue(job.Show, out var show))
        {
            shows.Add(job.Show, show = new ShowDemand(job.Facility, job.Show));
        }

        var key = ClassKey.Of(layer);
        if (!show.Classes.TryGetValue(key, out var demand))
        {
            show.Classes.Add(key, demand = NewClass(show, key.Requirement, [.. ClassKey.HostLimitsOf(layer)]));
        }

        return demand;
    }

    private DemandClass NewClass(ShowDemand show, Requirement requirement, Limit[] hostLimits)
    {
        var demand = new DemandClass(show, requirement, hostLimits);
        ClassCount++;
        foreach (var limit in hostLimits)
        {
            if (!_under.TryGetValue(limit, out var classes))
            {
                _under.Add(limit, classes = []);
            }

            classes.Add(demand);
        }

        return demand;
    }

    private void Remove(Layer layer)
    {
        if (_offers.Remove(layer, out var offer))
        {
            var demand = offer.Class;
            demand.Remove(offer.Key);
            if (demand.Count == 0 && demand.Show.Apart.Remove(demand))
            {
                demand.IsGone = true;
                ClassCount--;
                foreach (var limit in demand.HostLimits)
                {
                    _under[limit].Remove(demand);
                }
            }
        }
        else
        {
            _held.Remove(layer);
        }
    }

    private sealed class Offer(DemandClass demand, DemandKey key)
    {
        public DemandClass Class { get; } = demand;

        public DemandKey Key { get; set; } = key;
    }
}
