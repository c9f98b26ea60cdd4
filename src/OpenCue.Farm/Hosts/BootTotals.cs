namespace OpenCue.Farm.Hosts;

/// <summary>What a host said at its boot that it has.</summary>
/// <param name="Total">What can be reserved.</param>
/// <param name="NimbyEnabled">It is a desktop whose user comes first.</param>
public sealed record BootTotals(Resources Total, bool NimbyEnabled)
{
    private const long GiB = 1048576;

    /// <summary>
    /// What a report amounts to. Memory is the machine's, rounded up to whole GiB (down on a 32-bit host), less what the system keeps; of a desktop
    /// two thirds of that. Firmware keeps some of a machine's memory, so that rounding up gives what was bought.
    /// </summary>
    /// <remarks>OpenCue rounds up only if the agent says "64bit"; its newer agent never does, so here all but "32bit" are rounded up.</remarks>
    public static BootTotals Of(HostReport report, FarmSettings settings)
    {
        var is32Bit = report.Tags.Contains("32bit", StringComparer.Ordinal);
        var gib = is32Bit ? report.TotalMemory / GiB : (report.TotalMemory + GiB - 1) / GiB;
        var memory = (gib * GiB) - settings.MemoryReservedSystemKib;
        if (report.NimbyEnabled)
        {
            memory = (long)(memory / 1.5) + settings.MemoryReservedSystemKib;
        }

        return new BootTotals(
            new Resources((int)report.CorePoints, Math.Max(memory, 0), report.Gpus, report.TotalGpuMemory), report.NimbyEnabled);
    }
}
