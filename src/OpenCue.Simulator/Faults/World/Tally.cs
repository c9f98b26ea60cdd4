namespace OpenCue.Simulator.Faults.World;

/// <summary>Counts what really happened, by name: a fault that was planned and met nothing is none.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>All counts.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>How often it happened.</summary>
    public long Of(string what) => _counts.GetValueOrDefault(what);

    /// <summary>It happened.</summary>
    public void Add(string what, long times = 1) => _counts[what] = Of(what) + times;
}
