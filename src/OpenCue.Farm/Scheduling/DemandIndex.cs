using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Layers that could run a frame if a host were found, by show and facility, and in each by what they need of a host; in the order in which they
/// would be served. Layers that a gate holds are kept aside with the gate, and come back when it may have opened.
/// </summary>
public sealed class DemandIndex(SchedulingPolicies policies)
{
    private readonly Dictionary<(EntityId Facility, EntityId Show), ShowDemand> _shows = [];
    private readonly Dictionary<Layer, DemandEntry> _entries = [];
    private readonly Dictionary<Layer, WorkGate> _held = [];
    private readonly Dictionary<Limit, HashSet<Layer>> _heldByLimit = [];
    private readonly HashSet<Layer> _heldByShare = [];
    private readonly SortedSet<(long WallMs, EntityId Layer)> _startLater = [];

    /// <summary>The time of the pass: ranks are asked for it.</summary>
    public FarmTime Now { get; set; }

    /// <summary>Number of layers that could run a frame.</summary>
    public int Count => _entries.Count;

    /// <summary>The earliest wall time at which a layer that starts later may start; null if none does.</summary>
    public long? NextStartMs => _startLater.Count > 0 ? _startLater.Min.WallMs : null;

    /// <summary>The demand of all shows in a facility.</summary>
    public IEnumerable<ShowDemand> InFacility(EntityId facility) => _shows.Values.Where(s => s.Facility == facility);

    /// <summary>The gate that holds a layer; <see cref="WorkGate.Open"/> if it is offered to hosts.</summary>
    public WorkGate GateOf(Layer layer) =>
        _entries.ContainsKey(layer) ? WorkGate.Open : _held.GetValueOrDefault(layer, WorkGate.NothingWaiting);

    /// <summary>Looks at a layer anew: offers it, holds it, or forgets it.</summary>
    public void Refresh(Layer layer, long wallMs)
    {
        Remove(layer);
        if (!layer.InFarm || layer.Waiting.Count == 0)
        {
            return;
        }

        var gate = WorkGates.Check(layer, WorkGates.LeastNeed(layer), wallMs);
        if (gate == WorkGate.Open)
        {
            Offer(layer);
        }
        else
        {
            Hold(layer, gate);
        }
    }

    /// <summary>Takes a layer out of the offer because a gate closed.</summary>
    public void Hold(Layer layer, WorkGate gate)
    {
        Remove(layer);
        if (gate == WorkGate.NothingWaiting)
        {
            return;
        }

        _held[layer] = gate;
        if (gate == WorkGate.ShowAtBurst)
        {
            _heldByShare.Add(layer);
        }
        else if (gate == WorkGate.StartsLater)
        {
            _startLater.Add((layer.Row.StartAfterMs, layer.Id));
        }
        else if (gate == WorkGate.LimitReached)
        {
            foreach (var limit in layer.Limits)
            {
                if (!_heldByLimit.TryGetValue(limit, out var layers))
                {
                    _heldByLimit.Add(limit, layers = []);
                }

                layers.Add(layer);
            }
        }
    }

    /// <summary>Layers that wait for room under the limit.</summary>
    public IReadOnlyList<Layer> HeldBy(Limit limit) =>
        _heldByLimit.TryGetValue(limit, out var layers) ? layers.ToList() : [];

    /// <summary>Layers of the show that wait for room in its share of an allocation.</summary>
    public IReadOnlyList<Layer> HeldByShareOf(Show show) => _heldByShare.Where(l => l.Job.Show == show).ToList();

    /// <summary>Layers whose start time has come.</summary>
    public IReadOnlyList<EntityId> TakeDue(long wallMs)
    {
        var due = new List<EntityId>();
        while (_startLater.Count > 0 && _startLater.Min.WallMs <= wallMs)
        {
            due.Add(_startLater.Min.Layer);
            _startLater.Remove(_startLater.Min);
        }

        return due;
    }

    /// <summary>Puts a layer at its new place after one of its frames was booked.</summary>
    public void Advance(Layer layer)
    {
        if (_entries.ContainsKey(layer))
        {
            Remove(layer);
            if (layer.Waiting.Count > 0)
            {
                Offer(layer);
            }
        }
    }

