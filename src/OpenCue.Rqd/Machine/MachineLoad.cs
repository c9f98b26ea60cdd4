namespace OpenCue.Rqd.Machine;

/// <summary>What changes about a machine from moment to moment.</summary>
/// <param name="Load">The one-minute load average by core, times 100.</param>
internal sealed record MachineLoad(
    long FreeMemoryKib, long FreeSwapKib, long TotalTempKib, long FreeTempKib, int Load);
