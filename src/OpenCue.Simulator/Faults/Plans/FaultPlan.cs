using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.Variants;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Plans;

/// <summary>All that decides how a simulation goes: the same plan gives the same run.</summary>
internal sealed record FaultPlan
{
    /// <summary>Where all that is not decided here comes from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>The hosts, by their agents.</summary>
    public required IReadOnlyList<SimAgentKind> Hosts { get; init; }

    /// <summary>How many jobs there are from the start; 0: as the seed says.</summary>
    public int Jobs { get; init; }

    /// <summary>Whether renders take long, many of them longer than a host may be silent.</summary>
    public bool LongRenders { get; init; }

    /// <summary>How long things go wrong, virtual ms.</summary>
    public required long LengthMs { get; init; }

    /// <summary>What the network does to single messages.</summary>
    public required Weather Weather { get; init; }

    /// <summary>What is made to happen, by time.</summary>
    public required IReadOnlyList<FaultAction> Actions { get; init; }

    /// <summary>What must have happened for the run to count: entries of the tally.</summary>
    public IReadOnlyList<string> MustHappen { get; init; } = [];

    /// <summary>The broken variant of the server that runs; usually none.</summary>
    public FaultVariant Variant { get; init; } = FaultVariant.None;
}
