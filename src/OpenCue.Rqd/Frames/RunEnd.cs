using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>How a run ended, in OpenCue's terms.</summary>
/// <param name="How">Which evidence says so: <c>exit</c>, <c>signal</c>, <c>failed-launch</c>, <c>host-reboot</c> or <c>supervisor-lost</c>.</param>
/// <param name="Detail">A sentence for people; empty if there is nothing to add.</param>
internal sealed record RunEnd(
    int ExitStatus, int ExitSignal, string How, string Detail, DateTimeOffset At, int RunSeconds, long MaxRssKib, long MaxPssKib, long MaxVsizeKib)
{
    /// <summary>The frame ran, and its supervisor stored what the kernel said.</summary>
    /// <remarks>
    /// The status is passed on as it is. A shell's 128 + n for a command that signal n ended stays a status: nobody can tell it from a
    /// program that chose that number.
    /// </remarks>
    public static RunEnd From(SupervisorEnd end, KillOrder? kill, (long Rss, long Pss, long Vsize) peak)
    {
        var (status, signal, how) = end.Kind switch
        {
            SupervisorEndKind.Exit => (end.Value, 0, "exit"),
            SupervisorEndKind.Signal => (Frames.ExitStatus.EndedBySignal, end.Value, "signal"),
            _ => (Frames.ExitStatus.FailedLaunch, 0, "failed-launch"),
        };
        // A frame that was killed for a reason with a status of its own, and did end by that.
        if (kill is { ExitStatus: { } ordered } && end.Kind != SupervisorEndKind.Failed && (status, signal) != (0, 0))
        {
            (status, signal) = (ordered, 0);
        }

        return new RunEnd(status, signal, how, kill?.Reason ?? end.Message, end.At, (int)Math.Min(end.Ran.TotalSeconds, int.MaxValue),
            Math.Max(peak.Rss, end.MaxRssKib), peak.Pss, peak.Vsize);
    }

    public static RunEnd NeverStarted(string why, DateTimeOffset now) =>
        new(Frames.ExitStatus.FailedLaunch, 0, "failed-launch", why, now, 0, 0, 0, 0);

    /// <summary>Ended by an order that came before the start.</summary>
    public static RunEnd KilledBeforeStart(KillOrder kill, DateTimeOffset now) =>
        new(Frames.ExitStatus.EndedBySignal, Libc.SigTerm, "signal", kill.Reason, now, 0, 0, 0, 0);

    public static RunEnd HostRebooted(RunRecord run, DateTimeOffset booted) =>
        Unobserved(Frames.ExitStatus.HostDown, 0, "host-reboot", "The host was booted while the frame ran.", run, booted);

    /// <remarks>
    /// It says nothing about the frame, so it must not cost it a retry. (OpenCue's Rust agent reports status 1 with signal 19 of a process that it lost.)
    /// </remarks>
    public static RunEnd SupervisorLost(RunRecord run, DateTimeOffset now) =>
        Unobserved(Frames.ExitStatus.TryAgain, 0, "supervisor-lost",
            "The frame's supervisor was killed, so nobody knows how the frame ended; what was left of it was killed.", run, now);

    private static RunEnd Unobserved(int status, int signal, string how, string detail, RunRecord run, DateTimeOffset at) =>
        new(status, signal, how, detail, at, (int)Math.Clamp((at - run.AcceptedAt).TotalSeconds, 0, int.MaxValue), 0, 0, 0);
}
