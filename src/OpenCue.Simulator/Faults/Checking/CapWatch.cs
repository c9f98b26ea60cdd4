using OpenCue.Farm.Limits;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>No cap is passed by a booking. One that is lowered below what runs stays passed until frames end, and nothing more is booked meanwhile.</summary>
internal sealed class CapWatch(SimWorld world)
{
    private static readonly LimitKind[] Kinds = Enum.GetValues<LimitKind>();

    private readonly Dictionary<(string Kind, EntityId Id), (int Use, int Cap)> _last = [];
    private FarmModel? _farm;

    /// <summary>A server took back batches that are not durable: what is counted now is of an earlier time.</summary>
    public void Forget() => _last.Clear();

    /// <summary>Looks at all caps between two turns of the writer.</summary>
    public void Check(FarmModel farm)
    {
        if (!ReferenceEquals(_farm, farm))
        {
            _farm = farm;
            _last.Clear();
        }

        foreach (var subscription in farm.Subscriptions.Values)
        {
            Check("subscription", subscription.Id, subscription.Use.CorePoints, subscription.Row.Burst);
        }

        foreach (var job in farm.Jobs.All)
        {
            Check("job", job.Id, job.Use.CorePoints, job.Row.MaxCores);
        }

        foreach (var group in farm.Groups.Values)
        {
            Check("group", group.Id, group.Use.CorePoints, group.Row.MaxCores < 0 ? int.MaxValue : group.Row.MaxCores);
        }

        foreach (var host in farm.Hosts.All)
        {
            Check("host", host.Id, host.Procs.Count, host.Row.MaxProcs > 0 ? host.Row.MaxProcs : int.MaxValue);
        }

        foreach (var limit in farm.Limits.All)
        {
            Check($"limit by {limit.Row.Kind}", limit.Id, limit.Tokens, limit.Capacity);
            foreach (var kind in Kinds.Where(k => k != limit.Row.Kind))
            {
                _last.Remove(($"limit by {kind}", limit.Id));
            }
        }
    }

    private void Check(string kind, EntityId id, int use, int cap)
    {
        if (_last.TryGetValue((kind, id), out var last) && use > last.Use && use > Math.Max(cap, last.Cap))
        {
            world.Break("CAP", $"the {kind} {id} may have {cap} and has {use} now, after {last.Use}");
        }

        _last[(kind, id)] = (use, cap);
    }
}
