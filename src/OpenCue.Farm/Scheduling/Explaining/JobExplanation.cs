using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Layers whose frames are as they are for the same reason.</summary>
/// <param name="Reason">The reason; of several layers, that of the first.</param>
/// <param name="Layers">How many layers.</param>
/// <param name="Frames">How many of their frames.</param>
/// <param name="Examples">The names of the first few.</param>
public sealed record LayerGroup(Reason Reason, int Layers, long Frames, IReadOnlyList<string> Examples);

/// <summary>Why the frames of a job are as they are.</summary>
/// <param name="Job">Its name.</param>
/// <param name="Groups">Its layers by reason, the most frames first.</param>
/// <param name="Layers">Its layers that have frames left to run.</param>
public sealed record JobAnswer(string Job, IReadOnlyList<LayerGroup> Groups, IReadOnlyList<LayerAnswer> Layers);

/// <summary>Explains one job, layer by layer. Layers that need the same of hosts and limits are looked at together.</summary>
/// <param name="find">Finds it in the farm.</param>
public sealed class JobExplanation(Func<FarmModel, Job> find) : Explanation<JobAnswer>
{
    /// <summary>So many different needs are looked at; layers with others are explained as far as no host is needed.</summary>
    private const int MostNeeds = 64;
    private const int MostExamples = 5;
    private const int LayersAtOnce = 10;
    private const int MostLooked = 50_000;

    private readonly List<LayerPart> _parts = [];
    private readonly List<LayerAnswer> _answers = [];
    private readonly Dictionary<(Requirement, ValueList<EntityId>), HostCounter> _counters = [];
    private Job _job = null!; // Begin sets it.

    /// <inheritdoc/>
    public override ICollection<Job> Jobs => _parts.Exists(part => part.Place is not null) ? Context.Farm.Jobs.All : [];

    /// <inheritdoc/>
    public override ICollection<Host> Hosts => _counters.Count > 0 ? Context.Farm.Hosts.All : [];

    /// <inheritdoc/>
    public override int Needs => _counters.Count;

    /// <inheritdoc/>
    public override int Sums => (_parts.Count + LayersAtOnce - 1) / LayersAtOnce;

    /// <inheritdoc/>
    public override void Begin()
    {
        _job = find(Context.Farm);
        _parts.Clear();
        _counters.Clear();
        _answers.Clear();
        var isFirst = true;
        foreach (var layer in _job.Layers)
        {
            var waits = layer.Waiting.Count > 0 && LayerPart.HasMore(layer);
            _parts.Add(new LayerPart(layer, CounterOf(layer), waits && isFirst ? new PlaceCounter(Context, layer) : null));
            isFirst &= !waits;
        }
    }

    /// <inheritdoc/>
    public override void Look(Job job)
    {
        foreach (var part in _parts)
        {
            part.Place?.Add(job);
        }
    }

    /// <inheritdoc/>
    public override void Look(Host host)
    {
        foreach (var counter in _counters.Values)
        {
            counter.Add(host);
        }

        foreach (var part in _parts)
        {
            part.Place?.Add(host);
        }
    }

    /// <inheritdoc/>
    public override void Sum(int part)
    {
        var first = _parts.Find(layer => layer.Place is not null)?.Place?.Count();
        var looked = MostLooked / _parts.Count;
        foreach (var layer in _parts.Skip(part * LayersAtOnce).Take(LayersAtOnce).Where(layer => layer.Layer.InFarm))
        {
            _answers.Add(layer.Answer(Context, first, looked));
        }
    }

    /// <inheritdoc/>
    public override JobAnswer End()
    {
        Expect(_job.InFarm, $"The job {_job.Row.Name}");
        var groups = _answers
            .SelectMany(answer => answer.Groups.Select(group => (answer.Layer, Group: group)))
            .GroupBy(item => (item.Group.Reason.Code, item.Group.Reason.Subject))
            .Select(same => new LayerGroup(
                same.First().Group.Reason,
                same.Count(),
                same.Sum(item => (long)item.Group.Frames),
                [.. same.Select(item => item.Layer).Take(MostExamples)]))
            .OrderByDescending(group => group.Frames)
            .ThenBy(group => group.Reason.Code);
        return new JobAnswer(_job.Row.Name, [.. groups], [.. _answers.Where(answer => answer.Reasons.Count > 0)]);
    }

    private HostCounter? CounterOf(Layer layer)
    {
        if (!LayerPart.HasMore(layer))
        {
            return null;
        }

        var key = (Requirement.Of(layer), layer.Row.LimitIds);
        if (!_counters.TryGetValue(key, out var counter) && _counters.Count < MostNeeds)
        {
            _counters.Add(key, counter = new HostCounter(new Seeker(Context, layer)));
        }

        return counter;
    }
}
