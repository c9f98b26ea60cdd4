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
    private const int HostsAtOnce = 200;

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
        var candidates = await access.ReadListAsync<EntitySlice<Host>, (EntityId Id, string Name)>(
            request, context, farm => EntitySlice<Host>.Of(farm, farm.Hosts.All), AddCandidates);
        var matching = candidates.FindAll(host => (_substring is null || _substring(host.Name)) && (_regex is null || _regex(host.Name)));
        return Seq(await access.ReadListAsync<EntityId, Wire.Host>(request, context, _ => matching.ConvertAll(host => host.Id), Read));
    }

    /// <summary>All of some hosts, by name.</summary>
    public static async Task<Wire.HostSeq> ReadAllAsync(
        FarmAccess access, IMessage request, ServerCallContext context, Func<FarmModel, ICollection<Host>> which) =>
        Seq(await access.ReadListAsync<EntitySlice<Host>, Wire.Host>(
            request,
            context,
            farm => EntitySlice<Host>.Of(farm, which(farm), HostsAtOnce),
            (farm, slice, found) => found.AddRange(slice.In(farm).Select(HostMessages.Of))));

    private static void Read(FarmModel farm, EntityId id, List<Wire.Host> found)
    {
        if (farm.Hosts.TryGet(id, out var host))
        {
            found.Add(HostMessages.Of(host));
        }
    }

    private static Wire.HostSeq Seq(List<Wire.Host> hosts)
    {
        hosts.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new Wire.HostSeq { Hosts = { hosts } };
    }

    /// <summary>Adds the hosts that come into question by what is quickly told.</summary>
    private void AddCandidates(FarmModel farm, EntitySlice<Host> slice, List<(EntityId Id, string Name)> found)
    {
        foreach (var host in slice.In(farm).Where(Matches))
        {
            found.Add((host.Id, host.Row.Name));
        }
    }

    private bool Matches(Host host) =>
        (_ids is null || _ids.Contains(host.Id))
        && (_names is null || _names.Contains(host.Row.Name))
        && (_allocations is null || _allocations.Contains(host.Allocation.Row.Name))
        && (_within is null || host.Allocation.Row.Name == _within)
        && (_states is null || _states.Contains((Wire.HardwareState)host.Row.State))
        && (_locks is null || _locks.Contains((Wire.LockState)host.LockState));
}
