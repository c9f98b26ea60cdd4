using FsCheck.Fluent;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Ranges;

public sealed class FrameSetProperties
{
    [Fact]
    public void Every_range_is_read_as_the_grammar_says() => Properties.Holds(RangeTexts.NotEmpty, text =>
        Assert.Equal(RangeTexts.Read(text), FrameSet.Parse(text)));

    [Fact]
    public void A_printed_range_reads_back_as_the_same_frames_in_the_same_order() => Properties.Holds(RangeTexts.NotEmpty, text =>
    {
        var set = FrameSet.Parse(text);
        Assert.Equal(set, FrameSet.Parse(set.ToString()));
    });

    [Fact]
    public void Any_frames_make_a_set_that_prints_and_reads_back() => Properties.Holds(
        Gen.Choose(int.MinValue, int.MaxValue).NonEmptyListOf().ToArbitrary(),
        frames =>
        {
            var set = FrameSet.Of(frames);
            Assert.Equal(frames.Distinct(), set);
            Assert.Equal(set, FrameSet.Parse(set.ToString()));
        });

    [Fact]
    public void Every_frame_is_found_and_no_other() => Properties.Holds(RangeTexts.NotEmpty, text =>
    {
        var set = FrameSet.Parse(text);
        var frames = RangeTexts.Read(text);
        for (var frame = -80; frame <= 80; frame++)
        {
            Assert.Equal(frames.IndexOf(frame), set.IndexOf(frame));
        }
    });

    [Fact]
    public void Any_part_of_a_set_can_be_copied_out() => Properties.Holds(RangeTexts.NotEmpty, text =>
    {
        var set = FrameSet.Parse(text);
        var middle = set.Count / 2;
        var copy = new int[set.Count - middle];
        set.CopyTo(middle, copy);
        Assert.Equal(set.Skip(middle), copy);
    });

    [Fact]
    public void No_text_makes_the_parser_fail_otherwise_than_with_its_own_exception() => Properties.Holds(
        Gen.Elements("-0123456789xy:, a".ToCharArray()).ListOf().ToArbitrary(),
        characters =>
        {
            var text = string.Concat(characters);
            if (FrameSet.TryParse(text, 1000, out var set, out var error))
            {
                Assert.Equal(set, FrameSet.Parse(set.ToString()));
            }
            else
            {
                Assert.NotEmpty(error);
            }
        },
        cases: 5000);
}
