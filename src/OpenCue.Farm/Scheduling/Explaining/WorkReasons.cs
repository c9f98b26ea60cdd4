using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>What holds the work itself, whatever hosts there are: the closed gates, in words.</summary>
internal static class WorkReasons
{
    private const int MostLayersOfLimit = 2_000;

    /// <summary>All closed gates of a layer, in the order in which the scheduler asks.</summary>
    public static List<Reason> Of(ExplainContext context, Layer layer)
    {
        var reasons = new List<Reason>();
        if (context.Farm.Settings.TurnOffBooking)
        {
            reasons.Add(FarmOff());
        }

        var closed = new List<ClosedGate>();
        var need = WorkGates.LeastNeed(layer);
        WorkGates.Check(layer, need, context.Now.WallMs, closed);
        foreach (var gate in closed)
        {
            reasons.AddRange(Of(context, layer, gate));
        }

        return reasons;
    }

    /// <summary>
    /// What the show's shares hold: it has none in the job's facility, or none of them has room for one frame more. Shares that hold nothing while
    /// others have room come only with <paramref name="all"/>.
    /// </summary>
    public static List<Reason> OfShares(Layer layer, bool all = false)
    {
        var (show, facility) = (layer.Job.Show, layer.Job.Facility);
        var need = WorkGates.LeastNeed(layer).CorePoints;
        var reasons = new List<Reason>();
        var open = 0;
        foreach (var allocation in facility.Allocations.OrderBy(a => a.Row.Name, StringComparer.Ordinal))
        {
            var closed = new List<ClosedGate>();
            open += WorkGates.CheckSubscription(show, allocation, need, closed) == WorkGate.Open ? 1 : 0;
            reasons.AddRange(closed.Where(c => c.Gate == WorkGate.ShowAtBurst).Select(c => AtBurst(show, allocation, c)));
        }

        return open > 0 && !all ? [] : open == 0 && reasons.Count == 0 ? [NoSubscription(show, facility)] : reasons;
    }

    /// <summary>What tells one closed gate from another: its code, and what it is about if several layers share that.</summary>
    public static (ReasonCode Code, object? About) KeyOf(Layer layer, ClosedGate closed) => closed.Gate switch
    {
        WorkGate.JobNotDispatchable => (layer.Job.Row switch
        {
            { State: JobState.Finished } => ReasonCode.JobFinished,
            { State: not JobState.Pending } => ReasonCode.JobPosted,
            { Paused: true } => ReasonCode.JobPaused,
            _ => ReasonCode.JobBookingOff,
        }, null),
        WorkGate.ShowBookingOff => (ReasonCode.ShowBookingOff, null),
        WorkGate.StartsLater => (ReasonCode.StartsLater, null),
        WorkGate.JobAtMaxCores => (ReasonCode.JobAtMaxCores, null),
        WorkGate.JobAtMaxGpus => (ReasonCode.JobAtMaxGpus, null),
        WorkGate.GroupAtMaxCores => (ReasonCode.GroupAtMaxCores, layer.Job.Group),
        WorkGate.GroupAtMaxGpus => (ReasonCode.GroupAtMaxGpus, layer.Job.Group),
        _ => (ReasonCode.LimitReached, closed.Limit),
    };

    /// <summary>Booking is off for the farm.</summary>
    public static Reason FarmOff() =>
        new(ReasonCode.FarmBookingOff, "Booking is turned off for the whole farm.", "Turn it on again: dispatcher.turn_off_booking.") { Never = true };

    /// <summary>Booking is off for a show.</summary>
    public static Reason ShowOff(Show show) =>
        new(ReasonCode.ShowBookingOff, $"Booking is off for the show {show.Row.Name}.", "Turn on booking for the show.")
        {
            Subject = show.Row.Name, Never = true,
        };

