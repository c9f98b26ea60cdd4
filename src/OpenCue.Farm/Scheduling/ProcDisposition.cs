using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Scheduling;

/// <summary>What is done with a proc whose run has ended.</summary>
public enum ProcFate
{
    /// <summary>It took the next frame of its job.</summary>
    NextFrame,

    /// <summary>It was given back.</summary>
    Released,
}

/// <summary>Decides what becomes of a place that came free. The order of the questions is OpenCue's.</summary>
public static class ProcDisposition
{
    /// <summary>Core points below which a place is not worth taking away for another job.</summary>
    private const int WorthRebalancing = 100;

    /// <summary>Engine time between two places taken away for needier jobs, ms.</summary>
    private const long RebalanceEveryMs = 2500;

    /// <summary>
    /// Gives the proc its job's next frame, or gives it back. A place that goes back is offered to all work by the next pass.
    /// </summary>
    public static ProcFate AfterRun(FarmEdit edit, Scheduler scheduler, CompletionResult result)
    {
        var proc = result.Proc;
        if (MayGoOn(edit, scheduler, result) && scheduler.NextFor(proc, edit.Now) is { } next
            && Booking.Next(edit, proc, next.Layer, next.Ordinal) is not null)
        {
            return ProcFate.NextFrame;
        }

        ProcRules.Release(edit, proc);
        return ProcFate.Released;
    }

    private static bool MayGoOn(FarmEdit edit, Scheduler scheduler, CompletionResult result)
    {
        var farm = edit.Farm;
        var proc = result.Proc;
        var host = proc.Host;
        if (result.ExitStatus == ExitStatus.FailedLaunch
            || result.MemoryFailure
            || result.DecidedState is not (FrameState.Waiting or FrameState.Succeeded)
            || proc.Row.Unbooked
            || host.LaunchBackOffUntilEngineMs > edit.Now.EngineMs
            || HostGates.CheckHealth(host, farm.Settings) != HostGate.Open)
        {
            return false;
        }

        if (!proc.Row.Local && host.IsAboveProcCap)
        {
            return false;
        }

        // The place is counted in the show's use already, so "over" its burst means more than it, not equal.
        if (!proc.Row.Local && WorkGates.CheckSubscription(proc.Job.Show, host.Allocation, 0) != WorkGate.Open)
        {
            return false;
        }

        return !IsTakenForNeedierJob(edit, scheduler, proc) && !IsGivenUp(edit, scheduler, proc);
    }

    /// <summary>What a policy gives back is bounded by what is owed, not by time: else it would take hours on a big farm.</summary>
    private static bool IsGivenUp(FarmEdit edit, Scheduler scheduler, Proc proc) =>
        !proc.Row.Local && proc.Job.Row.AutoUnbook && scheduler.IsOwedElsewhere(proc, edit.Now);

    private static bool IsTakenForNeedierJob(FarmEdit edit, Scheduler scheduler, Proc proc)
    {
        var farm = edit.Farm;
        var job = proc.Job;
        if (proc.Row.Local
            || !job.Row.AutoUnbook
            || proc.Row.Reserved.CorePoints < WorthRebalancing
            || job.Use.CorePoints <= job.Row.MinCores
            || edit.Now.EngineMs - farm.LastRebalanceEngineMs < RebalanceEveryMs
            || !scheduler.IsNeededElsewhere(proc, edit.Now))
        {
            return false;
        }

        farm.LastRebalanceEngineMs = edit.Now.EngineMs;
        return true;
    }
}
