using System.Globalization;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>
/// Reads the values of elements: OpenCue's rules for switches, numbers, cores and memory. What has to be changed is said as a warning.
/// </summary>
internal sealed class SpecValues(JobSpecOptions options)
{
    private const int DefaultCorePoints = 100;
    private const int LeastCorePoints = 10;
    private const int MostWholeCores = 1_000_000;
    private const long KibPerGib = 1_048_576;
    private const int MostWarnings = 200;

    // 2^40 KiB are a pebibyte; anything near it is a mistake, and beyond it sums over a farm could overflow.
    private const long MostKib = 1L << 40;

    private readonly List<string> _warnings = [];
    private int _warningsLeftOut;

    public JobSpecOptions Options => options;

    public ValueList<string> Warnings => _warningsLeftOut == 0
        ? _warnings.ToValueList()
        : [.. _warnings, string.Create(CultureInfo.InvariantCulture, $"and {_warningsLeftOut} more warnings")];

    public void Warn(SpecElement element, string warning)
    {
        if (_warnings.Count < MostWarnings)
        {
            _warnings.Add(element.Place(warning));
        }
        else
        {
            _warningsLeftOut++;
        }
    }

    /// <summary>A text of one line that is not empty: names, addresses, paths.</summary>
    public static string Line(SpecText text) =>
        LineOrEmpty(text) is { Length: > 0 } line ? line : throw text.Error($"the element {text.Element.Name} is empty");

    /// <summary>A text of one line, null when it is empty.</summary>
    public static string? LineOrNull(SpecText text) => LineOrEmpty(text) is { Length: > 0 } line ? line : null;

    /// <summary>A line that becomes part of a path or of a name in one.</summary>
    public static string PathPart(SpecText text)
    {
        var part = Line(text);
        return part.Contains('/') || part is "." or ".."
            ? throw text.Error($"the {text.Element.Name} {Messages.Quote(part)} cannot be part of a path; it may hold no slash")
            : part;
    }

    /// <summary>True for true, yes, on and 1 in any case; false for all else.</summary>
    public static bool Switch(string text) => text.ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1";

    public static int Number(SpecText text, int least = int.MinValue, int most = int.MaxValue) =>
        (int)Number(text.Value, text.Element, text.Element.Name, least, most);

    public static long Attribute(SpecElement element, string attribute, long least, long most) =>
        Number(element[attribute], element, attribute, least, most);

    public static long KibAttribute(SpecElement element, string attribute) => Attribute(element, attribute, 0, MostKib);

    /// <summary>
    /// Cores of a layer in hundredths: with a decimal point they are cores, without one hundredths already. 0 means all cores of the
    /// host, a negative amount all but so many.
    /// </summary>
    public int CorePoints(SpecText text)
    {
        var points = ReadCorePoints(text);
        if (points is > 0 and < LeastCorePoints)
        {
            Warn(text.Element, text.Value.Contains('.')
                ? $"cores {Messages.Quote(text.Value)} are less than a tenth of a core and were raised to one core"
                : $"cores {Messages.Quote(text.Value)} are hundredths of a core and were raised to one core; write {points}.0 for whole cores");
            return DefaultCorePoints;
        }

        if (points > options.MaxCorePoints)
        {
            var most = (options.MaxCorePoints / 100m).ToString("0.0#", CultureInfo.InvariantCulture);
            Warn(text.Element, $"cores {Messages.Quote(text.Value)} were lowered to {most}, the most that a frame may ask for");
            return options.MaxCorePoints;
        }

        return points;
    }

    /// <summary>Memory of a layer: gigabytes unless it ends in m or mb.</summary>
    public long MemoryKib(SpecText text)
    {
        var kib = TryReadKib(text, out var read)
            ? read
            : throw text.Error($"the memory {Messages.Quote(text.Value)} cannot be read; write for example 512m, 4g or 2.5g");
        if (kib > MostKib)
        {
            throw text.Error($"the memory {Messages.Quote(text.Value)} is more than any host has");
        }

        if (kib < options.MinMemoryKib)
        {
            Warn(text.Element, $"memory {Messages.Quote(text.Value)} was raised to {options.MinMemoryKib} KiB, the least that a frame reserves");
            return options.MinMemoryKib;
        }

        if (kib > options.UsualMaxMemoryKib)
        {
            Warn(
                text.Element,
                $"memory {Messages.Quote(text.Value)} is more than the usual {options.UsualMaxMemoryKib} KiB; only a host that has so much can run the layer");
        }

        return kib;
    }

