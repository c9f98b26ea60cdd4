using System.Globalization;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Amounts and lists as people read them.</summary>
internal static class Amounts
{
    private const int MostNames = 5;

    /// <summary>Cores, from core points.</summary>
    public static string Cores(long points) => Number(points / 100.0) + (points == 100 ? " core" : " cores");

    /// <summary>Cores without the word.</summary>
    public static string Bare(long points) => Number(points / 100.0);

    /// <summary>Memory, from KiB.</summary>
    public static string Memory(long kib) => kib switch
    {
        < 1024 => Invariant($"{kib} KiB"),
        < 1024 * 1024 => Invariant($"{kib / 1024.0:0} MiB"),
        _ => Invariant($"{kib / 1048576.0:0.0} GiB"),
    };

    /// <summary>A number with its noun.</summary>
    public static string Count(long number, string noun) => Invariant($"{number} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>A number with its noun, whose plural is irregular.</summary>
    public static string Count(long number, string one, string many) => Invariant($"{number} {(number == 1 ? one : many)}");

    /// <summary>A point in time, and how far away it is.</summary>
    public static string Time(long atMs, long nowMs)
    {
        var text = DateTimeOffset.FromUnixTimeMilliseconds(atMs).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return atMs >= nowMs ? $"{text} UTC (in {Span(atMs - nowMs)})" : $"{text} UTC ({Span(nowMs - atMs)} ago)";
    }

    /// <summary>A length of time.</summary>
    public static string Span(long ms) => ((ms + 999) / 1000) switch
    {
        < 60 and var seconds => Count(seconds, "second"),
        < 3600 and var seconds => Count(seconds / 60, "minute"),
        < 172800 and var seconds => Count(seconds / 3600, "hour"),
        var seconds => Count(seconds / 86400, "day"),
    };

    /// <summary>Names, the first few of them.</summary>
    public static string List(IReadOnlyCollection<string> names) => names.Count <= MostNames
        ? string.Join(", ", names)
        : Invariant($"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more");

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
