using System.Globalization;

namespace OpenCue.Cuebot.Api.Edge;

/// <summary>Amounts in requests: from the wire's units to the farm's. What cannot be meant is refused with the field's name.</summary>
internal static class Amounts
{
    /// <summary>The most cores that anything may be told to have.</summary>
    private const float MostCores = 10_000_000;

    /// <summary>The most memory of a frame, KiB: a pebibyte.</summary>
    private const long MostMemoryKib = 1L << 40;

    /// <summary>Whole cores as core points; −1, "no limit", stays. A fraction is cut off, but what is a whole number but for rounding is not.</summary>
    public static int WholeCores(float cores, string field) =>
        cores == -1 ? -1 : (int)Math.Truncate(Check(cores, field) + 0.005) * 100;

    /// <summary>Cores as core points, to the nearest hundredth.</summary>
    public static int Cores(float cores, string field) =>
        (int)Math.Round((double)Check(cores, field) * 100, MidpointRounding.AwayFromZero);

    /// <summary>A number of things.</summary>
    public static int Count(int count, string field, int least = 0) => count >= least
        ? count
        : throw FarmException.Invalid(string.Create(CultureInfo.InvariantCulture, $"{field} is {count}; {least} is the least."));

    /// <summary>Memory in KiB.</summary>
    public static long MemoryKib(long memory, string field) => memory is >= 0 and <= MostMemoryKib
        ? memory
        : throw FarmException.Invalid(string.Create(CultureInfo.InvariantCulture, $"{field} is {memory} KiB; it must be from 0 to {MostMemoryKib} KiB."));

    private static float Check(float cores, string field) => cores is >= 0 and <= MostCores
        ? cores
        : throw FarmException.Invalid(string.Create(CultureInfo.InvariantCulture, $"{field} is {cores} cores; it must be from 0 to {MostCores:0}."));
}