    /// <summary>One closed gate.</summary>
    public static IEnumerable<Reason> Of(ExplainContext context, Layer layer, ClosedGate closed)
    {
        var job = layer.Job;
        var group = job.Group.Row;
        return closed.Gate switch
        {
            WorkGate.JobNotDispatchable => OfJob(context, job),
            WorkGate.ShowBookingOff => [ShowOff(job.Show)],
            WorkGate.StartsLater =>
            [
                new Reason(
                    ReasonCode.StartsLater,
                    $"The layer {layer.Row.Name} starts at {Amounts.Time(layer.Row.StartAfterMs, context.Now.WallMs)}{Because(layer.Row.StartAfterReason)}.",
                    "Wait, or clear the layer's start time.")
                {
                    Subject = layer.Row.Name, AtMs = layer.Row.StartAfterMs,
                },
            ],
            WorkGate.JobAtMaxCores => [Cores(ReasonCode.JobAtMaxCores, "job", job.Row.Name, closed)],
            WorkGate.JobAtMaxGpus => [Gpus(ReasonCode.JobAtMaxGpus, "job", job.Row.Name, closed)],
            WorkGate.GroupAtMaxCores => [Cores(ReasonCode.GroupAtMaxCores, "group", group.Name, closed)],
            WorkGate.GroupAtMaxGpus => [Gpus(ReasonCode.GroupAtMaxGpus, "group", group.Name, closed)],
            WorkGate.LimitReached when closed.Limit is { } limit => [OfLimit(limit, closed)],
            _ => [],
        };
    }

    private static IEnumerable<Reason> OfJob(ExplainContext context, Job job)
    {
        var name = job.Row.Name;
        switch (job.Row.State)
        {
            case JobState.Finished when job.Row.Killed:
                yield return new Reason(ReasonCode.JobFinished, $"The job {name} was killed.", "Submit it again.") { Subject = name, Never = true };
                yield break;
            case JobState.Finished:
                yield return new Reason(
                    ReasonCode.JobFinished,
                    $"The job {name} finished at {Amounts.Time(job.Row.StoppedAtMs, context.Now.WallMs)}.",
                    "Retry its frames to open it again.")
                {
                    Subject = name, AtMs = job.Row.StoppedAtMs, Never = true,
                };
                yield break;
            case JobState.Posted:
                var parent = job.Row.PostJobOf is { } of && context.Farm.Jobs.TryGet(of, out var found) ? found.Row.Name : "";
                yield return new Reason(ReasonCode.JobPosted, $"The job {name} starts when {parent} has finished.") { Subject = parent };
                break;
            case JobState.Startup or JobState.Shutdown:
                yield return new Reason(ReasonCode.JobPosted, $"The job {name} is still being submitted.") { Subject = name };
                break;
            default:
                break;
        }

        if (job.Row.Paused)
        {
            yield return new Reason(ReasonCode.JobPaused, $"The job {name} is paused.", $"Let it go on: cue job resume {name}")
            {
                Subject = name, Never = true,
            };
        }

        if (!job.Row.AutoBook)
        {
            yield return new Reason(ReasonCode.JobBookingOff, $"Booking is off for the job {name}.", "Turn on auto-booking for the job.")
            {
                Subject = name, Never = true,
            };
        }
    }

    private static Reason Cores(ReasonCode code, string what, string name, ClosedGate closed)
    {
        var alone = closed.Need > closed.Maximum;
        var text = alone
            ? $"A frame needs {Amounts.Cores(closed.Need)}, and the {what} {name} may have {Amounts.Bare(closed.Maximum)} at most."
            : $"The {what} {name} has {Amounts.Bare(closed.Use)} of {Amounts.Cores(closed.Maximum)} that it may have; "
                + $"a frame needs {Amounts.Bare(closed.Need)} more.";
        return new Reason(code, text, $"{(alone ? "Raise" : "Wait for its frames to end, or raise")} the {what}'s maximum of cores.")
        {
            Subject = name, Use = closed.Use / 100.0, Need = closed.Need / 100.0, Maximum = closed.Maximum / 100.0, Never = alone,
        };
    }

    private static Reason Gpus(ReasonCode code, string what, string name, ClosedGate closed)
    {
        var alone = closed.Need > closed.Maximum;
        var text = alone
            ? $"A frame needs {Amounts.Count(closed.Need, "GPU")}, and the {what} {name} may have {closed.Maximum} at most."
            : $"The {what} {name} has {closed.Use} of {Amounts.Count(closed.Maximum, "GPU")} that it may have; a frame needs {closed.Need} more.";
        return new Reason(code, text, $"{(alone ? "Raise" : "Wait for its frames to end, or raise")} the {what}'s maximum of GPUs.")
        {
            Subject = name, Use = closed.Use, Need = closed.Need, Maximum = closed.Maximum, Never = alone,
        };
    }

