using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Calls to agents about runs: asking for one, checking again that it is wanted when it is sent, and what its end means. Whoever carries out the
/// effects reports the end of each exactly once, also of one that was not sent.
/// </summary>
public static partial class RunCalls
{
    /// <summary>Asks for a call about a run once the batch is durable. From now until its end is reported it counts as open.</summary>
    public static void Order(FarmEdit edit, EffectKind kind, Run run)
    {
        var contact = kind switch
        {
            EffectKind.LaunchRun when run.Contact == RunContact.None => RunContact.Launching,
            EffectKind.LaunchRun => run.Contact with { LaunchOpen = true },
            EffectKind.KillRun => Asked(edit, run.Contact) with { KillOpen = true },
            EffectKind.SettleRun => Asked(edit, run.Contact) with { SettleOpen = true },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a call about a run."),
        };
        Note(edit, run, contact);
        Hand(edit, new Effect(kind, run.Id, run.Host.Id, run.FrameId, kind == EffectKind.KillRun ? run.Row.Kill?.Reason : null));
    }

    /// <summary>Replaces what is known of a run's calls.</summary>
    internal static void Note(FarmEdit edit, Run run, RunContact contact)
    {
        var before = run.Contact;
        if (before == contact)
        {
            return;
        }

        run.SetContact(edit.Farm, contact);
        edit.OnUndo(new ContactChange(run, before));
    }

    /// <summary>Hands out a call: it is open from now on.</summary>
    internal static void Hand(FarmEdit edit, Effect call)
    {
        edit.OnUndo(edit.Farm.OpenCalls.Open(call));
        edit.Do(call.Kind, call.Subject, call.Host, call.Frame, call.Reason);
    }

    /// <summary>A call has ended. False if it is not open: it was handed out for a farm that has been loaded anew since.</summary>
    private static bool Close(FarmEdit edit, Effect effect)
    {
        if (edit.Farm.OpenCalls.Close(effect) is not { } call)
        {
            return false;
        }

        edit.OnUndo(call);
        MarkFree(edit.Farm, effect.Host, effect.Frame);
        return true;
    }

    /// <summary>Each question that settles nothing doubles the wait for the next: 2 s, 4 s ... 64 s.</summary>
    private static RunContact Asked(FarmEdit edit, RunContact contact) => contact with
    {
        LastAskEngineMs = edit.Now.EngineMs,
        NextAskEngineMs = edit.Now.EngineMs + (2000L << Math.Min(contact.Asks, 5)),
        Asks = contact.Asks + 1,
    };

    private sealed class ContactChange(Run run, RunContact before) : IReversible
    {
        private RunContact _other = before;

        public void Turn(FarmModel farm)
        {
            var present = run.Contact;
            run.SetContact(farm, _other);
            _other = present;
        }
    }
}
