using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
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

/// <summary>A gate that is closed, with its numbers: for those who ask why something waits.</summary>
/// <param name="Gate">The gate.</param>
/// <param name="Use">What is in use of the cap already: core points, GPUs or tokens.</param>
/// <param name="Need">What one frame more would add to that.</param>
/// <param name="Maximum">The cap.</param>
/// <param name="Limit">The limit, if it is one of those.</param>
public readonly record struct ClosedGate(WorkGate Gate, long Use = 0, long Need = 0, long Maximum = 0, Limit? Limit = null);

/// <summary>
/// What must hold for work before a host is looked for. Caps count what a proc really reserves, and the last slot under a cap can be used
/// (OpenCue leaves it empty). All limits of a layer must have room (OpenCue is content with one).
/// </summary>
/// <remarks>The scheduler asks for the first gate that is closed; who explains hands in a list and gets them all.</remarks>
public static class WorkGates
{
    /// <summary>The first gate that is closed for one more frame of the layer that reserves <paramref name="need"/>, apart from any host.</summary>
    public static WorkGate Check(Layer layer, Resources need, long wallMs, List<ClosedGate>? all = null) => Check(layer, need, default, wallMs, all);

    /// <summary>The same for a frame that goes into a place on the host of which the job holds <paramref name="has"/> already.</summary>
    public static WorkGate Check(Layer layer, Resources need, Resources has, long wallMs, List<ClosedGate>? all = null, Host? host = null)
    {
        var first = WorkGate.Open;
        var job = layer.Job;
        if ((layer.Waiting.Count == 0 && IsEnough(new(WorkGate.NothingWaiting), ref first, all))
            || (!job.IsDispatchable && IsEnough(new(WorkGate.JobNotDispatchable), ref first, all))
            || (!job.Show.Row.BookingEnabled && IsEnough(new(WorkGate.ShowBookingOff), ref first, all))
            || (layer.Row.StartAfterMs > wallMs && IsEnough(new(WorkGate.StartsLater, wallMs, 0, layer.Row.StartAfterMs), ref first, all)))
        {
            return first;
        }

        var cap = CheckCaps(layer, need, has, all, host);
        return first == WorkGate.Open ? cap : first;
    }

    /// <summary>The first cap of job, group or limits that <paramref name="need"/> would pass, if <paramref name="has"/> of it is held already.</summary>
    /// <remarks>A place whose frame has ended takes no other while its job or group is above a cap that was lowered: so their use comes down to it.</remarks>
    /// <param name="layer">The layer.</param>
    /// <param name="need">What a frame reserves.</param>
    /// <param name="has">What its place holds already.</param>
    /// <param name="all">Gets all that are closed; null to stop at the first.</param>
    /// <param name="host">Where it would run: limits that count hosts look at it; null to ask whether any host would do.</param>
    public static WorkGate CheckCaps(Layer layer, Resources need, Resources has, List<ClosedGate>? all = null, Host? host = null)
    {
        var first = WorkGate.Open;
        var job = layer.Job;
        var (jobs, groups) = (job.Use - has, job.Group.Use - has);
        if (IsOver(WorkGate.JobAtMaxCores, jobs.CorePoints, need.CorePoints, job.Row.MaxCores, ref first, all)
            || IsOver(WorkGate.JobAtMaxGpus, jobs.Gpus, need.Gpus, job.Row.MaxGpus, ref first, all))
        {
            return first;
        }

        var group = job.Group;
        if ((group.Row.MaxCores >= 0 && IsOver(WorkGate.GroupAtMaxCores, groups.CorePoints, need.CorePoints, group.Row.MaxCores, ref first, all))
            || (group.Row.MaxGpus >= 0 && IsOver(WorkGate.GroupAtMaxGpus, groups.Gpus, need.Gpus, group.Row.MaxGpus, ref first, all)))
        {
            return first;
        }

        foreach (var limit in layer.Limits)
        {
            if (!limit.HasRoomFor(host, job.Row.User)
                && IsEnough(new(WorkGate.LimitReached, limit.Tokens, 1, limit.Capacity, limit), ref first, all))
            {
                return first;
            }
        }

        return first;
    }

    /// <summary>Whether the show may have so many more core points on the allocation.</summary>
    public static WorkGate CheckSubscription(Show show, Allocation allocation, int moreCorePoints, List<ClosedGate>? all = null)
    {
        var closed = allocation.Subscriptions.TryGetValue(show.Id, out var subscription)
            ? new ClosedGate(
                subscription.Use.CorePoints + moreCorePoints > subscription.Row.Burst ? WorkGate.ShowAtBurst : WorkGate.Open,
                subscription.Use.CorePoints,
                moreCorePoints,
                subscription.Row.Burst)
            : new ClosedGate(WorkGate.NoSubscription);
        if (closed.Gate != WorkGate.Open)
        {
            all?.Add(closed);
        }

        return closed.Gate;
    }

    /// <summary>The least that one frame of the layer can reserve: what caps are tested with before a host is known.</summary>
    public static Resources LeastNeed(Layer layer)
    {
        return Requirement.Of(layer).Least;
    }

    /// <summary>What needs none of a kind is not held up by a cap of that kind that others have passed.</summary>
    private static bool IsOver(WorkGate gate, int use, int more, int maximum, ref WorkGate first, List<ClosedGate>? all) =>
        more > 0 && use + more > maximum && IsEnough(new(gate, use, more, maximum), ref first, all);

    /// <summary>Notes a closed gate. True if nobody wants to know of others.</summary>
    private static bool IsEnough(ClosedGate closed, ref WorkGate first, List<ClosedGate>? all)
    {
        first = first == WorkGate.Open ? closed.Gate : first;
        all?.Add(closed);
        return all is null;
    }
}
