using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Who runs next, and where. It keeps two indexes, what is wanted (<see cref="DemandIndex"/>) and what is idle (<see cref="HostIndex"/>), and a memory of
/// which demand found no host in which allocation. Marks on the farm say what changed; a pass looks at that and books until nothing more fits.
/// </summary>
/// <remarks>
/// It belongs to the writer and works through the edit of the batch. Nothing in it is stored: <see cref="Reset"/> makes it from the farm again, which
/// is also what is done when a batch is undone.
/// </remarks>
public sealed class Scheduler(FarmModel farm, SchedulingPolicies policies)
{
    /// <summary>So many remembered misses are more than any farm's live demand; then all is looked at anew, which forgets those of dead demand.</summary>
    private const int MostMisses = 100_000;

    private readonly Dictionary<Allocation, HostIndex> _hosts = [];
    private readonly HashSet<(Allocation Allocation, Requirement Requirement)> _noHost = [];
    private readonly Dictionary<(Allocation Allocation, EntityId Show), int> _noShare = [];
    private readonly HashSet<Layer> _tooBig = [];
    private readonly HashSet<Allocation> _toMatch = [];
    private readonly SortedSet<(long EngineMs, EntityId Host)> _resting = [];
    private TagMatcher _tags = new(farm.Settings.MatchTagsAsPattern);
    private DemandIndex _demand = new(policies);
    private Placements _placements = new(farm, new TagMatcher(farm.Settings.MatchTagsAsPattern), new Reservations());

    /// <summary>What is wanted, for those who ask why something waits.</summary>
    public DemandIndex Demand => _demand;

    /// <summary>The order of work.</summary>
    public SchedulingPolicies Policies => policies;

    /// <summary>How tags are matched.</summary>
    public TagMatcher Tags => _tags;

    /// <summary>Whether a frame goes onto a host, and why not.</summary>
    public Placements Placements => _placements;

    /// <summary>The wall time at which the next layer may start, or null.</summary>
    public long? NextStartMs => _demand.NextStartMs;

    /// <summary>The engine time at which the next resting host may be tried again, or null.</summary>
    public long? NextWakeEngineMs => _resting.Count > 0 ? _resting.Min.EngineMs : null;

    /// <summary>Forgets everything; the next pass looks at the whole farm.</summary>
    public void Reset()
    {
        _hosts.Clear();
        _noHost.Clear();
        _noShare.Clear();
        _tooBig.Clear();
        _toMatch.Clear();
        _resting.Clear();
        _tags = new TagMatcher(farm.Settings.MatchTagsAsPattern);
        _demand = new DemandIndex(policies);
        farm.Marks.Everything = true;
    }

    /// <summary>
    /// Books what became possible. Stops when <paramref name="mayGoOn"/> says no, and goes on there at the next call.
    /// </summary>
    /// <param name="edit">The edit of the batch.</param>
    /// <param name="mayGoOn">Asked before each booking: time is left, and the bound of unsent launches is not reached.</param>
    public PassResult Pass(FarmEdit edit, Func<bool> mayGoOn)
    {
        TakeMarks(edit);
        var booked = 0;
        while (_toMatch.Count > 0)
        {
            var allocation = _toMatch.First();
            while (NextBooking(allocation, edit.Now) is { } next)
            {
                if (!mayGoOn())
                {
                    return new PassResult(booked, HasMore: true);
                }

                booked += Book(edit, allocation, next) ? 1 : 0;
            }

            _toMatch.Remove(allocation);
        }

        return new PassResult(booked, HasMore: false);
    }

