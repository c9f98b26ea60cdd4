using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// A host search. Values of one field widen it, fields narrow it, an empty field does not restrict; case matters. Patterns are matched outside of
/// the engine, on copies of the names.
/// </summary>
internal sealed class HostSearch
{
    private readonly HashSet<EntityId>? _ids;
    private readonly HashSet<string>? _names;
    private readonly HashSet<string>? _allocations;
    private readonly HashSet<Wire.HardwareState>? _states;
    private readonly HashSet<Wire.LockState>? _locks;
    private readonly Func<string, bool>? _regex;
    private readonly Func<string, bool>? _substring;
    private readonly string? _within;

    private HostSearch(Wire.HostSearchCriteria criteria, string? within)
    {
        _ids = Criteria.Ids(criteria.Ids);
        _names = Criteria.Texts(criteria.Hosts);
        _allocations = Criteria.Texts(criteria.Allocs);
        _states = criteria.States is { State.Count: > 0 } states ? [.. states.State] : null;
        _locks = criteria.LockStates is { State.Count: > 0 } locks ? [.. locks.State] : null;
        _regex = TextPattern.Any(criteria.Regex, "r.regex", TextPattern.Regular);
        _substring = TextPattern.Any(criteria.Substr, "r.substr", TextPattern.Substring);
        _within = within;
    }

    /// <summary>Reads the criteria; none at all means all hosts.</summary>
    /// <param name="criteria">The criteria.</param>
    /// <param name="within">The full name of the allocation that all hosts must be of, or null.</param>
    /// <exception cref="FarmException">A pattern is none.</exception>
    public static HostSearch Of(Wire.HostSearchCriteria? criteria, string? within = null) => new(criteria ?? new Wire.HostSearchCriteria(), within);

    /// <summary>The hosts that match, by name.</summary>
    public async Task<Wire.HostSeq> ReadAsync(FarmAccess access, IMessage request, ServerCallContext context)
    {
        var candidates = await access.ReadAsync(request, context, Candidates);
        var ids = candidates.FindAll(host => (_substring is null || _substring(host.Name)) && (_regex is null || _regex(host.Name))).ConvertAll(host => host.Id);
        return Seq(await access.ReadListAsync<EntityId, Wire.Host>(request, context, _ => ids, Read));
    }

    /// <summary>Adds the host with this id; nothing if it is gone.</summary>
    public static void Read(FarmModel farm, EntityId id, List<Wire.Host> found)
    {
        if (farm.Hosts.TryGet(id, out var host))
        {
            found.Add(HostMessages.Of(host));
        }
    }

    /// <summary>The hosts, by name.</summary>
    public static Wire.HostSeq Seq(List<Wire.Host> hosts)
    {
        hosts.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new Wire.HostSeq { Hosts = { hosts } };
    }

    /// <summary>The hosts that come into question by what is quickly told. A query.</summary>
    private List<(EntityId Id, string Name)> Candidates(FarmModel farm)
    {
        var found = new List<(EntityId, string)>();
        foreach (var host in farm.Hosts.All)
        {
            if (Matches(host))
            {
                found.Add((host.Id, host.Row.Name));
            }
        }

        return found;
    }

    private bool Matches(Host host) =>
        (_ids is null || _ids.Contains(host.Id))
        && (_names is null || _names.Contains(host.Row.Name))
        && (_allocations is null || _allocations.Contains(host.Allocation.Row.Name))
        && (_within is null || host.Allocation.Row.Name == _within)
        && (_states is null || _states.Contains((Wire.HardwareState)host.Row.State))
        && (_locks is null || _locks.Contains((Wire.LockState)host.LockState));
}
