using System.Numerics;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// The frames of one layer that are WAITING, in dispatch order: one bit a frame, and the first bit known. Finding the next frame costs next
/// to nothing whatever the size of the layer.
/// </summary>
public sealed class WaitingFrames(int count)
{
    private readonly ulong[] _bits = new ulong[(count + 63) / 64];
    private int[]? _rankOf;
    private int[]? _ordinalAt;
    private int _lowestWord;
    private Frame[]? _reordered;

    /// <summary>None of no frames.</summary>
    public static WaitingFrames None { get; } = new(0);

    /// <summary>Number of waiting frames.</summary>
    public int Count { get; private set; }

    /// <summary>The ordinal of the first waiting frame in dispatch order, or −1.</summary>
    public int First()
    {
        SortIfReordered();
        for (; _lowestWord < _bits.Length; _lowestWord++)
        {
            if (_bits[_lowestWord] != 0)
            {
                return OrdinalAt((_lowestWord * 64) + BitOperations.TrailingZeroCount(_bits[_lowestWord]));
            }
        }

        return -1;
    }

    /// <summary>The ordinal of the next waiting frame in dispatch order behind this one, or −1.</summary>
    public int After(int ordinal)
    {
        SortIfReordered();
        var rank = RankOf(ordinal) + 1;
        var word = rank / 64;
        if (word >= _bits.Length)
        {
            return -1;
        }

        var bits = _bits[word] & (ulong.MaxValue << (rank % 64));
        while (bits == 0)
        {
            if (++word == _bits.Length)
            {
                return -1;
            }

            bits = _bits[word];
        }

        return OrdinalAt((word * 64) + BitOperations.TrailingZeroCount(bits));
    }

    /// <summary>True unless the order changed and nobody has asked for a frame since: sorting waits until somebody does.</summary>
    internal bool IsSorted => _reordered is null;

    /// <summary>
    /// All of them, in dispatch order if <see cref="IsSorted"/>. It changes nothing, so any number of readers may look at once; <see cref="First"/> and
    /// <see cref="After"/> are the writer's.
    /// </summary>
    internal IEnumerable<int> Look()
    {
        for (var word = 0; word < _bits.Length; word++)
        {
            for (var bits = _bits[word]; bits != 0; bits &= bits - 1)
            {
                yield return OrdinalAt((word * 64) + BitOperations.TrailingZeroCount(bits));
            }
        }
    }

    /// <summary>Number of waiting frames of a smaller dispatch order. It changes nothing.</summary>
    internal int CountBefore(int dispatchOrder, ReadOnlySpan<Frame> frames)
    {
        var count = 0;
        if (_rankOf is null && _reordered is null)
        {
            // Nobody changed the order: it is that of the ordinals, and so of the bits.
            var last = Math.Min(dispatchOrder / 64, _bits.Length);
            for (var word = 0; word < last; word++)
            {
                count += BitOperations.PopCount(_bits[word]);
            }

            return last < _bits.Length ? count + BitOperations.PopCount(_bits[last] & ((1UL << (dispatchOrder % 64)) - 1)) : count;
        }

        for (var ordinal = 0; ordinal < frames.Length; ordinal++)
        {
            count += frames[ordinal].State == FrameState.Waiting && frames[ordinal].DispatchOrder < dispatchOrder ? 1 : 0;
        }

        return count;
    }

    /// <summary>Says whether a frame waits.</summary>
    internal void Set(int ordinal, bool waiting)
    {
        var rank = RankOf(ordinal);
        var bit = 1UL << (rank % 64);
        ref var word = ref _bits[rank / 64];
        if (((word & bit) != 0) == waiting)
        {
            return;
        }

        if (waiting)
        {
            word |= bit;
            Count++;
            _lowestWord = Math.Min(_lowestWord, rank / 64);
        }
        else
        {
            word &= ~bit;
            Count--;
        }
    }

    /// <summary>Says that dispatch orders changed. Sorting waits until somebody asks: one reorder changes thousands of frames.</summary>
    internal void OrderChanged(Frame[] frames) => _reordered = frames;

    /// <summary>Sorts by dispatch order.</summary>
    internal void Reorder(ReadOnlySpan<Frame> frames)
    {
        var order = new (int Order, int Ordinal)[frames.Length];
        for (var i = 0; i < frames.Length; i++)
        {
            order[i] = (frames[i].DispatchOrder, i);
        }

        Array.Sort(order);
        _ordinalAt = new int[frames.Length];
        _rankOf = new int[frames.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            _ordinalAt[rank] = order[rank].Ordinal;
            _rankOf[order[rank].Ordinal] = rank;
        }

        Array.Clear(_bits);
        _lowestWord = 0;
        Count = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            Set(i, frames[i].State == FrameState.Waiting);
        }
    }

    private void SortIfReordered()
    {
        if (_reordered is { } frames)
        {
            _reordered = null;
            Reorder(frames);
        }
    }

    private int RankOf(int ordinal) => _rankOf is null ? ordinal : _rankOf[ordinal];

    private int OrdinalAt(int rank) => _ordinalAt is null ? rank : _ordinalAt[rank];
}
