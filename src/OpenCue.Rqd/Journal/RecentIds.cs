using System.Collections;

namespace OpenCue.Rqd.Journal;

/// <summary>A bounded set of ids: the oldest make room.</summary>
/// <remarks>Enough for its use: a launch or kill that arrives after this many later runs does not happen, cuebot's calls end within seconds.</remarks>
internal sealed class RecentIds : IEnumerable<string>
{
    public const int Capacity = 10_000;

    private readonly Queue<string> _order = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    public int Count => _ids.Count;

    public bool Contains(string id) => _ids.Contains(id);

    public void Add(string id)
    {
        if (!_ids.Add(id))
        {
            return;
        }

        _order.Enqueue(id);
        if (_order.Count > Capacity)
        {
            _ids.Remove(_order.Dequeue());
        }
    }

    public IEnumerator<string> GetEnumerator() => _order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
