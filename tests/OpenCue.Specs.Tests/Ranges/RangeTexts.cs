using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace OpenCue.Specs.Tests.Ranges;

/// <summary>Random range texts of every form, and a slow, obvious reading of them to compare with.</summary>
internal static class RangeTexts
{
    private static readonly Gen<string> Part =
        from kind in Gen.Elements("", "", "-", "-", "x", "y", ":")
        from a in Gen.Choose(-60, 60)
        from b in Gen.Choose(-60, 60)
        from size in Gen.Choose(1, 12)
        let step = b < a ? -size : size
        select kind switch
        {
            "" => Text($"{a}"),
            "-" => Text($"{a}-{b}"),
            _ => Text($"{a}-{b}{kind}{step}"),
        };

    /// <summary>Texts that name at least one frame.</summary>
    public static readonly Arbitrary<string> NotEmpty = Gen.Choose(1, 5)
        .SelectMany(count => Part.ListOf(count))
        .Select(parts => string.Join(',', parts))
        .Where(text => Read(text).Count > 0)
        .ToArbitrary();

    /// <summary>The frames of a text, each once, in order.</summary>
    public static List<int> Read(string text) => [.. text.Split(',').SelectMany(ReadPart).Distinct()];

    private static IEnumerable<int> ReadPart(string part)
    {
        var dash = part.IndexOf('-', 1);
        if (dash < 0)
        {
            return [Number(part)];
        }

        var mark = part.IndexOfAny(['x', 'y', ':']);
        var (from, to) = (Number(part[..dash]), Number(mark < 0 ? part[(dash + 1)..] : part[(dash + 1)..mark]));
        var step = mark < 0 ? (to < from ? -1 : 1) : Number(part[(mark + 1)..]);
        return mark < 0 || part[mark] == 'x' ? Every(from, to, step)
            : part[mark] == 'y' ? Every(from, to, Math.Sign(step)).Except(Every(from, to, step))
            : Interleaved(from, to, step);
    }

    private static List<int> Interleaved(int from, int to, int step)
    {
        var frames = new List<int>();
        for (; step != 0; step /= 2)
        {
            frames.AddRange(Every(from, to, step).Where(frame => !frames.Contains(frame)));
        }

        return frames;
    }

    private static List<int> Every(int from, int to, int step)
    {
        var frames = new List<int>();
        for (var frame = from; step > 0 ? frame <= to : frame >= to; frame += step)
        {
            frames.Add(frame);
        }

        return frames;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
