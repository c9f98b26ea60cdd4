using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// What is evidence that a run lives or has ended, and what it is worth. Our agent keeps a journal, so its word is proof; OpenCue's agents forget runs
/// when they restart and deny runs that are starting, so theirs counts only together with other evidence.
/// </summary>
public static class RunDoubts
{
    /// <summary>
    /// How long after our agent's journal said that a run is over its host's reports prove nothing, ms: one that was made before may be under way for so
    /// long. One that was made since has the run among those whose completion is still to come.
    /// </summary>
    private const long CompletionGraceMs = 90_000;

    /// <summary>Least engine time between two questions about a run, whatever reports say.</summary>
    private const long LeastAskEveryMs = 2_000;

    /// <summary>
    /// True if the run was booked with the same journal that the host's agent has now: only then the agent's silence or denial is its journal's.
    /// </summary>
    public static bool IsJournalTrusted(Run run) =>
        run.Host.Row.Agent == AgentKind.OpenCueNet && run.Row.AgentInstance is not null && run.Row.AgentInstance == run.Host.Row.AgentInstance;

    /// <summary>The run's agent has it: it is started and no longer doubted.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="run">The run.</param>
    /// <param name="store">False to leave storing that to a later report: a restart would merely ask again.</param>
    internal static void Confirm(FarmEdit edit, Run run, bool store)
    {
        var contact = run.Contact.WithoutDoubts();
        if (run.Row.Phase != RunPhase.Started)
        {
            // That it was unknown is stored, so that it is known again must be too.
            store |= run.Row.Phase == RunPhase.Unknown;
            edit.Set(run, run.Row with { Phase = RunPhase.Started, UnknownSinceMs = 0, UnknownReason = null }, store);
            contact = contact with { StartStored = store, PersonTold = false };
        }
        else if (store && !contact.StartStored)
        {
            edit.Store(run);
            contact = contact with { StartStored = true };
        }

        RunCalls.Note(edit, run, contact);
    }

    /// <summary>Nobody can say any more whether the run lives.</summary>
    internal static void MarkUnknown(FarmEdit edit, Run run, string reason)
    {
        if (run.Row.Phase == RunPhase.Unknown)
        {
            return;
        }

        edit.Emit(FarmEventKind.RunUnknown, run.Id, run.Layer.Job.Id, (int)run.Row.Phase, (int)RunPhase.Unknown, reason);
        edit.Set(run, run.Row with { Phase = RunPhase.Unknown, UnknownSinceMs = edit.Now.WallMs, UnknownReason = reason });
    }

    /// <summary>Its host's report, which lists what runs, lacks the run.</summary>
    internal static void NoteAbsent(FarmEdit edit, Run run)
    {
        var contact = run.Contact;
        if (contact.LaunchOpen)
        {
            return;
        }

        contact = contact with { AbsentReports = contact.AbsentReports + 1, LastAbsentEngineMs = edit.Now.EngineMs };
        if (contact.PastAbsentEngineMs is null && IsPastStarting(edit, run))
        {
            contact = contact with { PastAbsentEngineMs = edit.Now.EngineMs };
        }

        RunCalls.Note(edit, run, contact);
        if (ProofOfEnd(edit, run) is { } end)
        {
            RunEnds.End(edit, run, end, $"{run.Row.HostName} reports without it.");
            return;
        }

        // A report may have been made before the launch was taken, so that one report lacks the run says nothing yet.
        if (contact.AbsentReports < 2 && run.Row.Phase == RunPhase.Started && run.Row.Kill is null)
        {
            return;
        }

        if (!IsJournalTrusted(run) && !IsPastStarting(edit, run))
        {
            return;
        }

        if (!contact.IsDoubted)
        {
            RunCalls.Note(edit, run, contact with { IsDoubted = true, Asks = run.Row.Kill is null ? 0 : contact.Asks });
        }

        MarkUnknown(edit, run, $"{run.Row.HostName} reports without it.");
        AskNow(edit, run);
    }

    /// <summary>
    /// An agent said that it does not have the run. Our agent's journal then says that the run is over, and its completion is coming; another agent's word
    /// counts only if it can't be starting the run any more.
    /// </summary>
    internal static void NoteDenied(FarmEdit edit, Run run)
    {
        var contact = run.Contact;
        if (IsJournalTrusted(run) || IsAskedAfterStarting(edit, contact))
        {
            RunCalls.Note(edit, run, contact with { DeniedEngineMs = contact.DeniedEngineMs ?? edit.Now.EngineMs, IsDoubted = true });
        }
    }