    /// <summary>The best frame for a proc that came free, among the waiting ones of its own job that fit it; null if there is none.</summary>
    public (Layer Layer, int Ordinal)? NextFor(Proc proc, FarmTime now)
    {
        if (!proc.Job.Show.Row.DispatchEnabled || !proc.Job.IsDispatchable)
        {
            return null;
        }

        (Layer Layer, int Ordinal)? best = null;
        DemandKey bestKey = default;
        foreach (var layer in proc.Job.Layers)
        {
            if (!FitsProc(layer, proc, now) || farm.StartRests.Until(proc.Host, layer, now.EngineMs) is not null || _placements.FirstStartable(layer, proc.Host) is not { } ordinal)
            {
                continue;
            }

            var key = _demand.KeyOf(layer);
            if (best is null || key.CompareTo(bestKey) < 0)
            {
                (best, bestKey) = ((layer, ordinal), key);
            }
        }

        return best;
    }

    /// <summary>
    /// Whether another job needs the proc's place more: one below its minimum of cores in the same show, or one of higher priority, that has a frame
    /// which fits the place and may be booked there.
    /// </summary>
    public bool IsNeededElsewhere(Proc proc, FarmTime now)
    {
        var job = proc.Job;
        foreach (var show in _demand.InFacility(job.Facility.Id))
        {
            if (WorkGates.CheckSubscription(show.Show, proc.Host.Allocation, show.Show == job.Show ? 0 : proc.Row.Reserved.CorePoints) != WorkGate.Open)
            {
                continue;
            }

            foreach (var demand in show.Classes.Values)
            {
                if (!demand.Requirement.Suits(proc.Host, _tags) || !FitsPlace(demand.Requirement, proc))
                {
                    continue;
                }

                foreach (var key in demand.Layers)
                {
                    var other = key.Layer.Job;
                    var isNeedier = other.Show == job.Show && other.Use.CorePoints < other.Row.MinCores;
                    if (other != job
                        && (isNeedier || other.Row.Priority > job.Row.Priority)
                        && WorkGates.Check(key.Layer, WorkGates.LeastNeed(key.Layer), now.WallMs) == WorkGate.Open)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private bool FitsProc(Layer layer, Proc proc, FarmTime now)
    {
        var reserved = proc.Row.Reserved;
        var requirement = Requirement.Of(layer);
        return layer.Waiting.Count > 0
            && requirement.Suits(proc.Host, _tags)
            && FitsPlace(requirement, proc)
            && WorkGates.Check(layer, reserved, reserved, now.WallMs) == WorkGate.Open;
    }

    /// <summary>A place with a GPU takes only work that wants one, or the GPU would be held for nothing.</summary>
    private static bool FitsPlace(Requirement requirement, Proc proc)
    {
        var reserved = proc.Row.Reserved;
        return !requirement.WantsEmptyHost
            && requirement.MinCores <= reserved.CorePoints
            && requirement.MinMemoryKib <= reserved.MemoryKib
            && requirement.MinGpus <= reserved.Gpus
            && requirement.MinGpuMemoryKib <= reserved.GpuMemoryKib
            && (requirement.WantsGpu || (reserved.Gpus == 0 && reserved.GpuMemoryKib == 0));
    }

    private void TakeMarks(FarmEdit edit)
    {
        var marks = farm.Marks;
        var now = edit.Now;
        _demand.Now = now;
        if (policies.BeginPass(farm, now) || marks.Everything || _noHost.Count > MostMisses)
        {
            LookAtEverything(now);
            return;
        }

        foreach (var id in _demand.TakeDue(now.WallMs))
        {
            if (farm.Layers.TryGetValue(id, out var layer))
            {
                marks.Layers.Add(layer);
            }
        }

        while (_resting.Count > 0 && _resting.Min.EngineMs <= now.EngineMs)
        {
            if (farm.Hosts.TryGet(_resting.Min.Host, out var host))
            {
                marks.Hosts.Add(host);
            }

            _resting.Remove(_resting.Min);
        }

        foreach (var limit in marks.Limits)
        {
            marks.Layers.UnionWith(_demand.HeldBy(limit));
        }

        foreach (var job in marks.Jobs)
        {
            RoomUnderCaps(job);
        }

        foreach (var host in marks.Hosts)
        {
            LookAt(host, now);
        }

        if (marks.Hosts.Count > 0)
        {
            marks.Layers.UnionWith(_tooBig);
            _tooBig.Clear();
        }

        foreach (var layer in marks.Layers)
        {
            LookAt(layer, now);
        }

        marks.Clear();
    }

    private void LookAtEverything(FarmTime now)
    {
        Reset();
        _demand.Now = now;
        farm.Marks.Clear();
        foreach (var layer in farm.Layers.Values)
        {
            LookAt(layer, now);
        }

        foreach (var host in farm.Hosts.All)
        {
            LookAt(host, now);
        }
    }

    /// <summary>Something of the job was given back: its own layers, those of its group, and its show's share may have room.</summary>
    private void RoomUnderCaps(Job job)
    {
        var group = job.Group;
        var jobs = group.Row.MaxCores >= 0 || group.Row.MaxGpus >= 0 ? group.Jobs : [job];
        foreach (var other in jobs)
        {
            foreach (var layer in other.Layers)
            {
                farm.Marks.Layers.Add(layer);
            }
        }

        farm.Marks.Layers.UnionWith(_demand.HeldByShareOf(job.Show));
        foreach (var subscription in job.Show.Subscriptions)
        {
            if (_noShare.Remove((subscription.Allocation, job.Show.Id)))
            {
                _toMatch.Add(subscription.Allocation);
            }
        }
    }

    private void LookAt(Layer layer, FarmTime now)
    {
        _demand.Refresh(layer, now.WallMs);
        if (_demand.GateOf(layer) != WorkGate.Open)
        {
            return;
        }

        var requirement = Requirement.Of(layer);
        foreach (var allocation in layer.Job.Facility.Allocations)
        {
            if (!_noHost.Contains((allocation, requirement)))
            {
                _toMatch.Add(allocation);
            }
        }
    }

    private void LookAt(Host host, FarmTime now)
    {
        // The host may have moved to another allocation, or left the farm.
        foreach (var index in _hosts.Values)
        {
            index.Remove(host);
        }

        if (!host.InFarm)
        {
            return;
        }

        var gate = HostGates.Check(host, farm.Settings, now.EngineMs);
        if (gate == HostGate.BackingOff && host.LaunchBackOffUntilEngineMs > now.EngineMs)
        {
            _resting.Add((host.LaunchBackOffUntilEngineMs, host.Id));
        }

        if (gate != HostGate.Open)
        {
            return;
        }

        var allocation = host.Allocation;
        if (!_hosts.TryGetValue(allocation, out var hosts))
        {
            _hosts.Add(allocation, hosts = new HostIndex(allocation, _tags));
        }

        hosts.Refresh(host, bookable: true);
        _noHost.RemoveWhere(n => n.Allocation == allocation && n.Requirement.Suits(host, _tags) && n.Requirement.FitsInto(host));
        _toMatch.Add(allocation);
    }

    private Candidate? NextBooking(Allocation allocation, FarmTime now)
    {
        if (!_hosts.TryGetValue(allocation, out var hosts) || hosts.Count == 0)
        {
            return null;
        }

        while (BestDemand(allocation) is { } demand)
        {
            var layer = demand.Layers.Min.Layer;
            if (!demand.Layers.Min.IsFresh)
            {
                _demand.Advance(layer);
                continue;
            }

            var gate = WorkGates.Check(layer, WorkGates.LeastNeed(layer), now.WallMs);
            if (gate != WorkGate.Open)
            {
                _demand.Hold(layer, gate);
                continue;
            }

            gate = WorkGates.CheckSubscription(layer.Job.Show, allocation, WorkGates.LeastNeed(layer).CorePoints);
            if (gate != WorkGate.Open)
            {
                _noShare[(allocation, layer.Job.Show.Id)] = gate == WorkGate.NoSubscription ? 0 : demand.Requirement.LeastCores;
                continue;
            }

            if (FindHost(hosts, demand.Requirement, layer, now, out gate) is { } found)
            {
                return found;
            }

            // A host would do, but the frame would reserve more of it than a cap allows, or a call about the frame is still on its way there: that
            // holds this layer, not others that need the same, and only until another host has room.
            if (gate != WorkGate.Open)
            {
                _demand.Hold(layer, gate);
                _tooBig.Add(layer);
                continue;
            }

            _noHost.Add((allocation, demand.Requirement));
        }

        return null;
    }

    /// <summary>The demand that goes next on the allocation: of the show with the lowest rank, the layer that is first in order.</summary>
    private DemandClass? BestDemand(Allocation allocation)
    {
        DemandClass? best = null;
        var policy = policies.For(allocation.Facility);
        var bestRank = 0.0;
        foreach (var show in _demand.InFacility(allocation.Facility.Id))
        {
            // The fewest core points for which the show's share had no room; what needs fewer may still have some.
            var noShareFrom = _noShare.GetValueOrDefault((allocation, show.Show.Id), int.MaxValue);
            var rank = policy.ShowRank(show.Show, allocation);
            if (best is not null && (rank > bestRank || (rank == bestRank && show.Show.Id.CompareTo(best.Layers.Min.Layer.Job.Show.Id) > 0)))
            {
                continue;
            }

            DemandClass? ofShow = null;
            foreach (var demand in show.Classes.Values)
            {
                if (demand.Requirement.LeastCores < noShareFrom
                    && !_noHost.Contains((allocation, demand.Requirement))
                    && (ofShow is null || demand.Layers.Min.CompareTo(ofShow.Layers.Min) < 0))
                {
                    ofShow = demand;
                }
            }

            if (ofShow is not null)
            {
                (best, bestRank) = (ofShow, rank);
            }
        }

        return best;
    }

    private Candidate? FindHost(HostIndex hosts, Requirement requirement, Layer layer, FarmTime now, out WorkGate closed)
    {
        Candidate? found = null;
        var gate = WorkGate.Open;
        hosts.FindBest(requirement, farm.Settings, host =>
        {
            var placement = _placements.CheckHere(layer, host, now);
            if (placement.Verdict == PlacementVerdict.Fits)
            {
                found = new Candidate(layer, placement.Ordinal, host, placement.Reserve);
                return true;
            }

            gate = placement.Verdict switch
            {
                PlacementVerdict.StartFailed => WorkGate.StartFailed,
                PlacementVerdict.CallUnderWay => WorkGate.CallUnderWay,
                PlacementVerdict.Cap => placement.WorkGate,
                _ => gate,
            };
            if (farm.StartRests.Until(host, layer, now.EngineMs) is { } until)
            {
                _resting.Add((until, host.Id));
            }

            return false;
        });
        closed = found is null ? gate : WorkGate.Open;
        return found;
    }

    private bool Book(FarmEdit edit, Allocation allocation, Candidate next)
    {
        if (Booking.Start(edit, next.Host, next.Layer, next.Ordinal, next.Reserve) is null)
        {
            // The last line of defence saw what the gates did not. The layer is left alone until something about it changes.
            _demand.Hold(next.Layer, WorkGate.Refused);
            return false;
        }

        _demand.Advance(next.Layer);
        _hosts[allocation].Refresh(next.Host, HostGates.Check(next.Host, farm.Settings, edit.Now.EngineMs) == HostGate.Open);
        return true;
    }

    private sealed record Candidate(Layer Layer, int Ordinal, Host Host, Resources Reserve);
}

/// <summary>What a pass did.</summary>
/// <param name="Booked">Number of runs booked.</param>
/// <param name="HasMore">True if it was stopped before everything that is possible was booked.</param>
public readonly record struct PassResult(int Booked, bool HasMore);
