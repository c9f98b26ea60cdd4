using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>How many frames stand before one, of those that no gate holds and that some host could run.</summary>
/// <param name="InLayer">In its own layer.</param>
/// <param name="InJob">In other layers of its job.</param>
/// <param name="InShow">In other jobs of its show.</param>
/// <param name="InShows">In shows that go first on an allocation that it may use.</param>
/// <param name="Policy">The name of the order.</param>
public sealed record Place(long InLayer, long InJob, long InShow, long InShows, string Policy)
{
    /// <summary>All.</summary>
    public long Before => InLayer + InJob + InShow + InShows;
}

/// <summary>Counts what stands before a frame in the order of its facility: first job by job, then host by host what could run at all.</summary>
internal sealed class PlaceCounter
{
    private readonly ExplainContext _context;
    private readonly Layer _layer;
    private readonly int _order;
    private readonly ISchedulingPolicy _policy;
    private readonly JobRank _rank;
    private readonly HashSet<Show> _showsBefore;
    private readonly WorkBefore _before;
    private long _inLayer;

    /// <summary>A counter for the frame, or for the first one that waits.</summary>
    public PlaceCounter(ExplainContext context, Layer layer, int? ordinal = null)
    {
        (_context, _layer) = (context, layer);
        _order = ordinal is { } frame ? layer.Frames[frame].DispatchOrder : FirstOrder(layer);
        _policy = context.Scheduler.Policies.For(layer.Job.Facility);
        _rank = _policy.RankOf(layer.Job, context.Now);
        _showsBefore = ShowsBefore();
        _before = new WorkBefore(context, layer.Job.Facility);
    }

    /// <summary>The job's frames that stand before it.</summary>
    public void Add(Job job)
    {
        if (job.Facility != _layer.Job.Facility || job.Frames[FrameState.Waiting] == 0 || !job.IsDispatchable)
        {
            return;
        }

        if (job == _layer.Job)
        {
            foreach (var layer in job.Layers)
            {
                AddOfJob(layer);
            }
        }
        else if (job.Show == _layer.Job.Show ? IsBefore(job) : _showsBefore.Contains(job.Show))
        {
            foreach (var layer in job.Layers.Where(IsOffered))
            {
                _before.Add(layer, job.Show == _layer.Job.Show ? Whose.Show : Whose.OtherShow, layer.Waiting.Count);
            }
        }
    }

    /// <summary>A host that may be able to run some of them.</summary>
    public void Add(Host host) => _before.Look(host);

    /// <summary>What was counted.</summary>
    public Place Count() => new(_inLayer, _before.Able(Whose.Job), _before.Able(Whose.Show), _before.Able(Whose.OtherShow), _policy.Name);

    private void AddOfJob(Layer layer)
    {
        if (layer == _layer)
        {
            _inLayer = layer.Waiting.CountBefore(_order, layer.Frames);
        }
        else if (IsOffered(layer))
        {
            var goesFirst = layer.Row.DispatchOrder != _layer.Row.DispatchOrder
                ? layer.Row.DispatchOrder < _layer.Row.DispatchOrder
                : layer.Id.CompareTo(_layer.Id) < 0;
            _before.Add(layer, Whose.Job, layer.Waiting.CountBefore(goesFirst ? _order + 1 : _order, layer.Frames));
        }
    }

    private bool IsBefore(Job job)
    {
        var byRank = _policy.RankOf(job, _context.Now).CompareTo(_rank);
        return byRank != 0 ? byRank < 0 : job.Id.CompareTo(_layer.Job.Id) < 0;
    }

    private bool IsOffered(Layer layer) =>
        layer.Waiting.Count > 0 && WorkGates.Check(layer, WorkGates.LeastNeed(layer), _context.Now.WallMs) == WorkGate.Open;

    private HashSet<Show> ShowsBefore()
    {
        var own = _layer.Job.Show;
        var shows = new HashSet<Show>();
        foreach (var allocation in _layer.Job.Facility.Allocations.Where(a => a.Subscriptions.ContainsKey(own.Id)))
        {
            var rank = _policy.ShowRank(own, allocation);
            foreach (var subscription in allocation.Subscriptions.Values.Where(s => s.Show != own))
            {
                var byRank = _policy.ShowRank(subscription.Show, allocation).CompareTo(rank);
                if (byRank < 0 || (byRank == 0 && subscription.Show.Id.CompareTo(own.Id) < 0))
                {
                    shows.Add(subscription.Show);
                }
            }
        }

        return shows;
    }

    private static int FirstOrder(Layer layer)
    {
        var first = int.MaxValue;
        foreach (var ordinal in layer.Waiting.Look())
        {
            first = Math.Min(first, layer.Frames[ordinal].DispatchOrder);
            if (layer.Waiting.IsSorted)
            {
                break;
            }
        }

        return first == int.MaxValue ? 0 : first;
    }
}
