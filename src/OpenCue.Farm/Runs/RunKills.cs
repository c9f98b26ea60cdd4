using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Orders to kill runs. An order is stored with the run and repeated until the run is proven to have ended; its frame stays RUNNING till then.
/// </summary>
public static class RunKills
{
    /// <summary>
    /// Orders a run killed. Ordering it again changes nothing but the outcome, which only gets stronger: a person's retry or eat stands over
    /// memory, memory over the report; of two persons the later one decides.
    /// </summary>
    public static void Order(FarmEdit edit, Run run, KillOrder order)
    {
        if (run.Row.Kill is { } standing)
        {
            if (order.Outcome != KillOutcome.ByReport && order.Outcome != standing.Outcome && Strength(order.Outcome) >= Strength(standing.Outcome))
            {
                edit.Set(run, run.Row with { Kill = order });
            }
        }
        else
        {
            edit.Set(run, run.Row with { Kill = order });
            RunCalls.Note(edit, run, run.Contact with { Asks = 0, NextAskEngineMs = 0 });
        }

        if (!run.Contact.KillOpen && run.Contact.NextAskEngineMs <= edit.Now.EngineMs)
        {
            RunCalls.Order(edit, EffectKind.KillRun, run);
        }
    }

    private static int Strength(KillOutcome outcome) => outcome switch
    {
        KillOutcome.Eat or KillOutcome.Retry => 2,
        KillOutcome.Memory => 1,
        _ => 0,
    };
}
