using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Why a frame is as it is.</summary>
/// <param name="Frame">Its name.</param>
/// <param name="Layer">The name of its layer.</param>
/// <param name="Job">The name of its job.</param>
/// <param name="Reasons">All that holds it, the first being what the scheduler meets first.</param>
/// <param name="Hosts">All hosts, by whether they would take it; null if it does not wait.</param>
/// <param name="Place">What stands before it; null if it does not wait.</param>
public sealed record FrameAnswer(string Frame, string Layer, string Job, IReadOnlyList<Reason> Reasons, HostCount? Hosts, Place? Place);

/// <summary>Explains one frame.</summary>
/// <param name="find">Finds it in the farm.</param>
public sealed class FrameExplanation(Func<FarmModel, (Layer Layer, int Ordinal)> find) : Explanation<FrameAnswer>
{
    private Layer _layer = null!; // Begin sets these.
    private HostCounter? _hosts;
    private PlaceCounter? _place;
    private int _ordinal;

    /// <inheritdoc/>
    public override ICollection<Job> Jobs => _place is null ? [] : Context.Farm.Jobs.All;

    /// <inheritdoc/>
    public override ICollection<Host> Hosts => _hosts is null ? [] : Context.Farm.Hosts.All;

    private FrameState State => _layer.Frames[_ordinal].State;

    /// <inheritdoc/>
    public override void Begin()
    {
        (_layer, _ordinal) = find(Context.Farm);
        var looks = State is FrameState.Waiting or FrameState.Depend or FrameState.Setup && _layer.Job.Row.State != JobState.Finished;
        _hosts = looks ? new HostCounter(new Seeker(Context, _layer, _ordinal)) : null;
        _place = looks && State == FrameState.Waiting ? new PlaceCounter(Context, _layer, _ordinal) : null;
    }

    /// <inheritdoc/>
    public override void Look(Job job) => _place?.Add(job);

    /// <inheritdoc/>
    public override void Look(Host host)
    {
        _hosts?.Add(host);
        _place?.Add(host);
    }

    /// <inheritdoc/>
    public override FrameAnswer End()
    {
        var name = _layer.FrameName(_ordinal);
        Expect(_layer.InFarm, $"The frame {name}");
        var (own, place) = (FrameReasons.Of(Context, _layer, _ordinal), _place?.Count());
        var reasons = own is null ? [] : new List<Reason> { own };
        if (_hosts is not null && State is FrameState.Waiting or FrameState.Depend or FrameState.Setup)
        {
            reasons.AddRange(WaitReasons.Of(Context, _layer, _hosts, place, waits: own is null));
        }
        else if (own is null)
        {
            // It changed while hosts were looked at, or its job is over.
            reasons.AddRange(WorkReasons.Of(Context, _layer));
        }

        return new FrameAnswer(name, _layer.Row.Name, _layer.Job.Row.Name, reasons, _hosts?.Count(), place);
    }
}