    /// <summary>
    /// An agent answered without saying whether it has the run: OpenCue's Python agent can't. It can only be asked by a kill, which is safe once a report
    /// lacks the run that was made when it could not be starting any more: reports may be under way for long, and one that was made before would have
    /// a good render killed.
    /// </summary>
    internal static void NoteCannotSay(FarmEdit edit, Run run)
    {
        var (contact, farm) = (run.Contact, edit.Farm);
        if (contact.AbsentReports >= 2
            && contact.LastAbsentEngineMs > contact.LaunchDeadlineEngineMs(farm) + farm.Settings.ForgottenAfterMs + HostReports.LongestDelayMs)
        {
            RunCalls.Note(edit, run, run.Contact with { KillIsQuestion = true, IsDoubted = true, NextAskEngineMs = edit.Now.EngineMs });
        }
    }

    /// <summary>Asks about the run, or kills it if that is ordered, unless a call about it is open or it was asked a moment ago.</summary>
    internal static void AskNow(FarmEdit edit, Run run, bool atOnce = false)
    {
        var contact = run.Contact;
        if (!contact.AnyOpen && (atOnce || contact.Asks == 0 || edit.Now.EngineMs - contact.LastAskEngineMs >= LeastAskEveryMs))
        {
            RunCalls.Order(edit, run.Row.Kill is not null || contact.KillIsQuestion ? EffectKind.KillRun : EffectKind.SettleRun, run);
        }
    }

    /// <summary>Says once that a run does not die although it was ordered killed again and again.</summary>
    internal static void TellPersonIfStuck(FarmEdit edit, Run run, string detail)
    {
        // Agents end a frame gently first: that may take half a minute.
        if (run.Row.Kill is null || run.Contact.PersonTold || run.Contact.Asks < edit.Farm.Settings.FrameKillRetryLimit + 2)
        {
            return;
        }

        edit.Emit(
            FarmEventKind.Alarm,
            run.Id,
            run.Layer.Job.Id,
            reason: $"Frame {run.Layer.FrameName(run.Ordinal)} of {run.Layer.Job.Row.Name} on {run.Row.HostName} was ordered killed "
                + $"{run.Contact.Asks} times and has not ended ({detail}). The order is repeated; look at the host.");
        RunCalls.Note(edit, run, run.Contact with { PersonTold = true });
    }

    /// <summary>What proves, with this report of the host that lacks it, that the run has ended; null if nothing does yet.</summary>
    private static RunEnd? ProofOfEnd(FarmEdit edit, Run run)
    {
        var (contact, now) = (run.Contact, edit.Now);
        if (now.EngineMs <= contact.LaunchDeadlineEngineMs(edit.Farm))
        {
            return null;
        }

        if (HasBootedById(run) || HasBootedByClock(edit, run))
        {
            return RunEnd.HostRebooted;
        }

        if (contact.DeniedEngineMs is not { } denied)
        {
            return null;
        }

        return IsJournalTrusted(run)
            ? now.EngineMs - denied >= CompletionGraceMs ? RunEnd.NotOnHost : null
            : now.EngineMs > denied ? RunEnd.ForgottenByAgent : null;
    }

    /// <summary>
    /// Whether the kernel has another boot id than when the run was first reported, and booted later: an old report may bring an old id.
    /// </summary>
    private static bool HasBootedById(Run run)
    {
        var (row, host) = (run.Row, run.Host.Row);
        return row.HostBootId is not null && host.BootId is not null && row.HostBootId != host.BootId && host.BootTimeSeconds > row.HostBootTimeSeconds;
    }

    /// <summary>
    /// Whether the host's boot time proves a boot since the run started. It moves with the host's clock, so it must have moved by the host's own
    /// reports, must be later than the run's start by a margin, and must not lie in the future.
    /// </summary>
    private static bool HasBootedByClock(FarmEdit edit, Run run)
    {
        if (run.Host.Row.BootId is not null)
        {
            return false;
        }

        var margin = edit.Farm.Settings.BootTimeMarginSeconds;
        var (before, boot) = (run.Row.HostBootTimeSeconds, run.Host.Row.BootTimeSeconds);
        var start = Math.Max(run.Row.BookedAtMs, run.Usage.ReportedStartMs) / 1000;
        return before > 0 && boot - before > margin && boot - start > margin && boot <= edit.Now.WallSeconds + margin;
    }

    /// <summary>True if an agent that may take a while from accepting a run to showing it has had that while.</summary>
    private static bool IsPastStarting(FarmEdit edit, Run run) =>
        edit.Now.EngineMs > run.Contact.LaunchDeadlineEngineMs(edit.Farm) + edit.Farm.Settings.ForgottenAfterMs;

    /// <summary>
    /// True if an agent was asked when it had had that while, and shown by a report before that its host was not standing still meanwhile.
    /// </summary>
    private static bool IsAskedAfterStarting(FarmEdit edit, RunContact contact) =>
        contact.PastAbsentEngineMs is { } absent && contact.LastAskEngineMs > absent + edit.Farm.Settings.ForgottenAfterMs;
}