    /// <summary>A limit that has no room, and who holds its tokens.</summary>
    public static Reason OfLimit(Limit limit, ClosedGate closed)
    {
        var row = limit.Row;
        var tokens = row.Kind switch
        {
            LimitKind.Host => "host",
            LimitKind.User => "user",
            _ => "frame",
        };
        var held = row.Headroom > 0 ? $" ({row.MaxValue} in all, {row.Headroom} held back for people)" : "";
        var holders = HoldersOf(limit);
        var who = holders.Count > 0 ? $"; held by {Amounts.List(holders)}" : "";
        var text = closed.Maximum == 0
            ? $"The limit {row.Name} lets nothing run: it has 0 tokens{held}."
            : $"The limit {row.Name} is used up: {closed.Use} of {Amounts.Count(closed.Maximum, tokens)}{held}{who}.";
        return new Reason(
            ReasonCode.LimitReached,
            text,
            $"{(closed.Maximum == 0 ? "Raise" : "Wait for a token to come free, or raise")} the limit: cue limit set {row.Name} --max N")
        {
            Subject = row.Name, Use = closed.Use, Need = closed.Need, Maximum = closed.Maximum, Never = closed.Maximum == 0, Names = holders,
        };
    }

    /// <summary>Who holds a limit's tokens: users for a limit per user, else jobs; those with the most running frames first.</summary>
    private static List<string> HoldersOf(Limit limit)
    {
        if (limit.Row.Kind == LimitKind.User)
        {
            var users = limit.HoldersByUser.OrderByDescending(user => user.Value).ThenBy(user => user.Key, StringComparer.Ordinal);
            return [.. users.Select(user => $"{user.Key} ({user.Value})")];
        }

        var jobs = new Dictionary<Job, int>();
        foreach (var layer in limit.Layers.Take(MostLayersOfLimit).Where(layer => layer.Runs.Count > 0))
        {
            jobs[layer.Job] = jobs.GetValueOrDefault(layer.Job) + layer.Runs.Count;
        }

        var ordered = jobs.OrderByDescending(job => job.Value).ThenBy(job => job.Key.Row.Name, StringComparer.Ordinal);
        return [.. ordered.Select(job => $"{job.Key.Row.Name} ({job.Value})")];
    }

    /// <summary>A share that has no room.</summary>
    public static Reason AtBurst(Show show, Allocation allocation, ClosedGate closed)
    {
        var alone = closed.Need > closed.Maximum;
        var (name, where) = (show.Row.Name, allocation.Row.Name);
        var text = alone
            ? $"A frame needs {Amounts.Cores(closed.Need)}, and the show {name} may have {Amounts.Bare(closed.Maximum)} on {where} at most."
            : $"The show {name} has {Amounts.Bare(closed.Use)} of {Amounts.Cores(closed.Maximum)} that it may have on {where}; "
                + $"a frame needs {Amounts.Bare(closed.Need)} more.";
        return new Reason(
            ReasonCode.ShowAtBurst,
            text,
            $"{(alone ? "Raise" : "Wait for the show's frames to end, or raise")} the burst of its subscription on {where}.")
        {
            Subject = where, Use = closed.Use / 100.0, Need = closed.Need / 100.0, Maximum = closed.Maximum / 100.0, Never = alone,
        };
    }

    private static Reason NoSubscription(Show show, Facility facility)
    {
        var names = facility.Allocations.Select(a => a.Row.Name).Order(StringComparer.Ordinal).ToList();
        return new Reason(
            ReasonCode.NoSubscription,
            $"The show {show.Row.Name} has no subscription on any allocation of the facility {facility.Row.Name}: {Amounts.List(names)}.",
            "Give the show a subscription on one of them.")
        {
            Subject = show.Row.Name, Never = true, Names = names,
        };
    }

    private static string Because(string reason) => reason.Length > 0 ? $": {reason.TrimEnd('.')}" : "";
}
