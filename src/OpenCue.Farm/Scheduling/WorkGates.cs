using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling;

/// <summary>Why no frame of a layer is booked, whatever hosts there are.</summary>
public enum WorkGate
{
    /// <summary>Nothing stands in the way.</summary>
    Open,

    /// <summary>No frame is WAITING.</summary>
    NothingWaiting,

    /// <summary>The job is not pending, is paused, or its booking is off.</summary>
    JobNotDispatchable,

    /// <summary>The show's booking is off.</summary>
    ShowBookingOff,

    /// <summary>The layer starts later.</summary>
    StartsLater,

    /// <summary>The job has all the cores it may have.</summary>
    JobAtMaxCores,

    /// <summary>The job has all the GPUs it may have.</summary>
    JobAtMaxGpus,

    /// <summary>The group has all the cores it may have.</summary>
    GroupAtMaxCores,

    /// <summary>The group has all the GPUs it may have.</summary>
    GroupAtMaxGpus,

    /// <summary>One of its limits has no room.</summary>
    LimitReached,

    /// <summary>The show has no subscription on the allocation.</summary>
    NoSubscription,

    /// <summary>The show has all the cores it may have on the allocation.</summary>
    ShowAtBurst,

    /// <summary>The only hosts that would do are those that a launch or kill of the frame is still on its way to.</summary>
    CallUnderWay,

    /// <summary>The only hosts that would do could not start the layer's frames, and are left alone for a while.</summary>
    StartFailed,

    /// <summary>Booking refused it although all gates were open: a defect of the gates.</summary>
    Refused,
}

/// <summary>
/// What must hold for work before a host is looked for. Caps count what a proc really reserves, and the last slot under a cap can be used
/// (OpenCue leaves it empty). All limits of a layer must have room (OpenCue is content with one).
/// </summary>
public static class WorkGates
{
    /// <summary>The first gate that is closed for one more frame of the layer that reserves <paramref name="need"/>, apart from any host.</summary>
    public static WorkGate Check(Layer layer, Resources need, long wallMs) => Check(layer, need, default, wallMs);

    /// <summary>The same for a frame that goes into a place of which the job holds <paramref name="has"/> already.</summary>
    public static WorkGate Check(Layer layer, Resources need, Resources has, long wallMs)
    {
        if (layer.Waiting.Count == 0)
        {
            return WorkGate.NothingWaiting;
        }

        var job = layer.Job;
        if (!job.IsDispatchable)
        {
            return WorkGate.JobNotDispatchable;
        }

        if (!job.Show.Row.BookingEnabled)
        {
            return WorkGate.ShowBookingOff;
        }

        return layer.Row.StartAfterMs > wallMs ? WorkGate.StartsLater : CheckCaps(layer, need, has);
    }

    /// <summary>The first cap of job, group or limits that <paramref name="need"/> would pass, if <paramref name="has"/> of it is held already.</summary>
    public static WorkGate CheckCaps(Layer layer, Resources need, Resources has)
    {
        var job = layer.Job;
        var more = need - has;
        if (more.CorePoints > 0 && job.Use.CorePoints + more.CorePoints > job.Row.MaxCores)
        {
            return WorkGate.JobAtMaxCores;
        }

        if (more.Gpus > 0 && job.Use.Gpus + more.Gpus > job.Row.MaxGpus)
        {
            return WorkGate.JobAtMaxGpus;
        }

        var group = job.Group;
        if (more.CorePoints > 0 && group.Row.MaxCores >= 0 && group.Use.CorePoints + more.CorePoints > group.Row.MaxCores)
        {
            return WorkGate.GroupAtMaxCores;
        }

        if (more.Gpus > 0 && group.Row.MaxGpus >= 0 && group.Use.Gpus + more.Gpus > group.Row.MaxGpus)
        {
            return WorkGate.GroupAtMaxGpus;
        }

        foreach (var limit in layer.Limits)
        {
            if (limit.Running >= limit.Row.MaxValue)
            {
                return WorkGate.LimitReached;
            }
        }

        return WorkGate.Open;
    }

    /// <summary>Whether the show may have so many more core points on the allocation.</summary>
    public static WorkGate CheckSubscription(Show show, Allocation allocation, int moreCorePoints)
    {
        if (!allocation.Subscriptions.TryGetValue(show.Id, out var subscription))
        {
            return WorkGate.NoSubscription;
        }

        return subscription.Use.CorePoints + moreCorePoints > subscription.Row.Burst ? WorkGate.ShowAtBurst : WorkGate.Open;
    }

    /// <summary>The least that one frame of the layer can reserve: what caps are tested with before a host is known.</summary>
    public static Resources LeastNeed(Layer layer)
    {
        var need = Requirement.Of(layer);
        return new Resources(need.LeastCores, need.MinMemoryKib, need.MinGpus, need.MinGpuMemoryKib);
    }
}
