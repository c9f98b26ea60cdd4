using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Ranges;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class FrameOrderTests
{
    private readonly TestFarm _farm = new();

    [Theory]
    [InlineData(FrameOrderKind.First, "4,2", "4 2 1 3 5")]
    [InlineData(FrameOrderKind.Last, "1,3", "2 4 5 1 3")]
    [InlineData(FrameOrderKind.Reverse, "1-5", "5 4 3 2 1")]
    [InlineData(FrameOrderKind.Reverse, "2,4", "1 4 3 2 5")]
    [InlineData(FrameOrderKind.First, "9,4", "4 1 2 3 5")]
    public void Frames_are_put_where_they_are_wanted(FrameOrderKind kind, string range, string expected)
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-5")).Layers[0];

        _farm.Do(edit => FrameOrder.Reorder(edit, layer, FrameSet.Parse(range), kind));

        Assert.Equal(expected, Booked(layer));
        _farm.Restart();
        Assert.Equal(expected, Booked(_farm.Model.Layers[layer.Id]));
    }

    [Theory]
    [InlineData(FrameOrderKind.First, "9,4-6", "9 4 5 6 1 2 3 7 8 10 11 12")]
    [InlineData(FrameOrderKind.Last, "1-8", "9 10 11 12 1 2 3 4 5 6 7 8")]
    [InlineData(FrameOrderKind.Reverse, "1-12", "12 11 10 9 8 7 6 5 4 3 2 1")]
    public void Many_frames_are_put_there_a_chunk_a_batch_also_over_a_restart(FrameOrderKind kind, string range, string expected)
    {
        var farm = new TestFarm(new FarmSettings { BulkChunk = 3, OperationChunk = 3 });
        var layer = farm.Submit("comp", Layer("bg", "1-12")).Layers[0];

        farm.Do(edit => FrameOrder.Reorder(edit, layer, FrameSet.Parse(range), kind));
        Assert.Empty(farm.LastChanges.Frames);
        farm.Do(edit => BulkOperations.Step(edit, farm.Model.Operations.Values.Single()));
        Assert.InRange(farm.LastChanges.Frames.Count, 1, 6);
        farm.Restart();
        farm.FinishBulk();

        Assert.Equal(expected, Booked(farm.Model.Layers[layer.Id]));
        Assert.Empty(FarmInvariants.Check(farm.Model));
    }

    [Fact]
    public void Many_frames_are_staggered_a_chunk_a_batch()
    {
        var farm = new TestFarm(new FarmSettings { BulkChunk = 3, OperationChunk = 3 });
        var layer = farm.Submit("comp", Layer("bg", "1-10")).Layers[0];
        farm.Do(edit => FrameOrder.Stagger(edit, layer, FrameSet.Parse("1-10"), 5));
        Assert.Empty(farm.LastChanges.Frames);
        farm.FinishBulk();
        Assert.Equal("1 6 3 5 7 9 2 4 8 10", Booked(layer));
    }

    [Fact]
    public void Reordering_frames_of_chunks_goes_by_their_first_number()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-10", chunk: 3)).Layers[0];

        _farm.Do(edit => FrameOrder.Reorder(edit, layer, FrameSet.Parse("7,2"), FrameOrderKind.First));

        Assert.Equal("7 1 4 10", Booked(layer));
    }

    [Fact]
    public void Staggering_runs_every_nth_frame_first()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-10")).Layers[0];

        _farm.Do(edit => FrameOrder.Stagger(edit, layer, FrameSet.Parse("1-10"), 5));

        Assert.Equal("1 6 3 5 7 9 2 4 8 10", Booked(layer));
    }

    [Fact]
    public void A_layer_of_one_frame_or_without_the_first_of_the_range_is_not_staggered()
    {
        var job = _farm.Submit("comp", Layer("one1", "1"), Layer("two2", "3-6"));

        _farm.Do(edit => job.Layers.ForEach(layer => FrameOrder.Stagger(edit, layer, FrameSet.Parse("1-10"), 2)));

        Assert.True(_farm.LastChanges.IsEmpty);
    }

    private static string Booked(Layer layer)
    {
        var frames = new List<int>();
        for (var i = layer.Waiting.First(); i >= 0; i = layer.Waiting.After(i))
        {
            frames.Add(layer.Chunks.FirstFrame(i));
        }

        return string.Join(' ', frames);
    }
}
