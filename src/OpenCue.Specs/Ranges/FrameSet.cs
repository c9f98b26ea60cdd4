using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace OpenCue.Specs.Ranges;

/// <summary>
/// The frames that a range text names, in the order in which it names them, each once. Never empty, never changes.
/// </summary>
/// <remarks>
/// <para>
/// The grammar is OpenCue's: ranges joined by commas, each <c>N</c>, <c>A-B</c>, <c>A-BxS</c> (every S-th frame), <c>A-ByS</c>
/// (the frames that <c>xS</c> leaves out) or <c>A-B:S</c> (interleaved: every S-th, then the gaps with S/2, down to 1).
/// OpenCue keeps repeated frames in its list and so can put a frame into two chunks; here a frame counts once, where it is
/// first named, for every use of the set. A set without frames, such as <c>10-1x1</c>, is refused.
/// </para>
/// <para>A set of evenly spaced frames takes the same few bytes however many frames it has; any other takes four bytes a frame.</para>
/// </remarks>
public sealed class FrameSet : IReadOnlyList<int>, IEquatable<FrameSet>
{
    /// <summary>The number of frames that a launch specification may have in all, and the usual bound of one range.</summary>
    public const int DefaultMaxFrames = 100_000;

    private readonly int _first;
    private readonly int _step;

    // Null when the frames are evenly spaced: then frame i is _first + i * _step.
    private readonly int[]? _frames;
    private readonly FrameOrder _order;

    // For an uneven set in no order of value: the positions sorted by their frame; made when first needed.
    private int[]? _positionsByFrame;
    private string? _text;

    private FrameSet(int first, int step, int count)
    {
        _first = first;
        _step = count == 1 ? 1 : step;
        Count = count;
        _order = _step > 0 ? FrameOrder.Ascending : FrameOrder.Descending;
    }

    private FrameSet(int[] frames, FrameOrder order)
    {
        _frames = frames;
        _order = order;
        Count = frames.Length;
    }

    /// <summary>The number of frames, at least 1.</summary>
    public int Count { get; }

    /// <summary>
    /// The text this set was read from, exactly as given; for a set that was not read from a text, the same as <see cref="ToString"/>.
    /// It is what OpenCue's clients show as a layer's range.
    /// </summary>
    public string Text => _text ?? ToString();

