using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>What a host is, apart from amounts and its own name.</summary>
internal sealed record FamilyKey(ValueList<string> Tags, ValueList<string> Os, ThreadMode Mode)
{
    /// <summary>The family of a host. Every host may have its name as a tag; that one is looked up apart, or each would be a family of its own.</summary>
    public static FamilyKey Of(Host host, TagMatcher tags) => new(
        tags.AsPattern || !host.Row.HasHostnameTag ? host.Tags : host.Tags.Without(host.Row.Name),
        host.Row.Os,
        host.Row.ThreadMode);

    public bool Suits(HostKind kind, TagMatcher tags) => kind.SuitsOs(Os) && kind.SuitsMode(Mode) && tags.Match(kind.Tags, Tags);
}

/// <summary>Hosts of one allocation that no kind of work can tell apart, in pools.</summary>
internal sealed class HostFamily(FamilyKey key)
{
    private readonly Dictionary<PoolKey, HostPool> _byKey = [];

    public FamilyKey Key { get; } = key;

    /// <summary>Number of its hosts, those that are closed or full among them.</summary>
    public int Hosts { get; set; }

    /// <summary>Pools that have hosts.</summary>
    public List<HostPool> Pools { get; } = [];

    /// <summary>The kinds of work that may run here.</summary>
    public List<KindOfWork> Kinds { get; } = [];

    public void Put(HostPlace place, PoolKey key)
    {
        if (!_byKey.TryGetValue(key, out var pool))
        {
            _byKey.Add(key, pool = new HostPool(key));
            Pools.Add(pool);
        }

        pool.Add(place);
    }

    public void Remove(HostPlace place)
    {
        var pool = place.Pool!; // It lies in one of this family's.
        pool.Remove(place);
        place.Pool = null;
        if (pool.IsEmpty)
        {
            _byKey.Remove(pool.Key);
            Pools.Remove(pool);
        }
    }
}

/// <summary>A kind of host that is wanted in one allocation: which families are of that kind, and the demand that found no room there.</summary>
internal sealed class KindOfWork(HostKind kind)
{
    public HostKind Kind { get; } = kind;

    public List<HostFamily> Families { get; } = [];

    /// <summary>Demand of this kind that no host with something idle fits.</summary>
    public List<DemandClass> WithoutRoom { get; } = [];
}
