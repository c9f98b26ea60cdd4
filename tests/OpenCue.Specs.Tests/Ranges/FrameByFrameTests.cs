using FsCheck;
using FsCheck.Fluent;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Ranges;

public sealed class FrameByFrameTests
{
    [Theory]
    [InlineData("1-10", 1, "1-10", 4, "1:1 2:1 3:1 4:1 5:5 6:5 7:5 8:5 9:9 10:9")]
    [InlineData("1-10", 10, "1-10", 1, "1:1,2,3,4,5,6,7,8,9,10")]
    [InlineData("1-4", 1, "1-4", 1, "1:1 2:2 3:3 4:4")]
    [InlineData("1-4", 2, "1-4", 2, "1:1 3:3")]
    [InlineData("1-6", 2, "1-6", 3, "1:1 3:1,4 5:4")]
    [InlineData("1-10x2", 2, "1-10", 1, "1:1,3 5:5,7 9:9")]
    [InlineData("1-20", 10, "1-20", 5, "1:1,6 11:11,16")]
    [InlineData("5-8", 2, "1-8", 2, "5:5 7:7")]
    [InlineData("1-3", 1, "4-6", 1, "1: 2: 3:")]
    [InlineData("11-13", 1, "1-10", 4, "11:9 12:9 13:9")]
    [InlineData("2-8x2", 1, "1-9x2", 2, "2:1 4:1 6:5 8:5")]
    [InlineData("1-3", 1, "5-10", 2, "1: 2: 3:")]
    public void Each_chunk_waits_for_these(string erRange, int erChunk, string onRange, int onChunk, string expected)
    {
        var (er, on) = (Chunks(erRange, erChunk), Chunks(onRange, onChunk));

        var edges = Enumerable.Range(0, er.Count)
            .Select(i => $"{er.FirstFrame(i)}:{string.Join(',', FrameByFrame.OnChunks(er, i, on).Select(on.FirstFrame))}");

        Assert.Equal(expected, string.Join(' ', edges));
    }

    [Theory]
    [InlineData("1-10", 1, "1-10", 20, true)]
    [InlineData("1-10", 20, "1-10", 1, true)]
    [InlineData("1", 1, "1-10", 1, false)]
    [InlineData("1-10", 4, "1-10", 4, false)]
    public void One_chunk_of_a_chunked_layer_makes_it_a_depend_between_layers(
        string erRange, int erChunk, string onRange, int onChunk, bool layerOnLayer) =>
        Assert.Equal(layerOnLayer, FrameByFrame.IsLayerOnLayer(Chunks(erRange, erChunk), Chunks(onRange, onChunk)));

    [Fact]
    public void A_chunk_waits_for_all_that_share_a_frame_with_it() => Properties.Holds(Pairs, pair =>
    {
        var (er, on) = pair;
        for (var i = 0; i < er.Count; i++)
        {
            var shared = Enumerable.Range(0, on.Count).Where(j => on.Frames(j).Intersect(er.Frames(i)).Any()).ToList();
            if (shared.Count == 0 && er.ChunkSize != on.ChunkSize)
            {
                var below = on.Set.Where(frame => frame <= er.FirstFrame(i)).ToList();
                shared = below.Count > 0 ? [on.IndexOfChunkHolding(below.Max())] : [];
            }

            Assert.Equal(shared, FrameByFrame.OnChunks(er, i, on));
        }
    });

    [Fact]
    public void Seen_from_the_other_end_the_edges_are_the_same() => Properties.Holds(Pairs, pair =>
    {
        var (er, on) = pair;
        for (var j = 0; j < on.Count; j++)
        {
            var waiting = Enumerable.Range(0, er.Count).Where(i => FrameByFrame.OnChunks(er, i, on).Contains(j));
            Assert.Equal(waiting, FrameByFrame.ErChunks(er, on, j));
        }
    });

    [Fact]
    public void One_chunk_of_a_hundred_thousand_costs_as_much_as_one_of_ten()
    {
        var (er, on) = (Chunks("1-100000", 1), Chunks("1-100000", 4));
        List<int> forward = new(16), back = new(16);
        FrameByFrame.OnChunks(er, 4, on, forward);
        FrameByFrame.ErChunks(er, on, 1, back);
        var before = GC.GetAllocatedBytesForCurrentThread();

        FrameByFrame.OnChunks(er, 99_999, on, forward);
        FrameByFrame.ErChunks(er, on, 24_999, back);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        Assert.Equal([24_999], forward);
        Assert.Equal([99_996, 99_997, 99_998, 99_999], back);
    }

    private static Arbitrary<(FrameChunks Er, FrameChunks On)> Pairs
    {
        get
        {
            var chunks = RangeTexts.NotEmpty.Generator.SelectMany(range => Gen.Choose(1, 9).Select(size => Chunks(range, size)));
            return chunks.SelectMany(er => chunks.Select(on => (er, on))).ToArbitrary();
        }
    }

    private static FrameChunks Chunks(string range, int chunkSize) => FrameChunks.Of(FrameSet.Parse(range), chunkSize);
}
