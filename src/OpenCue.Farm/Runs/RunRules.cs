using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>What a person can do about a run.</summary>
public static class RunRules
{
    /// <summary>The choices that a person has with an unknown run, as a sentence for messages.</summary>
    public const string WaysOut =
        "Wait until the host reports; or fence it by a reboot, after which the run is known to have ended; or accept that it has ended, "
        + "if you know that it has.";

    /// <summary>
    /// A person says that an unknown run has ended. Its frame may be booked again; a late report of the run is refused. Refused for a run that is
    /// known to live.
    /// </summary>
    public static void AcceptEnded(FarmEdit edit, Run run)
    {
        if (run.Row.Phase != RunPhase.Unknown)
        {
            throw FarmException.Precondition(
                $"Frame {run.Layer.FrameName(run.Ordinal)} of {run.Layer.Job.Row.Name} is known to run on {run.Row.HostName}: kill it instead of accepting that it "
                + "has ended.");
        }

        if (run.Contact.LaunchOpen)
        {
            throw FarmException.Precondition(
                $"Frame {run.Layer.FrameName(run.Ordinal)} of {run.Layer.Job.Row.Name} is being launched on {run.Row.HostName} right now: try again in "
                + $"{edit.Farm.Settings.LaunchDeadlineMs / 1000} s.");
        }

        RunEnds.End(edit, run, RunEnd.AcceptedByPerson, $"{edit.Actor} accepted that it has ended. Nobody proved it.");
    }

    /// <summary>
    /// A person has looked and says that this is the right store although many reported runs are unknown: runs that are not current may be killed.
    /// </summary>
    public static void AllowStrayKills(FarmEdit edit)
    {
        var watch = edit.Farm.Strays;
        if (!watch.AllowedByPerson)
        {
            watch.AllowedByPerson = true;
            edit.Emit(FarmEventKind.Administration, default, reason: $"Runs that are not current may be killed ({watch.Unknown} of {watch.Reported} were unknown).");
        }
    }

    /// <summary>Why nobody knows whether a run lives, since when, where, and what can be done about it; null if it is known.</summary>
    public static string? ExplainUnknown(Run run) =>
        run.Row.Phase != RunPhase.Unknown
            ? null
            : $"Unknown since {DateTimeOffset.FromUnixTimeMilliseconds(run.Row.UnknownSinceMs):u} whether it runs on {run.Row.HostName}: "
              + $"{run.Row.UnknownReason} {WaysOut}";
}
