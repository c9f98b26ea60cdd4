using System.Globalization;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>
/// From the farm's units to those of the wire: core points to cores, milliseconds to seconds. Most numbers of the wire have 32 bits; what does
/// not fit becomes the greatest that does, which no reader takes for something else.
/// </summary>
internal static class WireUnits
{
    /// <summary>Cores of core points; −1, "none", stays −1.</summary>
    public static float Cores(int corePoints) => corePoints == -1 ? -1 : corePoints / 100f;

    /// <summary>Seconds since 1970; 0 stays 0, "never".</summary>
    public static int Seconds(long milliseconds) => Clamp(milliseconds / 1000);

    /// <summary>The nearest number of 32 bits.</summary>
    public static int Clamp(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);

    /// <summary><c>host/cores/gpus</c>, as clients take it apart again.</summary>
    public static string Place(string host, int corePoints, int gpus) =>
        string.Create(CultureInfo.InvariantCulture, $"{host}/{corePoints / 100m:F2}/{gpus}");

    /// <summary>Sum divided by count; 0 if there is nothing to divide.</summary>
    public static long Mean(long sum, long count) => count == 0 ? 0 : sum / count;
}
