using System.Globalization;

namespace OpenCue.Cli.Output;

/// <summary>Amounts as people read them.</summary>
internal static class Units
{
    /// <summary>Stands for what is not there.</summary>
    public const string None = "-";

    private const double KibPerMib = 1024;
    private const double KibPerGib = KibPerMib * 1024;
    private const double KibPerTib = KibPerGib * 1024;

    /// <summary>Cores, with one decimal.</summary>
    public static string Cores(float cores) => cores.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A whole number.</summary>
    public static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Memory, from KiB.</summary>
    public static string Memory(long kib) => kib switch
    {
        < 0 => None,
        < (long)KibPerMib => Text(kib, "0", "KiB"),
        < (long)KibPerGib => Text(kib / KibPerMib, "0", "MiB"),
        < (long)KibPerTib => Text(kib / KibPerGib, "0.0", "GiB"),
        _ => Text(kib / KibPerTib, "0.0", "TiB"),
    };

    /// <summary>A length of time: <c>45s</c>, <c>3m05s</c>, <c>2h07m</c>, <c>4d03h</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        var seconds = Math.Max(0, (long)time.TotalSeconds);
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return seconds < 60 ? Invariant($"{seconds}s")
            : seconds < 3600 ? Invariant($"{minutes}m{seconds % 60:00}s")
            : seconds < 86400 ? Invariant($"{hours}h{minutes % 60:00}m")
            : Invariant($"{days}d{hours % 24:00}h");
    }

    /// <summary>A length of time from seconds.</summary>
    public static string Duration(long seconds) => Duration(TimeSpan.FromSeconds(seconds));

    /// <summary>A point in time, in the time zone of whoever looks; from epoch seconds, 0 for never.</summary>
    public static string Time(long epochSeconds, TimeProvider time) => epochSeconds <= 0
        ? None
        : TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(epochSeconds), time.LocalTimeZone)
            .ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>How long ago a point in time was; from epoch seconds, 0 for never.</summary>
    public static string Ago(long epochSeconds, TimeProvider time) =>
        epochSeconds <= 0 ? None : Duration(time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(epochSeconds)) + " ago";

    /// <summary>A number with its noun: <c>1 frame</c>, <c>2 frames</c>.</summary>
    public static string Count(long number, string noun) => Invariant($"{number} {noun}{(number == 1 ? "" : "s")}");

    private static string Text(double value, string format, string unit) =>
        value.ToString(format, CultureInfo.InvariantCulture) + " " + unit;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
