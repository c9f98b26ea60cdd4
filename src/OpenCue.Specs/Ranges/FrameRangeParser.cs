using System.Globalization;

namespace OpenCue.Specs.Ranges;

/// <summary>
/// Reads range texts. The parts are read and their frames counted first; only a range that keeps the limit is expanded, so that a
/// short text cannot ask for more memory than the limit allows.
/// </summary>
internal static class FrameRangeParser
{
    /// <summary>Frames without repetition: evenly spaced from First by Step, unless List holds them.</summary>
    internal readonly record struct Expansion(int First, int Step, int Count, List<int>? List)
    {
        public Expansion(List<int> list)
            : this(0, 0, list.Count, list)
        {
        }
    }

    public static Expansion Parse(string text, int maxFrames)
    {
        if (text.Length == 0)
        {
            throw new FrameRangeException("the frame range is empty; write for example 1-100, 1-100x5 or 1,4,9");
        }

        var parts = ReadParts(text, maxFrames);
        return parts switch
        {
            [] => throw new FrameRangeException($"the frame range {Messages.Quote(text)} names no frame"),
            [{ Kind: PartKind.Every } only] => new Expansion(only.From, only.Step, (int)only.Count, null),
            [var only] => new Expansion(Expand([only])),
            _ => new Expansion(Distinct(Expand(parts))),
        };
    }

    private static List<Part> ReadParts(string text, int maxFrames)
    {
        var parts = new List<Part>();
        var asked = 0L;
        var rest = text.AsSpan().TrimEnd(','); // OpenCue ignores trailing commas, and scripts that join frames leave one.
        while (true)
        {
            var comma = rest.IndexOf(',');
            var part = Part.Read(comma < 0 ? rest : rest[..comma], text);

            // Beyond the limit it goes on counting, so that the refusal can say how much was asked for, but keeps nothing.
            asked += part.Count;
            if (part.Count > 0 && asked <= maxFrames)
            {
                parts.Add(part);
            }

            if (comma < 0)
            {
                break;
            }

            rest = rest[(comma + 1)..];
        }

        return asked <= maxFrames
            ? parts
            : throw new FrameRangeException(
                string.Create(
                    CultureInfo.InvariantCulture, $"the frame range {Messages.Quote(text)} asks for {asked} frames; at most {maxFrames} are allowed"),
                asked);
    }

    private static List<int> Expand(List<Part> parts)
    {
        var frames = new List<int>((int)parts.Sum(part => part.Count));
        foreach (var part in parts)
        {
            part.Expand(frames);
        }

        return frames;
    }

    private static List<int> Distinct(List<int> frames)
    {
        // Most lists are written in ascending order and need no table of what was seen.
        for (var i = 1; i < frames.Count; i++)
        {
            if (frames[i] <= frames[i - 1])
            {
                return [.. frames.Distinct()];
            }
        }

        return frames;
    }

    private enum PartKind
    {
        Every,
        Inverse,
        Interleaved,
    }

    /// <summary>One range between commas; a single frame is a range of one.</summary>
    private readonly record struct Part(PartKind Kind, int From, int To, int Step)
    {
        /// <summary>How many frames it names; 0 for the ranges that OpenCue accepts although they are empty.</summary>
        public long Count
        {
            get
            {
                var span = Span;
                return Kind switch
                {
                    _ when span < 0 => 0,
                    PartKind.Every => (span / Size) + 1,
                    PartKind.Inverse => span - (span / Size),
                    _ => span + 1,
                };
            }
        }

        /// <summary>The distance from the first frame to the last, negative when the step leads away from the last.</summary>
        private long Span => Step > 0 ? (long)To - From : (long)From - To;

        private long Size => Math.Abs((long)Step);

        public static Part Read(ReadOnlySpan<char> part, string whole)
        {
            var rest = part;
            if (!TakeNumber(ref rest, out var from))
            {
                throw Unrecognized(part, whole);
            }

            if (rest.IsEmpty)
            {
                return new Part(PartKind.Every, from, from, 1);
            }

            if (rest[0] != '-')
            {
                throw Unrecognized(part, whole);
            }

            rest = rest[1..];
            if (!TakeNumber(ref rest, out var to))
            {
                throw Unrecognized(part, whole);
            }

            if (rest.IsEmpty)
            {
                return new Part(PartKind.Every, from, to, to >= from ? 1 : -1);
            }

            PartKind? kind = rest[0] switch { 'x' => PartKind.Every, 'y' => PartKind.Inverse, ':' => PartKind.Interleaved, _ => null };
            rest = rest[1..];
            if (kind is null || !TakeNumber(ref rest, out var step) || !rest.IsEmpty)
            {
                throw Unrecognized(part, whole);
            }

            CheckStep(part, from, to, step);
            return new Part(kind.Value, from, to, step);
        }

        public void Expand(List<int> into)
        {
            switch (Kind)
            {
                case PartKind.Every:
                    for (long offset = 0, span = Span; offset <= span; offset += Size)
                    {
                        into.Add(At(offset));
                    }

                    break;
                case PartKind.Inverse:
                    for (long offset = 1, span = Span; offset <= span; offset++)
                    {
                        if (offset % Size != 0)
                        {
                            into.Add(At(offset));
                        }
                    }

                    break;
                default:
                    ExpandInterleaved(into);
                    break;
            }
        }

        private void ExpandInterleaved(List<int> into)
        {
            var earlier = new List<long>();
            for (var size = Size; size > 0; size /= 2)
            {
                for (long offset = 0, span = Span; offset <= span; offset += size)
                {
                    if (!InEarlierPass(earlier, offset))
                    {
                        into.Add(At(offset));
                    }
                }

                earlier.Add(size);
            }
        }

        private static bool InEarlierPass(List<long> sizes, long offset)
        {
            foreach (var size in sizes)
            {
                if (offset % size == 0)
                {
                    return true;
                }
            }

            return false;
        }

        private int At(long offset) => (int)(Step > 0 ? From + offset : From - offset);

        private static void CheckStep(ReadOnlySpan<char> part, int from, int to, int step)
        {
            if (step == 0)
            {
                throw new FrameRangeException($"the step of the frame range {Messages.Quote(part)} is 0; it must be at least 1, or at most -1 to count down");
            }

            // A step of 1 against the direction is empty but no error in OpenCue.
            if (step > 1 && to < from)
            {
                throw new FrameRangeException($"the frame range {Messages.Quote(part)} counts down with a step above 0; write a negative step");
            }

            if (step < 0 && to >= from)
            {
                throw new FrameRangeException($"the frame range {Messages.Quote(part)} counts up with a step below 0; write a positive step");
            }
        }

        private static bool TakeNumber(ref ReadOnlySpan<char> text, out int number)
        {
            var length = text.StartsWith("-") ? 1 : 0;
            var digits = length;
            while (length < text.Length && char.IsAsciiDigit(text[length]))
            {
                length++;
            }

            var taken = text[..length];
            text = text[length..];
            if (length == digits)
            {
                number = 0;
                return false;
            }

            return int.TryParse(taken, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                ? true
                : throw new FrameRangeException(
                    $"the number {Messages.Quote(taken)} in a frame range is too large; frames go from {int.MinValue} to {int.MaxValue}");
        }

        private static FrameRangeException Unrecognized(ReadOnlySpan<char> part, string whole)
        {
            var place = part.Length == whole.Length ? "" : $" in {Messages.Quote(whole)}";
            return new FrameRangeException(
                $"unrecognized frame range syntax {Messages.Quote(part)}{place}; write N, A-B, A-BxS, A-ByS or A-B:S, joined by commas, without blanks");
        }
    }
}
