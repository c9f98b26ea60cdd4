using System.Runtime.InteropServices;

namespace OpenCue.Specs.Ranges;

/// <summary>
/// Which chunks of one layer wait for which chunks of another under a FRAME_BY_FRAME depend, worked out chunk by chunk: no table over
/// all frames is needed, so a depend of 100,000 frames costs what one of one frame costs.
/// </summary>
/// <remarks>
/// <para>
/// "er" is the layer that waits, "on" the one it waits for. A chunk waits for every on-chunk with which it shares a frame. OpenCue
/// compares first members only, and so may start a chunk before all of its input exists when the chunk sizes or steps differ.
/// </para>
/// <para>
/// A chunk that shares no frame with any on-chunk waits, when the chunk sizes differ, for the on-chunk that holds the greatest frame
/// below its first member (none if there is none, where OpenCue's launch fails), and for nothing when they are the same. For ascending
/// on-ranges that is OpenCue's answer.
/// </para>
/// </remarks>
public static class FrameByFrame
{
    /// <summary>
    /// Whether the depend is to be made as one LAYER_ON_LAYER depend instead: one side is a single chunk of a chunked layer.
    /// </summary>
    public static bool IsLayerOnLayer(FrameChunks er, FrameChunks on)
    {
        ArgumentNullException.ThrowIfNull(er);
        ArgumentNullException.ThrowIfNull(on);
        return (on.Count == 1 && on.ChunkSize > 1) || (er.Count == 1 && er.ChunkSize > 1);
    }

    /// <summary>The on-chunks that an er-chunk waits for, ascending, each once.</summary>
    public static IReadOnlyList<int> OnChunks(FrameChunks er, int erIndex, FrameChunks on)
    {
        var into = new List<int>();
        OnChunks(er, erIndex, on, into);
        return into;
    }

    /// <summary>The on-chunks that an er-chunk waits for, ascending, each once, put into a list that is cleared first.</summary>
    public static void OnChunks(FrameChunks er, int erIndex, FrameChunks on, List<int> into)
    {
        ArgumentNullException.ThrowIfNull(er);
        ArgumentNullException.ThrowIfNull(on);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        AddChunksSharingAFrame(er, erIndex, on, into);
        if (into.Count == 0 && er.ChunkSize != on.ChunkSize
            && on.Set.RankAtOrBefore(er.FirstFrame(erIndex)) is var rank and >= 0)
        {
            into.Add(on.Set.PositionOfRank(rank) / on.ChunkSize);
        }

        SortDistinct(into);
    }

    /// <summary>
    /// The er-chunks that wait for an on-chunk, ascending, each once: the same edges as
    /// <see cref="OnChunks(FrameChunks, int, FrameChunks)"/>, seen from the other end.
    /// </summary>
    public static IReadOnlyList<int> ErChunks(FrameChunks er, FrameChunks on, int onIndex)
    {
        var into = new List<int>();
        ErChunks(er, on, onIndex, into);
        return into;
    }

    /// <summary>The er-chunks that wait for an on-chunk, ascending, each once, put into a list that is cleared first.</summary>
    public static void ErChunks(FrameChunks er, FrameChunks on, int onIndex, List<int> into)
    {
        ArgumentNullException.ThrowIfNull(er);
        ArgumentNullException.ThrowIfNull(on);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        AddChunksSharingAFrame(on, onIndex, er, into);
        if (er.ChunkSize != on.ChunkSize)
        {
            AddChunksFallingBack(er, on, onIndex, into);
        }

        SortDistinct(into);
    }

    private static void AddChunksSharingAFrame(FrameChunks from, int index, FrameChunks to, List<int> into)
    {
        var start = index * from.ChunkSize;
        for (int i = start, end = start + from.Length(index); i < end; i++)
        {
            var chunk = to.IndexOfChunkHolding(from.Set[i]);

            // Neighbours mostly fall into one chunk; this keeps the list as short as the answer.
            if (chunk >= 0 && (into.Count == 0 || into[^1] != chunk))
            {
                into.Add(chunk);
            }
        }
    }

    /// <summary>
    /// Each frame of the on-chunk stands for itself and the gap up to the next greater on-frame. An er-chunk that begins in such a gap
    /// and shares no frame with the on-layer waits for that frame's chunk.
    /// </summary>
    private static void AddChunksFallingBack(FrameChunks er, FrameChunks on, int onIndex, List<int> into)
    {
        var start = onIndex * on.ChunkSize;
        for (int i = start, end = start + on.Length(onIndex); i < end; i++)
        {
            long frame = on.Set[i];
            var next = on.Set.RankAtOrBefore(frame) + 1;
            var gapEnd = next < on.Set.Count ? on.Set[on.Set.PositionOfRank(next)] - 1L : int.MaxValue;
            var lastRank = er.Set.RankAtOrBefore(gapEnd);
            for (var rank = er.Set.RankAtOrBefore(frame) + 1; rank <= lastRank; rank++)
            {
                var position = er.Set.PositionOfRank(rank);
                if (position % er.ChunkSize == 0 && !SharesAFrame(er, position / er.ChunkSize, on))
                {
                    into.Add(position / er.ChunkSize);
                }
            }
        }
    }

    private static bool SharesAFrame(FrameChunks er, int erIndex, FrameChunks on)
    {
        var start = erIndex * er.ChunkSize;
        for (int i = start, end = start + er.Length(erIndex); i < end; i++)
        {
            if (on.Set.Contains(er.Set[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static void SortDistinct(List<int> chunks)
    {
        if (chunks.Count < 2)
        {
            return;
        }

        chunks.Sort();
        var kept = 1;
        var all = CollectionsMarshal.AsSpan(chunks);
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i] != all[kept - 1])
            {
                all[kept++] = all[i];
            }
        }

        chunks.RemoveRange(kept, chunks.Count - kept);
    }
}
