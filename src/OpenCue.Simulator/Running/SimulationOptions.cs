using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Traces;

namespace OpenCue.Simulator.Running;

/// <summary>What is simulated.</summary>
internal sealed record SimulationOptions
{
    /// <summary>The work.</summary>
    public required Trace Trace { get; init; }

    /// <summary>The farm.</summary>
    public required FarmPlan Farm { get; init; }

    /// <summary>Name of the policy that orders the work of all facilities.</summary>
    public string Policy { get; init; } = PriorityPolicy.PolicyName;

    /// <summary>Policies of the site's own.</summary>
    public IReadOnlyList<ISchedulingPolicy> OwnPolicies { get; init; } = [];

    /// <summary>The site's settings of the rules.</summary>
    public FarmSettings Settings { get; init; } = new();

    /// <summary>Seed of the engine's ids.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Ends after so many virtual hours; null: when all work is done, or none of what is left can ever run.</summary>
    public double? Hours { get; init; }

    /// <summary>How often a host reports. OpenCue's agents do so every minute.</summary>
    public long ReportEveryMs { get; init; } = 120_000;

    /// <summary>Time goes on in steps of this length: what happens within one happens at its end.</summary>
    public long StepMs { get; init; } = 1000;

    /// <summary>How often the farm is looked at for charts.</summary>
    public long SampleEveryMs { get; init; } = 300_000;

    /// <summary>Checks the whole farm after each so many batches; 0: never.</summary>
    public int CheckEvery { get; init; }
}
