using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Depends;

/// <summary>
/// Finds layers that wait for themselves through others. OpenCue looks for no cycles, and clients may make depends in an order in which one
/// closes for a moment, so it is a warning and no refusal.
/// </summary>
public static class DependCycles
{
    /// <summary>Depends that are looked at before the search gives up: a warning must not cost much.</summary>
    private const int MostDepends = 200_000;

    /// <summary>
    /// A sentence about a cycle that can be reached from these layers, or null. Only what holds whole layers is followed, and
    /// frame-by-frame depends; single frames and previous frames may go in circles between layers without harm.
    /// </summary>
    public static string? Find(IEnumerable<Layer> from)
    {
        var search = new Search();
        foreach (var layer in from)
        {
            if (search.Visit(layer) is { } cycle)
            {
                return $"these layers wait for each other and will never run: {cycle}";
            }
        }

        return null;
    }

    /// <summary>A depth-first search with a stack of its own: a chain may be as long as a job has layers.</summary>
    private sealed class Search
    {
        private readonly Dictionary<Job, ILookup<Layer, Depend>> _waits = [];
        private readonly HashSet<Layer> _done = [];
        private readonly List<Layer> _path = [];
        private readonly HashSet<Layer> _onPath = [];
        private int _looked;

        public string? Visit(Layer start)
        {
            var open = new Stack<IEnumerator<Layer>>();
            Enter(start, open);
            while (open.Count > 0)
            {
                if (!open.Peek().MoveNext())
                {
                    open.Pop().Dispose();
                    _done.Add(_path[^1]);
                    _onPath.Remove(_path[^1]);
                    _path.RemoveAt(_path.Count - 1);
                }
                else if (_onPath.Contains(open.Peek().Current))
                {
                    var cycle = _path.SkipWhile(l => l != open.Peek().Current).Select(l => l.Row.Name);
                    return string.Join(" on ", cycle.Append(open.Peek().Current.Row.Name));
                }
                else if (_looked < MostDepends)
                {
                    Enter(open.Peek().Current, open);
                }
            }

            return null;
        }

        private void Enter(Layer layer, Stack<IEnumerator<Layer>> open)
        {
            if (!_done.Contains(layer))
            {
                _path.Add(layer);
                _onPath.Add(layer);
                open.Push(WaitsFor(layer).GetEnumerator());
            }
        }

        private IEnumerable<Layer> WaitsFor(Layer layer)
        {
            foreach (var depend in WaitsOf(layer.Job)[layer])
            {
                IEnumerable<Layer> on = depend.OnLayer is { } single ? [single] : depend.OnJob.Layers;
                foreach (var other in on)
                {
                    yield return other;
                }
            }
        }

        private ILookup<Layer, Depend> WaitsOf(Job job)
        {
            if (!_waits.TryGetValue(job, out var waits))
            {
                _looked += job.WaitsOn.Count;
                waits = job.WaitsOn
                    .Where(d => d.Row.Active && d.Row.ErFrame is null && d.Row.Type != DependType.PreviousFrame)
                    .SelectMany(d => (d.ErLayer is { } er ? [er] : job.Layers).Select(l => (Layer: l, Depend: d)))
                    .ToLookup(w => w.Layer, w => w.Depend);
                _waits.Add(job, waits);
            }

            return waits;
        }
    }
}
