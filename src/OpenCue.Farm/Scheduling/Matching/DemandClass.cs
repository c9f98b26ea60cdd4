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
internal struct Standing
{
    public Place Place;

    /// <summary>True while it is in the list of those without room, though it may be in line again.</summary>
    public bool IsListed;

    /// <summary>Where it is in line, if it is. Others of its entries in the line are left over from before, and count for nothing.</summary>
    public DemandKey Key;

    public KindOfWork? Kind;
}

/// <summary>What makes layers of a show one class: what they need of a host, and the limits that count hosts, as these leave some hosts out.</summary>
internal readonly record struct ClassKey(Requirement Requirement, ValueList<EntityId> HostLimits)
{
    private static readonly ValueList<EntityId> None = [];

    public static ClassKey Of(Layer layer) =>
        new(Requirement.Of(layer), layer.Limits.Count == 0 ? None : HostLimitsOf(layer).Select(l => l.Id).ToValueList());

    public static IEnumerable<Limit> HostLimitsOf(Layer layer) => layer.Limits.Count == 0 ? [] : layer.Limits.Where(l => l.Row.Kind == LimitKind.Host);
}

/// <summary>Layers of one show that need the same of a host, in the order of service.</summary>
public sealed class DemandClass
{
    private SortedSet<DemandKey>? _behind;
    private Standing[] _standings;

    internal DemandClass(ShowDemand show, Requirement requirement, Limit[] hostLimits)
    {
        (Show, Requirement, HostLimits) = (show, requirement, hostLimits);
        _standings = new Standing[show.Facility.Allocations.Count];
    }

    /// <summary>Whose they are.</summary>
    public ShowDemand Show { get; }

    /// <summary>What they need.</summary>
    public Requirement Requirement { get; }

    /// <summary>The limits by which they may use some hosts and others not.</summary>
    internal Limit[] HostLimits { get; }

    /// <summary>Number of layers.</summary>
    public int Count { get; private set; }

    /// <summary>The first layer, if there is any.</summary>
    public DemandKey First { get; private set; }

    /// <summary>The layers.</summary>
    public IEnumerable<DemandKey> Layers => Count switch
    {
        0 => [],
        1 => [First],
        _ => _behind!.Prepend(First), // Where there are several, all but the first are behind it.
    };

    /// <summary>True once it is not used any more.</summary>
    internal bool IsGone { get; set; }

    /// <summary>How it stands in the market with this number.</summary>
    internal ref Standing StandingIn(int market)
    {
        if (market >= _standings.Length)
        {
            Array.Resize(ref _standings, Math.Max(market + 1, 2 * _standings.Length));
        }

        return ref _standings[market];
    }

    /// <summary>Whether what is idle on the host is enough for one frame, and the limits leave the host to it.</summary>
    internal bool FitsInto(Host host) => Requirement.FitsInto(host) && MayUse(host);

    /// <summary>Whether the limits leave the host to it.</summary>
    internal bool MayUse(Host host)
    {
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
        if (Count++ == 0)
        {
            First = key;
            return;
        }

        if (key.CompareTo(First) < 0)
        {
            (First, key) = (key, First);
        }

        _behind ??= [];
        _behind.Add(key);
    }

    internal void Remove(DemandKey key)
    {
        Count--;
        if (!key.IsSame(First))
        {
            _behind!.Remove(key); // What is not the first is behind it.
        }
        else if (Count > 0)
        {
            First = _behind!.Min;
            _behind.Remove(First);
        }
    }

    /// <summary>Gives a layer another place.</summary>
    internal void Move(DemandKey from, DemandKey to)
    {
        if (from.IsSame(First) && (Count == 1 || to.CompareTo(_behind!.Min) < 0))
        {
            First = to;
            return;
        }

        Remove(from);
        Add(to);
    }
}
