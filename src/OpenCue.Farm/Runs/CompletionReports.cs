using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Runs;

/// <summary>What became of a completion report. All of them are acknowledged: sending it again would change nothing.</summary>
public enum CompletionVerdict
{
    /// <summary>It ended the run.</summary>
    Applied,

    /// <summary>The farm does not hold the run: it has ended before (this report came twice, or late), or it never was this farm's.</summary>
    NotHeld,

    /// <summary>Time or a person had decided that the run has ended. The report is refused, and the frame is what it has become since.</summary>
    AssumedEnded,

    /// <summary>The run is of another frame.</summary>
    WrongFrame,

    /// <summary>The run is on another host.</summary>
    WrongHost,
}

/// <summary>
/// Takes agents' word that a run has ended. A report counts only for the very run that it names, on the host and of the frame where the farm holds it:
/// a late one can't end, free or count anything of the frame's next run.
/// </summary>
public static class CompletionReports
{
    /// <summary>Applies a completion report, and gives the place that came free its next frame or back to the host.</summary>
    public static CompletionVerdict Apply(FarmEdit edit, Scheduler scheduler, CompletionReport report)
    {
        report = ReportLimits.Clean(report);
        var farm = edit.Farm;
        if (!farm.Runs.TryGetValue(report.Frame.RunId, out var run))
        {
            return RefuseNotHeld(edit, report);
        }

        if (run.FrameId != report.Frame.FrameId)
        {
            Refuse(edit, report, run.Layer.Job.Id, $"the run is of frame {run.FrameId} ({run.Layer.FrameName(run.Ordinal)}), not of {report.Frame.FrameId}");
            return CompletionVerdict.WrongFrame;
        }

        if (!IsFrom(farm, run.Host, report))
        {
            Refuse(edit, report, run.Layer.Job.Id, $"the run is on {run.Row.HostName}");
            return CompletionVerdict.WrongHost;
        }

        NoteHost(edit, run.Host, report);
        var frame = report.Frame;
        var outcome = new RunOutcome
        {
            End = RunEnd.Completed,
            ExitStatus = report.ExitStatus,
            ExitSignal = report.ExitSignal,
            RunSeconds = report.RunSeconds,
            MaxRssKib = Math.Max(frame.MaxRssKib, run.Usage.MaxRssKib),
            MaxPssKib = Math.Max(frame.MaxPssKib, run.Usage.MaxPssKib),
            LogUpdatedAtMs = RunEnds.LogUpdatedAtMs(edit, run),
            NimbyLocked = report.NimbyLocked,
            FromContainer = frame.InContainer,
        };
        NoteStart(edit, run, report.ExitStatus);
        var result = FrameCompletion.Apply(edit, run, outcome);
        ProcDisposition.AfterRun(edit, scheduler, result);
        return CompletionVerdict.Applied;
    }

    /// <summary>
    /// A machine that was given another domain reports under a name that is not believed yet. What it says of a run that was given to it counts all the
    /// same: it is acknowledged, so it is never said again.
    /// </summary>
    private static bool IsFrom(FarmModel farm, Host host, CompletionReport report) =>
        HostRegistration.Find(farm, report.HostName) is { } known
            ? known == host
            : string.Equals(HostRegistration.ShortName(report.HostName), host.Row.Name, StringComparison.OrdinalIgnoreCase);

    private static void NoteStart(FarmEdit edit, Run run, int exitStatus)
    {
        if (exitStatus == ExitStatus.FailedLaunch)
        {
            edit.Farm.StartRests.Failed(run.Host, run.Layer, edit.Now.EngineMs);
        }
        else
        {
            edit.Farm.StartRests.Started(run.Host, run.Layer);
        }
    }

    private static void NoteHost(FarmEdit edit, Host host, CompletionReport report)
    {
        if (report.NimbyLocked && !host.Row.NimbyLocked)
        {
            HostRules.SetNimbyLocked(edit, host, true);
        }

        if (report.FreeMemoryKib is { } free)
        {
            edit.Set(host.Stat, host.Stat.Row with { FreeMemory = Math.Min(free, host.Stat.Row.TotalMemory) }, store: false);
        }
    }

    private static CompletionVerdict RefuseNotHeld(FarmEdit edit, CompletionReport report)
    {
        var job = edit.Farm.TryGetFrame(report.Frame.FrameId, out var layer, out _) ? layer.Job.Id : default;
        var old = edit.Farm.OldRuns.Find(report.Frame.RunId);
        if (old is { IsAssumed: true })
        {
            var who = old.Row.End == RunEnd.AcceptedByPerson ? "a person accepted" : "it was assumed";
            Refuse(edit, report, job, $"{who} at {DateTimeOffset.FromUnixTimeMilliseconds(old.Row.AtMs):u} that the run has ended");
        }
        else
        {
            Refuse(edit, report, job, "the run is not held: it has ended before, or was never of this farm");
        }

        if (old is not null && edit.Farm.Hosts.TryGet(old.Row.HostId, out var host) && IsFrom(edit.Farm, host, report))
        {
            OldRuns.NoteGone(edit, old);
        }

        return old is { IsAssumed: true } ? CompletionVerdict.AssumedEnded : CompletionVerdict.NotHeld;
    }

    private static void Refuse(FarmEdit edit, CompletionReport report, EntityId job, string why) =>
        RefusedReports.Tell(
            edit,
            HostRegistration.Find(edit.Farm, report.HostName),
            report.Frame.RunId,
            job,
            $"Completion of run {report.Frame.RunId} from {report.HostName} with exit status {report.ExitStatus}: {why}.",
            report.ExitStatus);
}
