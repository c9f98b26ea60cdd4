using OpenCue.Simulator.Faults.Plans;

namespace OpenCue.Simulator.Faults;

/// <summary>How a simulation went.</summary>
internal sealed record FaultResult
{
    /// <summary>The plan.</summary>
    public required FaultPlan Plan { get; init; }

    /// <summary>What was broken; null if all promises held.</summary>
    public required string? Broken { get; init; }

    /// <summary>Which promise that was; null if all held.</summary>
    public required string? Promise { get; init; }

    /// <summary>When it was broken, or the simulation ended, virtual ms.</summary>
    public required long EndedMs { get; init; }

    /// <summary>Events that were run.</summary>
    public required long Steps { get; init; }

    /// <summary>Fingerprint of all that happened.</summary>
    public required ulong Fingerprint { get; init; }

    /// <summary>What happened, the last lines.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>How often what happened.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }
}