    /// <summary>The frame at a position.</summary>
    /// <param name="index">The position, from 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position lies outside the set.</exception>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _frames is null ? (int)(_first + ((long)index * _step)) : _frames[index];
        }
    }

    /// <summary>Reads a range.</summary>
    /// <param name="text">The range; no blanks, trailing commas are allowed.</param>
    /// <param name="maxFrames">The most frames it may ask for, repeated ones counted each time. It is checked before anything is expanded.</param>
    /// <exception cref="FrameRangeException">The text is no range, names no frame, or asks for too many.</exception>
    public static FrameSet Parse(string text, int maxFrames = DefaultMaxFrames)
    {
        ArgumentNullException.ThrowIfNull(text);
        var set = OfDistinct(FrameRangeParser.Parse(text, maxFrames));
        set._text = text;
        return set;
    }

    /// <summary>Reads a range, and answers instead of throwing.</summary>
    /// <param name="text">The range.</param>
    /// <param name="maxFrames">The most frames it may ask for.</param>
    /// <param name="set">The frames, when the text is a range.</param>
    /// <param name="error">What is wrong with it, when it is none.</param>
    public static bool TryParse(
        string? text, int maxFrames, [NotNullWhen(true)] out FrameSet? set, [NotNullWhen(false)] out string? error)
    {
        set = null;
        if (text is null)
        {
            error = "a frame range is missing";
            return false;
        }

        try
        {
            set = Parse(text, maxFrames);
            error = null;
            return true;
        }
        catch (FrameRangeException e)
        {
            error = e.Message;
            return false;
        }
    }

    /// <summary>The set of the given frames, in their order, each once.</summary>
    /// <exception cref="ArgumentException">No frame is given.</exception>
    public static FrameSet Of(IEnumerable<int> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var distinct = new List<int>();
        var seen = new HashSet<int>();
        foreach (var frame in frames)
        {
            if (seen.Add(frame))
            {
                distinct.Add(frame);
            }
        }

        return distinct.Count > 0
            ? OfDistinct(new FrameRangeParser.Expansion(distinct))
            : throw new ArgumentException("A frame set needs at least one frame.", nameof(frames));
    }

    /// <summary>The position of a frame, or -1 when the set does not hold it.</summary>
    public int IndexOf(int frame)
    {
        var rank = RankAtOrBefore(frame);
        if (rank < 0)
        {
            return -1;
        }

        var position = PositionOfRank(rank);
        return this[position] == frame ? position : -1;
    }

    /// <summary>Whether the set holds a frame.</summary>
    public bool Contains(int frame) => IndexOf(frame) >= 0;

    /// <summary>Copies the frames from a position on into a span.</summary>
    /// <param name="start">The first position to copy.</param>
    /// <param name="destination">Filled completely.</param>
    public void CopyTo(int start, Span<int> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - destination.Length);
        if (_frames is not null)
        {
            _frames.AsSpan(start, destination.Length).CopyTo(destination);
            return;
        }

        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (int)(_first + ((long)(start + i) * _step));
        }
    }

    /// <summary>A short range text that reads back as the same frames in the same order.</summary>
    public override string ToString() => _frames is null
        ? FrameText.Progression(_first, _step, Count)
        : FrameText.Compact(_frames);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both sets hold the same frames in the same order; their texts may differ.</summary>
    public bool Equals(FrameSet? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        // Evenly spaced frames are never kept as an array, so two equal sets are always kept in the same way.
        return other is not null && Count == other.Count && (_frames, other._frames) switch
        {
            (null, null) => _first == other._first && _step == other._step,
            ({ } mine, { } theirs) => mine.AsSpan().SequenceEqual(theirs),
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FrameSet);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(this[0], this[Count - 1], Count);

    /// <summary>
    /// The rank, in order of frame number, of the greatest frame that is not above the given one; -1 when all frames are above it.
    /// </summary>
    internal int RankAtOrBefore(long frame)
    {
        if (_frames is null)
        {
            return RankInProgression(frame);
        }

        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (int)(((long)low + high) / 2);
            if (this[PositionOfRank(middle)] <= frame)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>The position of the frame of a rank; rank 0 is the lowest frame number.</summary>
    internal int PositionOfRank(int rank) => _order switch
    {
        FrameOrder.Ascending => rank,
        FrameOrder.Descending => Count - 1 - rank,
        _ => PositionsByFrame()[rank],
    };

    private static FrameSet OfDistinct(FrameRangeParser.Expansion expansion)
    {
        if (expansion.List is not { } list)
        {
            return new FrameSet(expansion.First, expansion.Step, expansion.Count);
        }

        var frames = CollectionsMarshal.AsSpan(list);
        var step = frames.Length > 1 ? (long)frames[1] - frames[0] : 1;
        bool even = step is >= int.MinValue and <= int.MaxValue, ascending = true, descending = true;
        for (var i = 1; i < frames.Length; i++)
        {
            var difference = (long)frames[i] - frames[i - 1];
            even &= difference == step;
            ascending &= difference > 0;
            descending &= difference < 0;
        }

        return even
            ? new FrameSet(frames[0], (int)step, frames.Length)
            : new FrameSet(frames.ToArray(), ascending ? FrameOrder.Ascending : descending ? FrameOrder.Descending : FrameOrder.None);
    }

    private int RankInProgression(long frame)
    {
        var step = Math.Abs((long)_step);
        var lowest = _step > 0 ? _first : this[Count - 1];
        return frame < lowest ? -1 : (int)Math.Min(Count - 1, (frame - lowest) / step);
    }

    private int[] PositionsByFrame()
    {
        // Two threads may both make it; they make the same, and either may stay.
        if (Volatile.Read(ref _positionsByFrame) is { } made)
        {
            return made;
        }

        var positions = new int[Count];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = i;
        }

        Array.Sort((int[])_frames!.Clone(), positions); // Only an uneven set has order None, and it keeps its frames.
        Volatile.Write(ref _positionsByFrame, positions);
        return positions;
    }

    private enum FrameOrder
    {
        None,
        Ascending,
        Descending,
    }
}
