using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>A show's demand in one market that is in line, the first in order on top. Places that have moved back are found out when they come up.</summary>
internal sealed class ShowLine(Show show)
{
    /// <summary>The order in which they are served, turned round.</summary>
    public static IComparer<ShowLine> LastFirst { get; } =
        Comparer<ShowLine>.Create((a, b) => a.Rank != b.Rank ? b.Rank.CompareTo(a.Rank) : b.Show.Id.CompareTo(a.Show.Id));

    public Show Show { get; } = show;

    public double Rank { get; set; }

    public PriorityQueue<DemandClass, DemandKey> Demand { get; } = new();

    public List<DemandClass> WithoutShare { get; } = [];

    /// <summary>True while it is among those that are served.</summary>
    public bool IsInOrder { get; set; }
}

/// <summary>
/// Shows with demand in line, in the order in which they are served. There are few, and each booking moves one a little: they lie sorted in a list, the
/// first at its end.
/// </summary>
internal sealed class ShowOrder
{
    private readonly List<ShowLine> _lines = [];

    /// <summary>The one that goes next, or null.</summary>
    public ShowLine? First => _lines.Count > 0 ? _lines[^1] : null;

    public void Add(ShowLine line)
    {
        if (!line.IsInOrder)
        {
            _lines.Insert(~Find(line), line);
            line.IsInOrder = true;
        }
    }

    public void Remove(ShowLine line)
    {
        if (line.IsInOrder)
        {
            _lines.RemoveAt(Find(line));
            line.IsInOrder = false;
        }
    }

    /// <summary>Gives a show another rank.</summary>
    public void Move(ShowLine line, double rank)
    {
        var isInOrder = line.IsInOrder;
        Remove(line);
        line.Rank = rank;
        if (isInOrder)
        {
            Add(line);
        }
    }

    /// <summary>Where it lies; if it does not, the complement of where it would.</summary>
    private int Find(ShowLine line) => _lines.BinarySearch(line, ShowLine.LastFirst);
}
