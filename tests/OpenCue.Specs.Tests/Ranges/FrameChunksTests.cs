using FsCheck.Fluent;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Ranges;

public sealed class FrameChunksTests
{
    [Theory]
    [InlineData("1-10", 4, "1,5,9")]
    [InlineData("1-10", 1, "1,2,3,4,5,6,7,8,9,10")]
    [InlineData("1-10", 10, "1")]
    [InlineData("1-10", 50, "1")]
    [InlineData("1-10x2,1-10", 2, "1,5,9,4,8")]
    [InlineData("1-10:2", 2, "1,5,9,4,8")]
    [InlineData("1-10:4", 2, "1,9,7,4,8")]
    [InlineData("10-1", 3, "10,7,4,1")]
    public void A_job_gets_these_frames(string range, int chunkSize, string frames)
    {
        var chunks = Chunks(range, chunkSize);
        Assert.Equal(frames, string.Join(',', Enumerable.Range(0, chunks.Count).Select(chunks.FirstFrame)));
    }

    [Theory]
    [InlineData("1-10", 1, 3, "4")]
    [InlineData("1-10", 4, 0, "1-4")]
    [InlineData("1-10", 4, 2, "9-10")]
    [InlineData("10-1", 4, 0, "10-7x-1")]
    [InlineData("10-1", 9, 1, "1")]
    [InlineData("1-10x2", 2, 0, "1,3")]
    [InlineData("1-10x2", 3, 0, "1-5x2")]
    [InlineData("10-1x-3", 4, 0, "10-1x-3")]
    [InlineData("11-91x20", 5, 0, "11-91x20")]
    [InlineData("5-11x2,31", 5, 0, "5-11x2,31")]
    [InlineData("91,103,104", 3, 0, "91,103,104")]
    [InlineData("91,103,104,105", 4, 0, "91,103,104,105")]
    [InlineData("1-3,7,9", 5, 0, "1-3,7,9")]
    [InlineData("1,2,5,6", 4, 0, "1-2,5-6")]
    [InlineData("1-4:2", 4, 0, "1,3-2,4")]
    [InlineData("1,4,2,5", 4, 0, "1,4,2,5")]
    [InlineData("-3-2", 3, 0, "-3--1")]
    public void The_text_of_a_chunk_is_OpenCues_where_that_is_right(string range, int chunkSize, int index, string text) =>
        Assert.Equal(text, Chunks(range, chunkSize).SpecText(index));

    [Fact]
    public void A_short_last_chunk_ends_with_the_last_frame()
    {
        var chunks = Chunks("1-10", 4);
        Assert.Equal([9, 10], chunks.Frames(2));
        Assert.Equal(10, chunks.LastFrame(2));
        Assert.Equal(2, chunks.Length(2));
        Assert.Equal(4, chunks.LastFrame(0));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(4, 0, -1)]
    [InlineData(5, 1, 1)]
    [InlineData(10, 2, -1)]
    [InlineData(11, -1, -1)]
    public void A_chunk_is_found_by_any_member_or_by_its_first(int frame, int holding, int startingWith)
    {
        var chunks = Chunks("1-10", 4);
        Assert.Equal(holding, chunks.IndexOfChunkHolding(frame));
        Assert.Equal(startingWith, chunks.IndexOfChunkStartingWith(frame));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_chunk_has_at_least_one_frame(int chunkSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Chunks("1-10", chunkSize));

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_chunk_that_does_not_exist_is_refused(int index)
    {
        var chunks = Chunks("1-10", 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => chunks.FirstFrame(index));
        Assert.Throws<ArgumentOutOfRangeException>(() => chunks.Frames(index));
    }

    [Fact]
    public void A_chunk_size_beyond_all_frames_does_not_overflow() =>
        Assert.Equal("1-100000", Chunks("1-100000", int.MaxValue).SpecText(0));

    [Fact]
    public void Chunks_cover_each_frame_exactly_once() => Properties.Holds(Cut, cut =>
    {
        var chunks = Chunks(cut.Range, cut.Size);
        Assert.Equal(chunks.Set, Enumerable.Range(0, chunks.Count).SelectMany(chunks.Frames));
        for (var i = 0; i < chunks.Count; i++)
        {
            Assert.All(chunks.Frames(i), frame => Assert.Equal(i, chunks.IndexOfChunkHolding(frame)));
            Assert.Equal(i, chunks.IndexOfChunkStartingWith(chunks.FirstFrame(i)));
            Assert.Equal(chunks.Frames(i)[^1], chunks.LastFrame(i));
        }
    });

    [Fact]
    public void The_text_of_a_chunk_reads_back_as_its_members() => Properties.Holds(Cut, cut =>
    {
        var chunks = Chunks(cut.Range, cut.Size);
        for (var i = 0; i < chunks.Count; i++)
        {
            Assert.Equal(chunks.Frames(i), FrameSet.Parse(chunks.SpecText(i)));
        }
    });

    private static FsCheck.Arbitrary<(string Range, int Size)> Cut =>
        RangeTexts.NotEmpty.Generator.SelectMany(range => Gen.Choose(1, 25).Select(size => (range, size))).ToArbitrary();

    private static FrameChunks Chunks(string range, int chunkSize) => FrameChunks.Of(FrameSet.Parse(range), chunkSize);
}
