using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Hosting;

/// <summary>What the server plugs into its engine. Simulations plug in the same.</summary>
internal static class FarmParts
{
    /// <summary>The parts, with what has to be done with a new farm and with one that was loaded.</summary>
    public static EngineParts Of(IEnumerable<IBatchStep> steps, IEffectSink? effects, IEventSink? events) => new()
    {
        Steps = [.. steps],
        Effects = effects,
        Events = events,
        Seed = FarmSeed.Apply,
        AfterLoad = edit =>
        {
            Submission.DropLeftOvers(edit);
            Recovery.Begin(edit);
        },
    };
}
