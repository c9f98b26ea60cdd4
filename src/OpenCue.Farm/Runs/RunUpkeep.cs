using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>Repeats, with growing waits, what has not settled yet: questions about runs, orders to kill them, lock states that agents don't know.</summary>
public static class RunUpkeep
{
    /// <summary>Does what is due. Called about once a second; costs what is unsettled, not what runs.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="most">Calls to order at the most; the rest is still due at the next time.</param>
    /// <returns>Number of calls ordered.</returns>
    public static int Sweep(FarmEdit edit, int most = 500)
    {
        var farm = edit.Farm;
        var ordered = 0;
        farm.OpenCalls.ReleaseLate(farm, edit.Now.EngineMs);
        if (farm.Unsettled.Count > 0)
        {
            foreach (var run in farm.Unsettled.ToArray())
            {
                if (ordered == most)
                {
                    return ordered;
                }

                if (IsDue(edit, run))
                {
                    RunCalls.Order(edit, NextCall(run), run);
                    ordered++;
                }
            }
        }

        foreach (var host in farm.HostsToTell.ToArray())
        {
            if (host.TellLockAtEngineMs <= edit.Now.EngineMs)
            {
                HostRules.TellLock(edit, host);
                ordered++;
            }
        }

        return ordered;
    }

    private static EffectKind NextCall(Run run) =>
        run.Row.Kill is not null || run.Contact.KillIsQuestion ? EffectKind.KillRun : EffectKind.SettleRun;

    private static bool IsDue(FarmEdit edit, Run run)
    {
        var contact = run.Contact;
        if (!run.InFarm || contact.AnyOpen || contact.NextAskEngineMs > edit.Now.EngineMs)
        {
            return false;
        }

        // A host that does not report will hardly answer: one question at a time, so that a dead rack does not use up all calls.
        return run.Host.Row.State != HardwareState.Down || !edit.Farm.OpenCalls.IsAnyOn(run.Host.Id);
    }
}
