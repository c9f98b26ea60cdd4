using System.Globalization;
using System.Text;

namespace OpenCue.Specs.Ranges;

/// <summary>Writes lists of frames as range text.</summary>
internal static class FrameText
{
    /// <summary>The shortest usual text for evenly spaced frames.</summary>
    public static string Progression(int first, int step, int count)
    {
        var text = new StringBuilder();
        AppendRun(text, first, step, count);
        return text.ToString();
    }

    /// <summary>Any frames, runs of equal distance written as ranges.</summary>
    public static string Compact(ReadOnlySpan<int> frames)
    {
        var text = new StringBuilder();
        while (!frames.IsEmpty)
        {
            var length = RunLength(frames);
            var step = length > 1 ? (long)frames[1] - frames[0] : 1;

            // Two frames that are not neighbours are no shorter as a range, and the second may begin a longer run.
            length = length == 2 && Math.Abs(step) != 1 ? 1 : length;
            AppendRun(text, frames[0], step, length);
            frames = frames[length..];
        }

        return text.ToString();
    }

    /// <summary>
    /// The text that OpenCue puts in place of #FRAMESPEC#. Studios' wrappers parse it, so it is the same to the letter wherever
    /// OpenCue's own text is right; where that would read back as other frames, the frames are written one by one.
    /// </summary>
    public static string Chunk(ReadOnlySpan<int> frames)
    {
        var text = ChunkAsOpenCueDoes(frames);
        var right = FrameSet.TryParse(text, frames.Length, out var set, out _) && set.SequenceEqual(frames.ToArray());
        return right ? text : Singles(frames);
    }

    private static string ChunkAsOpenCueDoes(ReadOnlySpan<int> frames)
    {
        var text = new StringBuilder();
        while (!frames.IsEmpty)
        {
            var length = RunLength(frames);
            var step = length > 1 ? (long)frames[1] - frames[0] : 1;
            if (length == 2 && step != 1)
            {
                frames = AppendAfterShortRun(text, frames);
                continue;
            }

            Separate(text);
            AppendNumber(text, frames[0]);
            if (length > 1)
            {
                text.Append('-');
                AppendNumber(text, frames[length - 1]);
                if (step != 1)
                {
                    text.Append('x');
                    AppendNumber(text, step);
                }
            }

            frames = frames[length..];
        }

        return text.ToString();
    }

    /// <summary>
    /// A run of two frames that are not neighbours makes OpenCue write frame by frame from there on, until a frame is the neighbour of
    /// the one before the last; those two then become a range. Returns the frames that are still to be written.
    /// </summary>
    private static ReadOnlySpan<int> AppendAfterShortRun(StringBuilder text, ReadOnlySpan<int> frames)
    {
        AppendSingle(text, frames[0]);
        frames = frames[1..];
        while (frames.Length > 2)
        {
            if ((long)frames[2] - frames[0] == 1)
            {
                AppendSingle(text, frames[0]);
                text.Append('-');
                AppendNumber(text, frames[1]);
                return frames[2..];
            }

            AppendSingle(text, frames[0]);
            frames = frames[1..];
        }

        foreach (var frame in frames)
        {
            AppendSingle(text, frame);
        }

        return [];
    }

    private static string Singles(ReadOnlySpan<int> frames)
    {
        var text = new StringBuilder();
        foreach (var frame in frames)
        {
            AppendSingle(text, frame);
        }

        return text.ToString();
    }

    private static int RunLength(ReadOnlySpan<int> frames)
    {
        var length = Math.Min(frames.Length, 2);
        while (length < frames.Length && (long)frames[length] - frames[length - 1] == (long)frames[1] - frames[0])
        {
            length++;
        }

        return length;
    }

    private static void AppendRun(StringBuilder text, int first, long step, int count)
    {
        Separate(text);
        AppendNumber(text, first);
        if (count == 1)
        {
            return;
        }

        var last = first + (step * (count - 1));
        if (count == 2 && Math.Abs(step) != 1)
        {
            text.Append(',');
            AppendNumber(text, last);
            return;
        }

        text.Append('-');
        AppendNumber(text, last);
        if (Math.Abs(step) != 1)
        {
            text.Append('x');
            AppendNumber(text, step);
        }
    }

    private static void AppendSingle(StringBuilder text, int frame)
    {
        Separate(text);
        AppendNumber(text, frame);
    }

    private static void Separate(StringBuilder text)
    {
        if (text.Length > 0)
        {
            text.Append(',');
        }
    }

    private static void AppendNumber(StringBuilder text, long number) => text.Append(CultureInfo.InvariantCulture, $"{number}");
}
