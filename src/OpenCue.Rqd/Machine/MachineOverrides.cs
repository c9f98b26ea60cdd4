using System.Collections.Immutable;

namespace OpenCue.Rqd.Machine;

/// <summary>What the site wants to offer instead of what the machine has. Null: what it has.</summary>
internal sealed record MachineOverrides
{
    public int? Cores { get; init; }

    public long? MemoryKib { get; init; }

    /// <summary>Added to the reported load, which keeps new frames away.</summary>
    public int LoadModifier { get; init; }

    public ImmutableArray<string> Tags { get; init; } = [];
}
