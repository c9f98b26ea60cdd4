using OpenCue.Farm.Facilities;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>What one show wants in one facility.</summary>
public sealed class ShowDemand(Facility facility, Show show)
{
    /// <summary>The facility.</summary>
    public Facility Facility { get; } = facility;

    /// <summary>The show.</summary>
    public Show Show { get; } = show;

    /// <summary>Its layers by what they need of a host. Classes without layers are kept for a while, with what is known of them.</summary>
    public Dictionary<Requirement, DemandClass> Classes { get; } = [];

    /// <summary>Classes of one layer each, which is refused where others that need the same are not.</summary>
    internal HashSet<DemandClass> Apart { get; } = [];
}

/// <summary>Where a class stands in an allocation's market.</summary>
internal enum Place
{
    /// <summary>Nothing is known of it there.</summary>
    Unknown,

    /// <summary>It waits to be matched.</summary>
    InLine,

    /// <summary>No host as they are has room for it.</summary>
    WithoutRoom,

    /// <summary>Its show's share has no room for it.</summary>
    WithoutShare,
}

/// <summary>What an allocation's market knows of a class.</summary>
internal sealed class Standing
{
    public Place Place { get; set; }

    /// <summary>Where it is in line, if it is. Others of its entries in the line are left over from before, and count for nothing.</summary>
    public DemandKey Key { get; set; }

    public KindOfWork? Kind { get; set; }
}

/// <summary>Layers of one show that need the same of a host, in the order of service.</summary>
public sealed class DemandClass(ShowDemand show, Requirement requirement)
{
    /// <summary>Whose they are.</summary>
    public ShowDemand Show { get; } = show;

    /// <summary>What they need.</summary>
    public Requirement Requirement { get; } = requirement;

    /// <summary>The layers.</summary>
    public SortedSet<DemandKey> Layers { get; } = [];

    /// <summary>The first of them.</summary>
    public DemandKey First { get; private set; }

    /// <summary>True once it is not used any more.</summary>
    internal bool IsGone { get; set; }

    private Standing?[] _standings = [];

    /// <summary>How it stands in the market with this number.</summary>
    internal Standing StandingIn(int market)
    {
        if (market >= _standings.Length)
        {
            Array.Resize(ref _standings, market + 1);
        }

        return _standings[market] ??= new Standing();
    }

    internal void Add(DemandKey key)
    {
        if (Layers.Count == 0 || key.CompareTo(First) < 0)
        {
            First = key;
        }

        Layers.Add(key);
    }

    internal void Remove(DemandKey key)
    {
        Layers.Remove(key);
        if (Layers.Count > 0 && key.CompareTo(First) == 0)
        {
            First = Layers.Min;
        }
    }

    /// <summary>Gives a layer another place.</summary>
    internal void Move(DemandKey from, DemandKey to)
    {
        if (Layers.Count == 1)
        {
            Layers.Clear();
            Layers.Add(to);
            First = to;
            return;
        }

        Remove(from);
        Add(to);
    }
}
