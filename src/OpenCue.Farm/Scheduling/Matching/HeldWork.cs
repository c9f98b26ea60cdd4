using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>
/// Layers that a gate holds, with what would open it. Layers held by a cap stand in line there, in the order of service, so that a token that
/// comes free wakes the few that come next and not all thousands that wait for it. A layer under several limits stands in line at those that have no room.
/// </summary>
internal sealed class HeldWork
{
    /// <summary>What booking refused although all gates were open is tried again after so long, ms.</summary>
    private const long RefusedForMs = 10_000;

    /// <summary>So many layers of a line that another gate holds by now are moved there at once; the others follow.</summary>
    private const int MostMoved = 256;

    private readonly Dictionary<Layer, Held> _held = [];
    private readonly Dictionary<object, Dictionary<LineKey, SortedSet<DemandKey>>> _lines = [];
    private readonly SortedSet<(long WallMs, EntityId Layer)> _startLater = [];

    /// <summary>The earliest wall time at which a layer that starts later may start; null if none does.</summary>
    public long? NextStartMs => _startLater.Count > 0 ? _startLater.Min.WallMs : null;

    /// <summary>The gate that holds the layer, or null.</summary>
    public WorkGate? GateOf(Layer layer) => _held.TryGetValue(layer, out var held) ? held.Gate : null;

    /// <summary>Layers in line at a cap.</summary>
    public IEnumerable<Layer> InLine => _held.Where(held => held.Value.Caps.Length > 0).Select(held => held.Key);

    public void Add(DemandKey key, WorkGate gate, long wallMs)
    {
        var layer = key.Layer;
        var least = Requirement.Of(layer).Least;
        object[] caps = gate switch
        {
            WorkGate.JobAtMaxCores or WorkGate.JobAtMaxGpus => [layer.Job],
            WorkGate.GroupAtMaxCores or WorkGate.GroupAtMaxGpus => [layer.Job.Group],
            WorkGate.LimitReached => [.. layer.Limits.Where(l => !l.HasRoomFor(host: null, layer.Job.Row.User))],
            _ => [],
        };
        long? dueMs = gate switch
        {
            WorkGate.StartsLater => layer.Row.StartAfterMs,
            WorkGate.Refused => wallMs + RefusedForMs,
            _ => null,
        };
        var line = new LineKey(layer.Job.Show, gate == WorkGate.LimitReached ? layer.Job.Row.User : null, least.CorePoints, least.Gpus);
        _held.Add(layer, new Held(gate, key, caps, line, dueMs));
        foreach (var cap in caps)
        {
            if (!_lines.TryGetValue(cap, out var lines))
            {
                _lines.Add(cap, lines = []);
            }

            if (!lines.TryGetValue(line, out var keys))
            {
                lines.Add(line, keys = []);
            }

            keys.Add(key);
        }

        if (dueMs is { } due)
        {
            _startLater.Add((due, layer.Id));
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
            var lines = _lines[cap];
            var keys = lines[held.Line];
            keys.Remove(held.Key);
            if (keys.Count == 0 && lines.Remove(held.Line) && lines.Count == 0)
            {
                _lines.Remove(cap);
            }
        }

        if (held.DueMs is { } due)
        {
            _startLater.Remove((due, layer.Id));
        }
    }

    /// <summary>
    /// The first layers in line at a cap that it holds no more: of each line so many that may go now, at the most. True if there may be more.
    /// </summary>
    public bool TakeFirst(object cap, int most, long wallMs, List<Layer> layers)
    {
        if (!_lines.TryGetValue(cap, out var lines))
        {
            return false;
        }

        var more = false;
        foreach (var (line, keys) in lines)
        {
            if (!HasRoom(cap, line))
            {
                continue;
            }

            var (free, moved) = (0, 0);
            foreach (var key in keys)
            {
                // Also if another gate holds it now: then it has to stand in line there.
                layers.Add(key.Layer);
                _ = WorkGates.Check(key.Layer, Requirement.Of(key.Layer).Least, wallMs) == WorkGate.Open ? free++ : moved++;
                if (free == most || moved == MostMoved)
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

    /// <summary>Whether the cap, by itself, holds those in this line no more.</summary>
    private static bool HasRoom(object cap, LineKey line) => cap switch
    {
        Limit limit => limit.HasRoomFor(host: null, line.User ?? ""),
        Job job => IsUnder(job.Use.CorePoints, line.CorePoints, job.Row.MaxCores) && IsUnder(job.Use.Gpus, line.Gpus, job.Row.MaxGpus),
        Group group => (group.Row.MaxCores < 0 || IsUnder(group.Use.CorePoints, line.CorePoints, group.Row.MaxCores))
            && (group.Row.MaxGpus < 0 || IsUnder(group.Use.Gpus, line.Gpus, group.Row.MaxGpus)),
        _ => true,
    };

    private static bool IsUnder(int use, int more, int maximum) => more <= 0 || use + more <= maximum;

    /// <summary>What a cap's answer follows from: all in a line get the same, so one question is enough for thousands.</summary>
    private readonly record struct LineKey(Show Show, string? User, int CorePoints, int Gpus);

    private sealed record Held(WorkGate Gate, DemandKey Key, object[] Caps, LineKey Line, long? DueMs);
}
