namespace OpenCue.Simulator.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class Units
{
    /// <summary>A time: <c>45 s</c>, <c>12 min</c>, <c>3 h 20 min</c>.</summary>
    public static string Time(double seconds)
    {
        if (seconds < 60)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(seconds, seconds < 10 ? 1 : 0):0.#} s");
        }

        var minutes = (long)Math.Round(seconds / 60);
        return minutes < 100
            ? string.Create(CultureInfo.InvariantCulture, $"{minutes} min")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} h {minutes % 60:D2} min");
    }

    /// <summary>A count with its thousands parted.</summary>
    public static string Count(double number) => number.ToString(Math.Abs(number) < 100 && number != Math.Floor(number) ? "N1" : "N0", CultureInfo.InvariantCulture);

    /// <summary>A part of hundred.</summary>
    public static string Percent(double? percent) => percent is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.0} %") : "-";

    /// <summary>An index.</summary>
    public static string Index(double? index) => index is { } known ? known.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
