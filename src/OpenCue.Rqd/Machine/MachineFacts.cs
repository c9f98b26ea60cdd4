using System.Collections.Immutable;

namespace OpenCue.Rqd.Machine;

/// <summary>What stays the same about a machine while it is up.</summary>
/// <param name="CoreUnits">All cores that are offered, in OpenCue's units: 100 is one core.</param>
/// <param name="Sockets">A divisor of <paramref name="CoreUnits"/>: cuebot multiplies sockets by cores of a socket.</param>
/// <param name="CanPin">Whether the offered cores are the physical ones, so that a frame can be given some of them.</param>
/// <param name="BootTime">Epoch seconds; 0 if the kernel does not tell.</param>
/// <param name="BootId">New at each boot of the kernel.</param>
internal sealed record MachineFacts(
    CpuTopology Topology,
    int CoreUnits,
    int Sockets,
    bool CanPin,
    long TotalMemoryKib,
    long TotalSwapKib,
    long BootTime,
    string BootId,
    string Kernel,
    ImmutableArray<string> Tags);
