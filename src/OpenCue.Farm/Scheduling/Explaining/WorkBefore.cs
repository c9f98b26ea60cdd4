using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Where work stands that comes before a frame.</summary>
internal enum Whose
{
    /// <summary>In the frame's own job.</summary>
    Job,

    /// <summary>In another job of its show.</summary>
    Show,

    /// <summary>In another show.</summary>
    OtherShow,
}

/// <summary>
/// Frames that come before one in the order, by what they need. Those count for which there is a host that could run them if it were empty and well,
/// on an allocation where their show's share has room: others stand before nobody.
/// </summary>
internal sealed class WorkBefore(ExplainContext context, Facility facility)
{
    private readonly Dictionary<(Show Show, Requirement Requirement), long[]> _frames = [];
    private readonly HashSet<(Allocation, FamilyKey, Resources)> _seen = [];
    private readonly long[] _able = new long[3];
    private Dictionary<HostKind, List<(Show Show, Requirement Requirement, long[] Frames)>>? _unplaced;

    /// <summary>Adds a layer's frames.</summary>
    public void Add(Layer layer, Whose whose, long frames)
    {
        var key = (layer.Job.Show, Requirement.Of(layer));
        if (!_frames.TryGetValue(key, out var sums))
        {
            _frames.Add(key, sums = new long[3]);
        }

        sums[(int)whose] += frames;
    }

    /// <summary>Looks at a host, after all layers were added.</summary>
    public void Look(Host host)
    {
        _unplaced ??= _frames
            .Select(frames => (frames.Key.Show, frames.Key.Requirement, frames.Value))
            .GroupBy(frames => frames.Requirement.Kind)
            .ToDictionary(kind => kind.Key, kind => kind.ToList());
        if (_unplaced.Count == 0 || host.Allocation.Facility != facility)
        {
            return;
        }

        // Hosts of which one is like the other are asked once, but for work that asks for one by its name.
        var isNew = _seen.Add((host.Allocation, FamilyKey.Of(host, context.Scheduler.Tags), host.Row.Total));
        foreach (var (kind, unplaced) in _unplaced)
        {
            if ((isNew || kind.Tags.Contains(host.Row.Name, StringComparer.OrdinalIgnoreCase)) && kind.Suits(host, context.Scheduler.Tags))
            {
                unplaced.RemoveAll(frames => IsPlaced(frames.Show, frames.Requirement, frames.Frames, host));
                if (unplaced.Count == 0)
                {
                    _unplaced.Remove(kind);
                }
            }
        }
    }

    /// <summary>Frames that some host could run.</summary>
    public long Able(Whose whose) => _able[(int)whose];

    private bool IsPlaced(Show show, Requirement requirement, long[] frames, Host host)
    {
        if (requirement.Shortage(host.Row.Total, host.Row.ThreadMode) != default
            || Placements.IsKeptForGpus(requirement, host.Row.Total, context.Farm.Settings)
            || WorkGates.CheckSubscription(show, host.Allocation, requirement.LeastCores) != WorkGate.Open)
        {
            return false;
        }

        for (var i = 0; i < frames.Length; i++)
        {
            _able[i] += frames[i];
        }

        return true;
    }
}
