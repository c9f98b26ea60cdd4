using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
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
    internal Dictionary<ClassKey, DemandClass> Classes { get; } = [];

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

    /// <summary>True while it is in the list of those without room, though it may be in line again.</summary>
    public bool IsListed { get; set; }

    /// <summary>Where it is in line, if it is. Others of its entries in the line are left over from before, and count for nothing.</summary>
    public DemandKey Key { get; set; }

    public KindOfWork? Kind { get; set; }
}

/// <summary>What makes layers of a show one class: what they need of a host, and the limits that count hosts, as these leave some hosts out.</summary>
internal readonly record struct ClassKey(Requirement Requirement, ValueList<EntityId> HostLimits)
{
    public static ClassKey Of(Layer layer) => new(Requirement.Of(layer), HostLimitsOf(layer).Select(l => l.Id).ToValueList());

    public static IEnumerable<Limit> HostLimitsOf(Layer layer) => layer.Limits.Count == 0 ? [] : layer.Limits.Where(l => l.Row.Kind == LimitKind.Host);
}

/// <summary>Layers of one show that need the same of a host, in the order of service.</summary>
public sealed class DemandClass
{
    internal DemandClass(ShowDemand show, Requirement requirement, Limit[] hostLimits) => (Show, Requirement, HostLimits) = (show, requirement, hostLimits);

    /// <summary>Whose they are.</summary>
    public ShowDemand Show { get; }

    /// <summary>What they need.</summary>
    public Requirement Requirement { get; }

    /// <summary>The limits by which they may use some hosts and others not.</summary>
    internal Limit[] HostLimits { get; }

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

    /// <summary>Whether what is idle on the host is enough for one frame, and the limits leave the host to it.</summary>
    internal bool FitsInto(Host host)
    {
        if (!Requirement.FitsInto(host))
        {
            return false;
        }

        foreach (var limit in HostLimits)
        {
            if (!limit.HasRoomFor(host, ""))
            {
                return false;
            }
        }

        return true;
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
