namespace OpenCue.Specs.Ranges;

/// <summary>
/// A frame set cut into chunks of a fixed size, by position in the set and not by frame number; the last chunk may be shorter.
/// Each chunk is one frame of a job, numbered by its first member. Nothing is kept per chunk: everything is worked out from the set.
/// </summary>
public sealed class FrameChunks
{
    private FrameChunks(FrameSet set, int chunkSize)
    {
        Set = set;
        ChunkSize = chunkSize;
        Count = ((set.Count - 1) / chunkSize) + 1;
    }

    /// <summary>The frames that are cut.</summary>
    public FrameSet Set { get; }

    /// <summary>How many frames a chunk has, the last one perhaps excepted; at least 1.</summary>
    public int ChunkSize { get; }

    /// <summary>The number of chunks, at least 1.</summary>
    public int Count { get; }

    /// <summary>Cuts a set.</summary>
    /// <param name="set">The frames.</param>
    /// <param name="chunkSize">The size of a chunk; more than the set has frames gives one chunk.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public static FrameChunks Of(FrameSet set, int chunkSize)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        return new FrameChunks(set, chunkSize);
    }

    /// <summary>The first member of a chunk: the number of the job's frame.</summary>
    public int FirstFrame(int index) => Set[Start(index)];

    /// <summary>The last member of a chunk.</summary>
    public int LastFrame(int index) => Set[Start(index) + Length(index) - 1];

    /// <summary>How many members a chunk has.</summary>
    public int Length(int index) => Math.Min(ChunkSize, Set.Count - Start(index));

    /// <summary>The members of a chunk, in order.</summary>
    public int[] Frames(int index)
    {
        var frames = new int[Length(index)];
        Set.CopyTo(Start(index), frames);
        return frames;
    }

    /// <summary>
    /// The members of a chunk as range text, as the token #FRAMESPEC# gives it to a command. It always reads back as exactly these
    /// members (OpenCue's text does not, for some hand-written lists in no order).
    /// </summary>
    public string SpecText(int index) => FrameText.Chunk(Frames(index));

    /// <summary>The chunk that has a frame among its members, or -1 when none has.</summary>
    public int IndexOfChunkHolding(int frame)
    {
        var position = Set.IndexOf(frame);
        return position < 0 ? -1 : position / ChunkSize;
    }

    /// <summary>The chunk whose first member is this frame, or -1: finds the job's frame of that number.</summary>
    public int IndexOfChunkStartingWith(int frame)
    {
        var position = Set.IndexOf(frame);
        return position >= 0 && position % ChunkSize == 0 ? position / ChunkSize : -1;
    }

    private int Start(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return index * ChunkSize;
    }
}