    /// <summary>The layer's place in the order of service now.</summary>
    public DemandKey KeyOf(Layer layer) => new(layer, policies.For(layer.Job.Facility).RankOf(layer.Job, Now));

    private void Offer(Layer layer)
    {
        var key = (layer.Job.Facility.Id, layer.Job.Show.Id);
        if (!_shows.TryGetValue(key, out var show))
        {
            _shows.Add(key, show = new ShowDemand(layer.Job.Facility.Id, layer.Job.Show));
        }

        var requirement = Requirement.Of(layer);
        if (!show.Classes.TryGetValue(requirement, out var demand))
        {
            show.Classes.Add(requirement, demand = new DemandClass(requirement));
        }

        var entry = new DemandEntry(show, demand, KeyOf(layer));
        demand.Layers.Add(entry.Key);
        _entries.Add(layer, entry);
    }

    private void Remove(Layer layer)
    {
        if (_entries.Remove(layer, out var entry))
        {
            entry.Class.Layers.Remove(entry.Key);
            if (entry.Class.Layers.Count == 0)
            {
                entry.Show.Classes.Remove(entry.Class.Requirement);
                if (entry.Show.Classes.Count == 0)
                {
                    _shows.Remove((entry.Show.Facility, entry.Show.Show.Id));
                }
            }
        }

        _heldByShare.Remove(layer);
        if (_held.Remove(layer, out var gate) && gate == WorkGate.LimitReached)
        {
            foreach (var layers in _heldByLimit.Values)
            {
                layers.Remove(layer);
            }
        }
    }

    private sealed record DemandEntry(ShowDemand Show, DemandClass Class, DemandKey Key);
}

/// <summary>What one show offers in one facility.</summary>
public sealed class ShowDemand(EntityId facility, Show show)
{
    /// <summary>The facility.</summary>
    public EntityId Facility { get; } = facility;

    /// <summary>The show.</summary>
    public Show Show { get; } = show;

    /// <summary>Its layers by what they need.</summary>
    public Dictionary<Requirement, DemandClass> Classes { get; } = [];
}

/// <summary>Layers of one show that need the same of a host, in the order of service.</summary>
public sealed class DemandClass(Requirement requirement)
{
    /// <summary>What they need.</summary>
    public Requirement Requirement { get; } = requirement;

    /// <summary>The layers.</summary>
    public SortedSet<DemandKey> Layers { get; } = [];
}

/// <summary>
/// A layer's place in the order of service, as it was when it was put there: jobs by the policy's rank; in a job by the frame's dispatch order, then
/// the layer's, so that the layers of a job take turns, frame by frame.
/// </summary>
public readonly struct DemandKey(Layer layer, JobRank rank) : IComparable<DemandKey>
{
    /// <summary>The layer.</summary>
    public Layer Layer { get; } = layer;

    /// <summary>Its job's rank.</summary>
    public JobRank Rank { get; } = rank;

    /// <summary>The dispatch order of its first waiting frame.</summary>
    public int FrameOrder { get; } = FirstWaiting(layer);

    private int LayerOrder { get; } = layer.Row.DispatchOrder;

    /// <summary>True if the layer's first waiting frame is still the one that the place was given for.</summary>
    public bool IsFresh => FrameOrder == FirstWaiting(Layer);

    /// <inheritdoc/>
    public int CompareTo(DemandKey other)
    {
        var byRank = Rank.CompareTo(other.Rank);
        if (byRank != 0)
        {
            return byRank;
        }

        if (Layer.Job != other.Layer.Job)
        {
            return Layer.Job.Id.CompareTo(other.Layer.Job.Id);
        }

        if (FrameOrder != other.FrameOrder)
        {
            return FrameOrder.CompareTo(other.FrameOrder);
        }

        return LayerOrder != other.LayerOrder ? LayerOrder.CompareTo(other.LayerOrder) : Layer.Id.CompareTo(other.Layer.Id);
    }

    private static int FirstWaiting(Layer layer) =>
        layer.Waiting.First() is >= 0 and var first ? layer.Frames[first].DispatchOrder : int.MaxValue;
}
