using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>Finds again, from the farm alone, what has to be done in the world.</summary>
public static class Recovery
{
    /// <summary>
    /// The first command after a load: a run that nobody confirmed is asked about before anything else (its launch may or may not have been sent), an
    /// order to kill is given again.
    /// </summary>
    public static void Begin(FarmEdit edit)
    {
        foreach (var run in edit.Farm.Runs.Values.ToArray())
        {
            if (run.Row.Kill is not null)
            {
                RunCalls.Order(edit, EffectKind.KillRun, run);
            }
            else if (run.Row.Phase != RunPhase.Started)
            {
                RunCalls.Note(edit, run, run.Contact with { IsDoubted = true });
                RunCalls.Order(edit, EffectKind.SettleRun, run);
            }
        }
    }

    /// <summary>
    /// All calls that are open by the model: what must be under way. Whoever carries out effects compares it with what he has in hand after effects
    /// were dropped on the way to him.
    /// </summary>
    public static IEnumerable<Effect> OpenEffects(FarmModel farm)
    {
        foreach (var run in farm.Runs.Values)
        {
            var contact = run.Contact;
            if (!contact.AnyOpen)
            {
                continue;
            }

            if (contact.LaunchOpen)
            {
                yield return new Effect(EffectKind.LaunchRun, run.Id, run.Host.Id, run.FrameId);
            }

            if (contact.SettleOpen)
            {
                yield return new Effect(EffectKind.SettleRun, run.Id, run.Host.Id, run.FrameId);
            }

            if (contact.KillOpen)
            {
                yield return new Effect(EffectKind.KillRun, run.Id, run.Host.Id, run.FrameId, run.Row.Kill?.Reason);
            }
        }

        foreach (var host in farm.HostsToTell)
        {
            yield return new Effect(EffectKind.TellLock, host.Id, host.Id);
        }
    }
}
