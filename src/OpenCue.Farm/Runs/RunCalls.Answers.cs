using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <content>What the end of a call means.</content>
public static partial class RunCalls
{
    /// <summary>
    /// True if a call is still wanted. Asked right before it is sent, as the model may have moved on since the effect was made. A call that is not
    /// wanted is reported as <see cref="CallAnswer.Withdrawn"/>.
    /// </summary>
    public static bool IsWanted(FarmModel farm, Effect effect)
    {
        if (effect.Kind == EffectKind.KillStray)
        {
            return IsStrayKillSafe(farm, effect);
        }

        if (!farm.Runs.TryGetValue(effect.Subject, out var run))
        {
            return false;
        }

        return effect.Kind switch
        {
            EffectKind.LaunchRun => run.Contact.LaunchOpen && run.Row is { Kill: null, Phase: RunPhase.Launching } && run.Layer.Job.Row.State == JobState.Pending,
            EffectKind.KillRun => run.Contact.KillOpen && (run.Row.Kill is not null || run.Contact.KillIsQuestion),
            EffectKind.SettleRun => run.Contact.SettleOpen && (run.Row.Phase != RunPhase.Started || run.Contact.IsDoubted),
            _ => false,
        };
    }

    /// <summary>The end of a call. One that is not open is ignored: it was handed out before the farm was loaded anew.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="effect">The effect that was carried out.</param>
    /// <param name="answer">How it ended.</param>
    /// <param name="detail">What the agent or the network said, for people.</param>
    public static void Ended(FarmEdit edit, Effect effect, CallAnswer answer, string detail)
    {
        if (!Close(edit, effect))
        {
            return;
        }

        switch (effect.Kind)
        {
            case EffectKind.LaunchRun:
                LaunchEnded(edit, effect, answer, detail);
                break;
            case EffectKind.KillRun:
                KillEnded(edit, effect, answer, detail);
                break;
            case EffectKind.SettleRun:
                SettleEnded(edit, effect, answer, detail);
                break;
            case EffectKind.KillStray:
                HoldIfLate(edit, effect, answer);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect), effect.Kind, "Not a call about a run.");
        }
    }

    private static void LaunchEnded(FarmEdit edit, Effect effect, CallAnswer answer, string detail)
    {
        var farm = edit.Farm;
        NoteHostAfterLaunch(edit, effect.Host, answer);
        if (!farm.Runs.TryGetValue(effect.Subject, out var run))
        {
            // Its completion was faster than this answer, or a person accepted that it has ended.
            return;
        }

        Note(edit, run, run.Contact with { LaunchOpen = false, LaunchEndedEngineMs = edit.Now.EngineMs });
        var wasSeen = run.Row.Phase == RunPhase.Started;
        switch (answer)
        {
            case CallAnswer.Done:
                run.Layer.LaunchRefusals = 0;
                RunDoubts.Confirm(edit, run, store: false);
                break;
            case CallAnswer.NotSent or CallAnswer.Refused or CallAnswer.RefusedOrder or CallAnswer.Withdrawn when !wasSeen:
                if (answer == CallAnswer.RefusedOrder)
                {
                    LaunchBackOff.OrderRefused(edit, run.Layer, detail);
                }

                RunEnds.End(edit, run, RunEnd.NeverStarted, detail);
                break;
            case CallAnswer.NeverHere when !wasSeen:
                RunEnds.End(edit, run, RunEnd.NeverStarted, detail);
                break;
            default:
                if (!wasSeen)
                {
                    RunDoubts.MarkUnknown(edit, run, $"The launch on {run.Row.HostName} was not answered: {detail}");
                    RunDoubts.AskNow(edit, run);
                }

                break;
        }
    }

    private static void KillEnded(FarmEdit edit, Effect effect, CallAnswer answer, string detail)
    {
        HoldIfLate(edit, effect, answer);
        if (!edit.Farm.Runs.TryGetValue(effect.Subject, out var run))
        {
            return;
        }

        Note(edit, run, run.Contact with { KillOpen = false });
        switch (answer)
        {
            case CallAnswer.NeverHere when RunDoubts.IsJournalTrusted(run):
                EndNeverHere(edit, run, detail);
                return;
            case CallAnswer.NeverHere or CallAnswer.NotHere:
                RunDoubts.NoteDenied(edit, run);
                break;
            case CallAnswer.Done:
                // The agent has it and was told; its completion comes.
                RunDoubts.Confirm(edit, run, store: true);
                break;
            default:
                break;
        }

        RunDoubts.TellPersonIfStuck(edit, run, detail);
    }

    private static void SettleEnded(FarmEdit edit, Effect effect, CallAnswer answer, string detail)
    {
        if (!edit.Farm.Runs.TryGetValue(effect.Subject, out var run))
        {
            return;
        }

        Note(edit, run, run.Contact with { SettleOpen = false });
        switch (answer)
        {
            case CallAnswer.Done:
                RunDoubts.Confirm(edit, run, store: true);
                break;
            case CallAnswer.NeverHere when RunDoubts.IsJournalTrusted(run):
                EndNeverHere(edit, run, detail);
                break;
            case CallAnswer.NeverHere or CallAnswer.NotHere:
                RunDoubts.NoteDenied(edit, run);
                break;
            case CallAnswer.CannotSay:
                RunDoubts.NoteCannotSay(edit, run);
                break;
            case CallAnswer.Withdrawn:
                // Its host showed it meanwhile, so nobody was asked.
                break;
            default:
                RunDoubts.MarkUnknown(edit, run, $"{run.Row.HostName} does not answer: {detail}");
                break;
        }
    }

    /// <summary>Nothing holds this frame off this host any more: the scheduler looks again.</summary>
    internal static void MarkFree(FarmModel farm, EntityId hostId, EntityId frameId)
    {
        if (farm.Hosts.TryGet(hostId, out var host))
        {
            farm.Marks.Hosts.Add(host);
        }

        if (farm.TryGetFrame(frameId, out var layer, out _))
        {
            farm.Marks.Layers.Add(layer);
        }
    }

    /// <summary>The journal never had the run and will not take it. That of a run that was seen there is a broken journal's word, but proof all the same.</summary>
    private static void EndNeverHere(FarmEdit edit, Run run, string detail) =>
        RunEnds.End(edit, run, run.Usage.SeenEngineMs is null ? RunEnd.NeverStarted : RunEnd.NotOnHost, detail);

    /// <summary>A kill that was not answered may still be carried out; unless the agent looks at run ids, it would hit the frame's next run there.</summary>
    private static void HoldIfLate(FarmEdit edit, Effect effect, CallAnswer answer)
    {
        var farm = edit.Farm;
        if (answer == CallAnswer.Unanswered && farm.Hosts.TryGet(effect.Host, out var host) && host.Row.Agent != AgentKind.OpenCueNet)
        {
            farm.OpenCalls.HoldUntil(effect.Host, effect.Frame, edit.Now.EngineMs + farm.Settings.ForgottenAfterMs);
        }
    }

    /// <summary>
    /// The frame's current run must not be what the kill hits. Our agent looks at the run's id; the others only know the frame, so there the current run
    /// must not be on that host, or must not have been taken by its agent.
    /// </summary>
    private static bool IsStrayKillSafe(FarmModel farm, Effect effect)
    {
        if (farm.Runs.ContainsKey(effect.Subject) || !farm.Hosts.TryGet(effect.Host, out var host))
        {
            return false;
        }

        return host.Row.Agent == AgentKind.OpenCueNet
            || !farm.TryGetFrame(effect.Frame, out var layer, out var ordinal)
            || !layer.Runs.TryGetValue(ordinal, out var current)
            || current.Host != host
            || current is { Row.Phase: RunPhase.Unknown, Contact.AnyOpen: false };
    }

    private static void NoteHostAfterLaunch(FarmEdit edit, EntityId hostId, CallAnswer answer)
    {
        if (!edit.Farm.Hosts.TryGet(hostId, out var host))
        {
            return;
        }

        switch (answer)
        {
            case CallAnswer.Done:
                LaunchBackOff.HostWorks(edit, host);
                break;
            case CallAnswer.Withdrawn or CallAnswer.RefusedOrder:
                LaunchBackOff.TryIsOver(edit, host);
                break;
            default:
                LaunchBackOff.HostFailed(edit, host);
                break;
        }
    }
}
