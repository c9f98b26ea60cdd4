using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// A proc search. Values of one field widen it, fields narrow it, an empty field does not restrict; of ranges and bounds only the first counts.
/// Only procs that run something are found.
/// </summary>
internal sealed class ProcSearch
{
    private const int HostsAtOnce = 50;

    private readonly HashSet<string>? _hosts;
    private readonly HashSet<string>? _jobs;
    private readonly HashSet<string>? _layers;
    private readonly HashSet<string>? _shows;
    private readonly HashSet<string>? _allocations;
    private readonly long _leastKib = long.MinValue;
    private readonly long _mostKib = long.MaxValue;
    private readonly long _leastSeconds = long.MinValue;
    private readonly long _mostSeconds = long.MaxValue;
    private readonly int _skip;
    private readonly int _most = int.MaxValue;

    private ProcSearch(Wire.ProcSearchCriteria criteria)
    {
        _hosts = Criteria.Texts(criteria.Hosts);
        _jobs = Criteria.Texts(criteria.Jobs);
        _layers = Criteria.Texts(criteria.Layers);
        _shows = Criteria.Texts(criteria.Shows);
        _allocations = Criteria.Texts(criteria.Allocs);
        if (criteria.MemoryRange is [var memory, ..])
        {
            (_leastKib, _mostKib) = (memory.Min, memory.Max);
        }

        if (criteria.MemoryGreaterThan is [var least, ..])
        {
            _leastKib = Math.Max(_leastKib, least.Value);
        }

        // In OpenCue it means "at least", like the field before it.
        if (criteria.MemoryLessThan is [var most, ..])
        {
            _mostKib = Math.Min(_mostKib, most.Value);
        }

        if (criteria.DurationRange is [var seconds, ..])
        {
            (_leastSeconds, _mostSeconds) = (seconds.Min, seconds.Max);
        }

        _skip = Math.Max(0, criteria.FirstResult - 1);
        if (criteria.MaxResults is [> 0 and var results, ..])
        {
            _most = results;
        }
    }

    /// <summary>Reads the criteria; none at all means all procs.</summary>
    public static ProcSearch Of(Wire.ProcSearchCriteria? criteria) => new(criteria ?? new Wire.ProcSearchCriteria());

    /// <summary>The procs that match, by host and then by start of their frames.</summary>
    public async Task<Wire.ProcSeq> ReadAsync(FarmAccess access, IMessage request, ServerCallContext context)
    {
        var nowMs = access.NowMs;
        var found = await access.ReadListAsync<EntitySlice<Host>, Wire.Proc>(
            request,
            context,
            farm => EntitySlice<Host>.Of(farm, farm.Hosts.All, HostsAtOnce),
            (farm, slice, procs) =>
            {
                foreach (var host in slice.In(farm).Where(MayHold))
                {
                    Add(host, procs, proc => Matches(proc, nowMs));
                }
            });
        return Seq(found, _skip, _most);
    }

    /// <summary>Adds the procs of a host that run something.</summary>
    public static void Add(Host host, List<Wire.Proc> procs, Func<Proc, bool>? matches = null)
    {
        foreach (var proc in host.Procs)
        {
            if (proc.Run is { } run && (matches is null || matches(proc)))
            {
                procs.Add(ProcMessages.Of(proc, run));
            }
        }
    }

    /// <summary>A part of the procs, by host and then by start of their frames.</summary>
    public static Wire.ProcSeq Seq(List<Wire.Proc> procs, int skip = 0, int most = int.MaxValue)
    {
        procs.Sort((a, b) =>
            string.CompareOrdinal(a.Name, b.Name) is var byName and not 0 ? byName
            : a.DispatchTime != b.DispatchTime ? a.DispatchTime.CompareTo(b.DispatchTime)
            : string.CompareOrdinal(a.Id, b.Id));
        return new Wire.ProcSeq { Procs = { procs.Skip(skip).Take(most) } };
    }

    private bool MayHold(Host host) =>
        host.Procs.Count > 0
        && (_hosts is null || _hosts.Contains(host.Row.Name))
        && (_allocations is null || _allocations.Contains(host.Allocation.Row.Name));

    private bool Matches(Proc proc, long nowMs)
    {
        var seconds = (nowMs - proc.DispatchedAtMs + 500) / 1000;
        return (_jobs is null || _jobs.Contains(proc.Job.Row.Name))
            && (_layers is null || _layers.Contains(proc.Layer.Row.Name))
            && (_shows is null || _shows.Contains(proc.Job.Show.Row.Name))
            && proc.Row.Reserved.MemoryKib >= _leastKib && proc.Row.Reserved.MemoryKib <= _mostKib
            && seconds >= _leastSeconds && seconds <= _mostSeconds;
    }
}