    /// <summary>
    /// GPU memory of a layer. What cannot be read counts as none, because OpenCue launches such jobs; too much is lowered to the most
    /// (OpenCue makes it none without a word).
    /// </summary>
    public long GpuMemoryKib(SpecText text)
    {
        if (!TryReadKib(text, out var kib))
        {
            Warn(text.Element, $"the GPU memory {Messages.Quote(text.Value)} cannot be read and counts as none; write for example 512m or 4g");
            return 0;
        }

        if (kib > options.MaxGpuMemoryKib)
        {
            Warn(
                text.Element,
                $"GPU memory {Messages.Quote(text.Value)} was lowered to {options.MaxGpuMemoryKib} KiB, the most that a frame may ask for");
            return options.MaxGpuMemoryKib;
        }

        return kib;
    }

    /// <summary>Tags between bars; null when there is none, so that the service's stay.</summary>
    public static ValueList<string>? Tags(SpecText text)
    {
        var tags = new List<string>();
        foreach (var part in text.Value.Split('|'))
        {
            var tag = string.Concat(part.Where(c => !char.IsWhiteSpace(c)));
            if (tag.Length == 0 || tags.Contains(tag))
            {
                continue;
            }

            if (tags.Count == NameRules.MostTags)
            {
                throw text.Error(
                    $"error, a layer may have {NameRules.MostTags} tags at most, and this one has more: name fewer, or give the hosts that it may use a "
                    + "tag of their own.");
            }

            if (tag.Length > NameRules.LongestTag)
            {
                throw text.Error(
                    $"error, invalid tag {Messages.Quote(tag.AsSpan(0, 32))}..., it has {tag.Length} characters, the maximum is {NameRules.LongestTag}.");
            }

            tags.Add(NameRules.IsName(tag)
                ? tag
                : throw text.Error($"error, invalid tag {Messages.Show(tag)}, tags must be alpha numberic and at least 3 characters in length."));
        }

        return tags.Count > 0 ? tags.ToValueList() : null;
    }

    private static string LineOrEmpty(SpecText text) => text.Value.All(Messages.IsOneLine)
        ? text.Value
        : throw text.Error($"the {text.Element.Name} {Messages.Quote(text.Value)} holds a line break or another control character");

    private static long Number(string text, SpecElement element, string name, long least, long most)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw element.Error($"{name} is {Messages.Quote(text)}; it must be a whole number");
        }

        return number >= least && number <= most
            ? number
            : throw element.Error(string.Create(CultureInfo.InvariantCulture, $"{name} is {number}; it must lie between {least} and {most}"));
    }

    private static int ReadCorePoints(SpecText text)
    {
        const int Most = MostWholeCores * 100;
        if (!text.Value.Contains('.'))
        {
            return Number(text, -Most, Most);
        }

        var read = decimal.TryParse(
            text.Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cores);
        return read && Math.Abs(cores) <= MostWholeCores
            ? (int)decimal.Truncate((cores * 100) + (cores < 0 ? -0.5m : 0.5m))
            : throw text.Error($"cores are {Messages.Quote(text.Value)}; write for example 2.0 for two cores, at most {MostWholeCores}");
    }

    private static bool TryReadKib(SpecText text, out long kib)
    {
        kib = 0;
        var value = text.Value.AsSpan();
        var end = value.Length;
        while (end > 0 && char.IsAsciiLetter(value[end - 1]))
        {
            end--;
        }

        var unit = value[end..];
        var kibPerUnit = unit.Contains("m", StringComparison.OrdinalIgnoreCase) ? 1024
            : unit.IsEmpty || unit.Contains("g", StringComparison.OrdinalIgnoreCase) ? KibPerGib
            : 0;
        if (kibPerUnit == 0 || !decimal.TryParse(
                value[..end].TrimEnd(' '),
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var amount))
        {
            return false;
        }

        if (amount < 0)
        {
            throw text.Error($"{text.Element.Name} is {Messages.Quote(text.Value)}; memory cannot be negative");
        }

        kib = amount > MostKib / kibPerUnit ? long.MaxValue : (long)(amount * kibPerUnit);
        return true;
    }
}
