using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults;

/// <summary>A failure and the smallest plan found that still fails in the same way.</summary>
/// <param name="Original">The plan as it was.</param>
/// <param name="Result">The run of the smallest plan, with its trace.</param>
/// <param name="Runs">How many runs it took.</param>
internal sealed record ShrunkFailure(FaultPlan Original, FaultResult Result, int Runs);

/// <summary>Leaves out of a plan that fails whatever it fails without.</summary>
internal static class Shrinker
{
    private const int MostRuns = 400;
    private const int Lines = 2000;

    /// <summary>Shrinks a plan that breaks a promise. It counts as the same failure if the same promise is broken.</summary>
    public static ShrunkFailure Shrink(FaultPlan plan, CancellationToken cancel)
    {
        var runs = 0;
        var best = FaultRun.Execute(plan, Lines);
        if (best.Promise is not { } promise)
        {
            throw new ArgumentException($"Seed {plan.Seed} breaks nothing.", nameof(plan));
        }

        bool Fails(FaultPlan smaller)
        {
            if (runs >= MostRuns || cancel.IsCancellationRequested)
            {
                return false;
            }

            runs++;
            var result = FaultRun.Execute(smaller, Lines);
            if (result.Promise != promise)
            {
                return false;
            }

            best = result;
            return true;
        }

        Fails(plan with { Actions = [.. plan.Actions.Where(a => a.AtMs <= best.EndedMs)] });
        Fails(best.Plan with { Weather = Weather.Fine });
        for (var part = Math.Max(1, best.Plan.Actions.Count / 2); part >= 1; part /= 2)
        {
            for (var from = 0; from < best.Plan.Actions.Count;)
            {
                var actions = best.Plan.Actions;
                if (!Fails(best.Plan with { Actions = [.. actions.Where((_, i) => i < from || i >= from + part)] }))
                {
                    from += part;
                }
            }
        }

        if (best.Plan.Weather is { } weather && weather != Weather.Fine)
        {
            foreach (var milder in new[]
            {
                weather with { Doubled = 0 }, weather with { Late = 0 }, weather with { Lost = 0 }, weather with { Broken = 0 }, weather with { AnswerLost = 0 },
            })
            {
                Fails(best.Plan with { Weather = Milder(best.Plan.Weather, milder) });
            }
        }

        return new ShrunkFailure(plan, best, runs);
    }

    private static Weather Milder(Weather a, Weather b) => new(
        Math.Min(a.Lost, b.Lost), Math.Min(a.AnswerLost, b.AnswerLost), Math.Min(a.Late, b.Late), Math.Min(a.Doubled, b.Doubled), Math.Min(a.Broken, b.Broken));
}
