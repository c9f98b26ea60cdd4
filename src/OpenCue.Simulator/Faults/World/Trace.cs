namespace OpenCue.Simulator.Faults.World;

/// <summary>What happened, line by line. The whole of it has a fingerprint, so that two runs can be compared; the last lines are kept for people.</summary>
internal sealed class Trace(Func<long> now, int keep)
{
    private readonly Queue<string> _lines = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Fingerprint of all lines so far.</summary>
    public ulong Fingerprint { get; private set; } = 14695981039346656037UL;

    /// <summary>Number of lines so far.</summary>
    public int Count { get; private set; }

    /// <summary>The last lines.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Gives a long id a short name for people.</summary>
    public string Name(string kind, EntityId id)
    {
        var text = id.ToString();
        if (!_names.TryGetValue(text, out var name))
        {
            name = $"{kind}{_names.Count + 1}";
            _names.Add(text, name);
        }

        return name;
    }

    /// <summary>Adds a line.</summary>
    public void Add(string what)
    {
        Count++;
        foreach (var letter in what)
        {
            Fingerprint = (Fingerprint ^ letter) * 1099511628211UL;
        }

        Fingerprint = (Fingerprint ^ (ulong)now()) * 1099511628211UL;
        if (keep > 0)
        {
            if (_lines.Count >= keep)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(now()):d\\.hh\\:mm\\:ss\\.fff}  {what}"));
        }
    }
}
