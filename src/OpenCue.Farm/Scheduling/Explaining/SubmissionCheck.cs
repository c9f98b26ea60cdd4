using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>
/// Says of jobs that have just been submitted which of their layers can't run as things are: no host of the farm could run them, however idle and well
/// it is, or a cap is smaller than a single frame. They are accepted all the same: hosts come, tags, caps and subscriptions change. A farm whose facility
/// has no hosts yet is being set up, so nothing is said of hosts there.
/// </summary>
/// <param name="jobs">The jobs' ids, post jobs left out.</param>
public sealed class SubmissionCheck(IReadOnlyCollection<EntityId> jobs) : Explanation<IReadOnlyList<string>>
{
    /// <summary>So many different needs are looked at.</summary>
    private const int MostNeeds = 64;

    /// <summary>So many hosts are looked at before all of them are: on a usual farm one of the first ones will do.</summary>
    private const int FirstLook = 500;

    /// <summary>So many layers are asked whether a cap holds them for good.</summary>
    private const int MostLayers = 500;

    private readonly List<Need> _open = [];
    private readonly List<string> _capped = [];

    /// <inheritdoc/>
    public override ICollection<Host> Hosts => _open.Count > 0 ? Context.Farm.Hosts.All : [];

    /// <inheritdoc/>
    public override int Needs => Math.Max(1, _open.Count);

    /// <inheritdoc/>
    public override void Begin()
    {
        _open.Clear();
        _capped.Clear();
        var needs = new Dictionary<(Requirement, Job Job), Need>();
        var asked = 0;
        foreach (var layer in jobs.Select(Context.Farm.Jobs.Find).OfType<Job>().SelectMany(WithPostJob).SelectMany(job => job.Layers))
        {
            if (asked++ < MostLayers)
            {
                _capped.AddRange(Caps(layer));
            }

            var key = (Requirement.Of(layer), layer.Job);
            if (!needs.TryGetValue(key, out var need) && needs.Count < MostNeeds && layer.Job.Facility.Allocations.Exists(a => a.Hosts.Count > 0))
            {
                needs.Add(key, need = new Need(new HostCounter(new Seeker(Context, layer))));
            }

            need?.Layers.Add(layer);
        }

        var left = FirstLook;
        foreach (var need in needs.Values)
        {
            var hosts = need.Layers[0].Job.Facility.Allocations.SelectMany(allocation => allocation.Hosts);
            if (!hosts.TakeWhile(_ => left-- > 0).Any(host => need.Counter.Seeker.Look(host).IsAble))
            {
                _open.Add(need);
            }
        }
    }

    /// <inheritdoc/>
    public override void Look(Host host)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            _open[i].Counter.Add(host);
            if (_open[i].Counter.Able > 0)
            {
                _open.RemoveAt(i);
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> End() =>
    [
        .. _capped,
        .. _open.SelectMany(need => need.Layers.Where(layer => layer.InFarm).Select(layer =>
        {
            var reason = HostReasons.Never(Context.Farm, layer, need.Counter);
            return $"the layer {layer.Row.Name} of {layer.Job.Row.Name} waits until the farm changes, no host can run it: {reason.Text} {reason.WayOut}";
        })),
    ];

    /// <summary>Caps that have no room for one frame even if nothing else runs.</summary>
    private IEnumerable<string> Caps(Layer layer)
    {
        var closed = new List<ClosedGate>();
        WorkGates.CheckCaps(layer, WorkGates.LeastNeed(layer), default, closed);
        return closed.Where(gate => gate.Need > gate.Maximum)
            .SelectMany(gate => WorkReasons.Of(Context, layer, gate))
            .Select(reason => $"the layer {layer.Row.Name} of {layer.Job.Row.Name} waits until a cap changes: {reason.Text} {reason.WayOut}");
    }

    private IEnumerable<Job> WithPostJob(Job job) => Context.Farm.Jobs.FindPostJobOf(job.Id) is { } post ? [job, post] : [job];

    private sealed record Need(HostCounter Counter)
    {
        public List<Layer> Layers { get; } = [];
    }
}
