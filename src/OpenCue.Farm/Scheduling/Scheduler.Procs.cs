using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Scheduling;

/// <summary>What becomes of a place whose run has ended.</summary>
public sealed partial class Scheduler
{
    /// <summary>So many layers of each class are looked at for one that needs a place more than its job.</summary>
    private const int MostNeedier = 16;

    /// <summary>If nobody needs a job's places more, that is not asked again for so long, engine time in ms.</summary>
    private const long AskAgainAfterMs = 250;

    /// <summary>The best frame for a proc that came free, among the waiting ones of its own job that fit it; null if there is none.</summary>
    public (Layer Layer, int Ordinal)? NextFor(Proc proc, FarmTime now)
    {
        var job = proc.Job;
        if (!job.Show.Row.DispatchEnabled || !job.IsDispatchable || job.Frames[FrameState.Waiting] == 0)
        {
            return null;
        }

        (Layer Layer, int Ordinal)? best = null;
        DemandKey bestKey = default;
        var rank = PolicyOf(job.Facility).RankOf(job, now);
        foreach (var layer in job.Layers)
        {
            if (layer.Waiting.Count == 0)
            {
                continue;
            }

            var key = new DemandKey(layer, rank);
            if ((best is null || key.CompareTo(bestKey) < 0)
                && FitsProc(layer, proc, now)
                && _farm.StartRests.Until(proc.Host, layer, now.EngineMs) is null
                && Placements.FirstStartable(layer, proc.Host) is { } ordinal)
            {
                (best, bestKey) = ((layer, ordinal), key);
            }
        }

        return best;
    }

    /// <summary>
    /// Whether another job needs the proc's place more, and has a frame which fits it and may be booked there: one below its minimum of cores in the same
    /// show, or one of higher priority. Of many layers that need the same, the first ones in order are asked.
    /// </summary>
    public bool IsNeededElsewhere(Proc proc, FarmTime now)
    {
        var job = proc.Job;
        if (job.NobodyNeedierUntilEngineMs > now.EngineMs)
        {
            return false;
        }

        foreach (var show in _demand.InFacility(job.Facility))
        {
            if (WorkGates.CheckSubscription(show.Show, proc.Host.Allocation, show.Show == job.Show ? 0 : proc.Row.Reserved.CorePoints) == WorkGate.Open
                && HasWorkFor(show, proc, FitsPlace, IsNeedier, now))
            {
                return true;
            }
        }

        job.NobodyNeedierUntilEngineMs = now.EngineMs + AskAgainAfterMs;
        return false;
    }

    /// <summary>
    /// Whether the facility's policy wants the proc's place to go to another job, which has a frame that fits the host once the place is given back, and
    /// may be booked there. Of many layers that need the same, the first ones in order are asked.
    /// </summary>
    public bool IsOwedElsewhere(Proc proc, FarmTime now)
    {
        var job = proc.Job;
        if (!_policies.GivesUp(job.Facility) || job.NobodyOwedUntilEngineMs > now.EngineMs)
        {
            return false;
        }

        var (policy, allocation, corePoints) = (PolicyOf(job.Facility), proc.Host.Allocation, proc.Row.Reserved.CorePoints);
        foreach (var show in _demand.InFacility(job.Facility))
        {
            var isOwed = show.Show == job.Show
                ? IsOwedToAnotherGroup(show, proc, policy, now)
                : policy.GivesUp(job.Show, show.Show, allocation, corePoints)
                    && WorkGates.CheckSubscription(show.Show, allocation, corePoints) == WorkGate.Open
                    && HasWorkFor(show, proc, FitsWithout, static (_, _) => true, now);
            if (isOwed)
            {
                return true;
            }
        }

        job.NobodyOwedUntilEngineMs = now.EngineMs + AskAgainAfterMs;
        return false;
    }

    private bool IsOwedToAnotherGroup(ShowDemand show, Proc proc, ISchedulingPolicy policy, FarmTime now)
    {
        var own = proc.Job.Group;
        if (own.Show.Groups.Count == 1)
        {
            return false;
        }

        var needy = own.Show.Groups.Where(g => g != own && policy.GivesUp(own, g, proc.Host.Allocation, proc.Row.Reserved.CorePoints)).ToHashSet();
        return needy.Count > 0 && HasWorkFor(show, proc, FitsWithout, (other, _) => needy.Contains(other.Group), now);
    }

    /// <summary>Whether the show has work for the proc's place. It is asked as frames end, and looks at all that the show wants: so it makes no garbage.</summary>
    private bool HasWorkFor(ShowDemand show, Proc proc, Func<Requirement, Proc, bool> fits, Func<Job, Job, bool> isMeant, FarmTime now)
    {
        foreach (var demand in show.Classes.Values)
        {
            if (HasWorkFor(demand, proc, fits, isMeant, now))
            {
                return true;
            }
        }

        foreach (var demand in show.Apart)
        {
            if (HasWorkFor(demand, proc, fits, isMeant, now))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasWorkFor(DemandClass demand, Proc proc, Func<Requirement, Proc, bool> fits, Func<Job, Job, bool> isMeant, FarmTime now)
    {
        if (demand.Count == 0 || !fits(demand.Requirement, proc) || !demand.Requirement.Suits(proc.Host, _tags) || !demand.MayUse(proc.Host))
        {
            return false;
        }

        foreach (var key in demand.Layers.Take(MostNeedier))
        {
            if (isMeant(key.Layer.Job, proc.Job) && WorkGates.Check(key.Layer, demand.Requirement.Least, now.WallMs) == WorkGate.Open)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNeedier(Job other, Job job) =>
        other != job
        && ((other.Show == job.Show && other.Use.CorePoints < other.Row.MinCores) || other.Row.Priority > job.Row.Priority);

    /// <summary>Whether the host would have room without the proc. (Who needs as much as the place has may need other amounts than it reserves.)</summary>
    private static bool FitsWithout(Requirement requirement, Proc proc)
    {
        var host = proc.Host;
        return (!requirement.WantsEmptyHost || host.Procs.Count == 1)
            && requirement.Shortage(host.Idle + proc.Row.Reserved, host.Row.ThreadMode) == default;
    }

    private bool FitsProc(Layer layer, Proc proc, FarmTime now)
    {
        var counted = proc.Row.Local ? default : proc.Row.Reserved;
        var requirement = Requirement.Of(layer);
        return FitsPlace(requirement, proc)
            && requirement.Suits(proc.Host, _tags)
            && WorkGates.Check(layer, counted, counted, now.WallMs, host: proc.Host) == WorkGate.Open
            && Reservations.Allows(layer, proc.Host, now);
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
}
