using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>A call to an agent that the farm still wants, with all that is needed to make it: taken from the model, and used outside of it.</summary>
/// <param name="Effect">What the farm asked for.</param>
/// <param name="Host">The host's row.</param>
/// <param name="Run">What is launched; only for launches.</param>
internal sealed record CallOrder(Effect Effect, HostRow Host, LaunchFacts? Run)
{
    /// <summary>Reads from the model what a call needs; null if the farm does not want it any more.</summary>
    public static CallOrder? Find(FarmModel farm, Effect effect)
    {
        if (!farm.Hosts.TryGet(effect.Host, out var host))
        {
            return null;
        }

        if (effect.Kind == EffectKind.TellLock)
        {
            return new CallOrder(effect, host.Row, null);
        }

        if (!RunCalls.IsWanted(farm, effect))
        {
            return null;
        }

        return new CallOrder(effect, host.Row, effect.Kind == EffectKind.LaunchRun ? LaunchFacts.Of(farm.Runs[effect.Subject]) : null);
    }
}

/// <summary>What a launch is made from. All of it is immutable, so it can be read while the farm goes on.</summary>
internal sealed record LaunchFacts(RunRow Run, ProcRow Proc, JobRow Job, LayerRow Layer, OpenCue.Specs.Ranges.FrameChunks Chunks, string Show)
{
    /// <summary>The facts of a run.</summary>
    public static LaunchFacts Of(Run run) =>
        new(run.Row, run.Proc.Row, run.Layer.Job.Row, run.Layer.Row, run.Layer.Chunks, run.Layer.Job.Show.Row.Name);
}
