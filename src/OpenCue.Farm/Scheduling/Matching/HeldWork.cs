using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>
/// Layers that a gate holds, with what would open it. Layers held by a cap stand in line there, in the order of service, so that a token that
/// comes free wakes the few that come next and not all thousands that wait for it.
/// </summary>
internal sealed class HeldWork
{
    /// <summary>What booking refused although all gates were open is tried again after so long, ms.</summary>
    private const long RefusedForMs = 10_000;

    private readonly Dictionary<Layer, Held> _held = [];
    private readonly Dictionary<object, Dictionary<Show, SortedSet<DemandKey>>> _lines = [];
    private readonly SortedSet<(long WallMs, EntityId Layer)> _startLater = [];

    /// <summary>The earliest wall time at which a layer that starts later may start; null if none does.</summary>
    public long? NextStartMs => _startLater.Count > 0 ? _startLater.Min.WallMs : null;

    /// <summary>The gate that holds the layer, or null.</summary>
    public WorkGate? GateOf(Layer layer) => _held.TryGetValue(layer, out var held) ? held.Gate : null;

    public void Add(DemandKey key, WorkGate gate, long wallMs)
    {
        var layer = key.Layer;
        object[] caps = gate switch
        {
            WorkGate.JobAtMaxCores or WorkGate.JobAtMaxGpus => [layer.Job],
            WorkGate.GroupAtMaxCores or WorkGate.GroupAtMaxGpus => [layer.Job.Group],
            WorkGate.LimitReached => [.. layer.Limits],
            _ => [],
        };
        _held.Add(layer, new Held(gate, key, caps, layer.Job.Show));
        foreach (var cap in caps)
        {
            if (!_lines.TryGetValue(cap, out var shows))
            {
                _lines.Add(cap, shows = []);
            }

            if (!shows.TryGetValue(layer.Job.Show, out var line))
            {
                shows.Add(layer.Job.Show, line = []);
            }

            line.Add(key);
        }

        if (gate == WorkGate.StartsLater)
        {
            _startLater.Add((layer.Row.StartAfterMs, layer.Id));
        }
        else if (gate == WorkGate.Refused)
        {
            _startLater.Add((wallMs + RefusedForMs, layer.Id));
        }
    }

    public void Remove(Layer layer)
    {
        if (!_held.Remove(layer, out var held))
        {
            return;
        }

        foreach (var cap in held.Caps)
        {
            var shows = _lines[cap];
            var line = shows[held.Show];
            line.Remove(held.Key);
            if (line.Count == 0 && shows.Remove(held.Show) && shows.Count == 0)
            {
                _lines.Remove(cap);
            }
        }
    }

    /// <summary>
    /// The first layers in line at a cap that it holds no more: of each show so many that may go now, at the most. True if there may be more.
    /// </summary>
    public bool TakeFirst(object cap, int most, long wallMs, List<Layer> layers)
    {
        if (!HasRoom(cap) || !_lines.TryGetValue(cap, out var shows))
        {
            return false;
        }

        var more = false;
        foreach (var line in shows.Values)
        {
            var taken = 0;
            foreach (var key in line)
            {
                var gate = WorkGates.Check(key.Layer, Requirement.Of(key.Layer).Least, wallMs);
                if (gate == _held[key.Layer].Gate)
                {
                    continue;
                }

                // Also if another gate holds it now: then it has to stand in line there.
                layers.Add(key.Layer);
                taken += gate == WorkGate.Open ? 1 : 0;
                if (taken == most)
                {
                    more = true;
                    break;
                }
            }
        }

        return more;
    }

    /// <summary>Layers whose start time has come.</summary>
    public IReadOnlyList<EntityId> TakeDue(long wallMs)
    {
        if (_startLater.Count == 0 || _startLater.Min.WallMs > wallMs)
        {
            return [];
        }

        var due = new List<EntityId>();
        while (_startLater.Count > 0 && _startLater.Min.WallMs <= wallMs)
        {
            due.Add(_startLater.Min.Layer);
            _startLater.Remove(_startLater.Min);
        }

        return due;
    }

    /// <summary>Whether it is worth walking along the line at all.</summary>
    private static bool HasRoom(object cap) => cap switch
    {
        Limit limit => limit.Row.Kind != LimitKind.Frame || limit.Tokens < limit.Capacity,
        Job job => job.Use.CorePoints < job.Row.MaxCores,
        Group group => group.Row.MaxCores < 0 || group.Use.CorePoints < group.Row.MaxCores,
        _ => true,
    };

    private sealed record Held(WorkGate Gate, DemandKey Key, object[] Caps, Show Show);
}
