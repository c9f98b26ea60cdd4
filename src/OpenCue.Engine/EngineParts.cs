using OpenCue.Engine.Sinks;
using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine;

/// <summary>What is plugged into an engine when it starts. These parts may know the engine: it is made first.</summary>
public sealed record EngineParts
{
    /// <summary>Work done at the end of each turn, in this order.</summary>
    public IReadOnlyList<IBatchStep> Steps { get; init; } = [];

    /// <summary>Takes effects.</summary>
    public IEffectSink? Effects { get; init; }

    /// <summary>Takes events.</summary>
    public IEventSink? Events { get; init; }

    /// <summary>Fills a new, empty farm.</summary>
    public Action<FarmEdit>? Seed { get; init; }

    /// <summary>Runs as the first command after each load: drops submissions that were not finished, and whatever else has to be put right.</summary>
    public Action<FarmEdit>? AfterLoad { get; init; }

    /// <summary>
    /// Checks the farm after each turn and throws if something is wrong, which ends the engine before the batch is stored. For tests, simulations and
    /// debug builds: it looks at the whole farm.
    /// </summary>
    public Action<FarmModel>? Check { get; init; }
}
