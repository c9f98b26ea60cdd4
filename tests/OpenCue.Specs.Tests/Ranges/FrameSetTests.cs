using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Ranges;

public sealed class FrameSetTests
{
    [Theory]
    [InlineData("7", "7")]
    [InlineData("-7", "-7")]
    [InlineData("0", "0")]
    [InlineData("0007", "7")]
    [InlineData("1-5", "1,2,3,4,5")]
    [InlineData("6-2", "6,5,4,3,2")]
    [InlineData("3-3", "3")]
    [InlineData("-5-3", "-5,-4,-3,-2,-1,0,1,2,3")]
    [InlineData("-2--6", "-2,-3,-4,-5,-6")]
    [InlineData("1-10x3", "1,4,7,10")]
    [InlineData("10-1x-3", "10,7,4,1")]
    [InlineData("1-3x5", "1")]
    [InlineData("4-4x2", "4")]
    [InlineData("1-10y3", "2,3,5,6,8,9")]
    [InlineData("8-1y-2", "7,5,3,1")]
    [InlineData("1-10:5", "1,6,3,5,7,9,2,4,8,10")]
    [InlineData("10-1:-5", "10,5,8,6,4,2,9,7,3,1")]
    [InlineData("1-4:1", "1,2,3,4")]
    [InlineData("1,3,2", "1,3,2")]
    [InlineData("1-3,", "1,2,3")]
    [InlineData("1-3,,,", "1,2,3")]
    [InlineData("5,3-1x1", "5")]
    [InlineData("1-4,2-6", "1,2,3,4,5,6")]
    [InlineData("1-10x2,1-10", "1,3,5,7,9,2,4,6,8,10")]
    [InlineData("2147483646-2147483647", "2147483646,2147483647")]
    [InlineData("-2147483648-2147483647x2147483647", "-2147483648,-1,2147483646")]
    public void A_range_names_these_frames_in_this_order(string text, string frames) =>
        Assert.Equal(frames, string.Join(',', FrameSet.Parse(text)));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(",", "unrecognized frame range syntax ''")]
    [InlineData(",1", "unrecognized frame range syntax '' in ',1'")]
    [InlineData("1,,2", "unrecognized frame range syntax '' in '1,,2'")]
    [InlineData("a", "unrecognized frame range syntax 'a'")]
    [InlineData("1-", "unrecognized frame range syntax '1-'")]
    [InlineData("-", "unrecognized frame range syntax '-'")]
    [InlineData("--1", "unrecognized frame range syntax '--1'")]
    [InlineData("+1", "unrecognized frame range syntax '+1'")]
    [InlineData("1 - 5", "unrecognized frame range syntax '1 - 5'")]
    [InlineData("1-5,8 ,9", "unrecognized frame range syntax '8 ' in '1-5,8 ,9'")]
    [InlineData("1-5z2", "unrecognized frame range syntax '1-5z2'")]
    [InlineData("1-5x", "unrecognized frame range syntax '1-5x'")]
    [InlineData("1-5x2x3", "unrecognized frame range syntax '1-5x2x3'")]
    [InlineData("1x5", "unrecognized frame range syntax '1x5'")]
    [InlineData("1.5", "unrecognized frame range syntax '1.5'")]
    [InlineData("\u0661", "unrecognized frame range syntax")]
    [InlineData("1-5x0", "step of the frame range '1-5x0' is 0")]
    [InlineData("1-5y0", "step of the frame range '1-5y0' is 0")]
    [InlineData("1-5:0", "step of the frame range '1-5:0' is 0")]
    [InlineData("5-1x2", "write a negative step")]
    [InlineData("5-1:2", "write a negative step")]
    [InlineData("1-5x-2", "write a positive step")]
    [InlineData("1-1x-1", "write a positive step")]
    [InlineData("1-5y-1", "write a positive step")]
    [InlineData("10-1x1", "names no frame")]
    [InlineData("1-5y1", "names no frame")]
    [InlineData("2147483648", "'2147483648' in a frame range is too large")]
    [InlineData("1-99999999999999999999", "too large")]
    [InlineData("1-5\n", "unrecognized frame range syntax '1-5\\u000a'")]
    [InlineData("1-5\0", "unrecognized frame range syntax '1-5\\u0000'")]
    public void What_is_no_range_is_refused_naming_the_part(string text, string message)
    {
        Assert.Contains(message, Assert.Throws<FrameRangeException>(() => FrameSet.Parse(text)).Message, StringComparison.Ordinal);
        Assert.False(FrameSet.TryParse(text, 100, out var set, out var error));
        Assert.Null(set);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-1000000000", 1_000_000_000)]
    [InlineData("1-2000000000:3", 2_000_000_000)]
    [InlineData("1-2000000000y1000", 1_998_000_000)]
    [InlineData("-2147483648-2147483647", 4_294_967_296)]
    [InlineData("1-60000,1-60000", 120_000)]
    [InlineData("1-2000000000,7,1-2000000000,5-1x1", 4_000_000_001)]
    public void A_range_that_asks_for_too_many_frames_is_refused_before_it_is_expanded(string text, long asked)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Assert.Throws<FrameRangeException>(() => FrameSet.Parse(text));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(asked, refusal.Asked);
        Assert.Contains($"asks for {asked} frames; at most 100000 are allowed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_itself_is_allowed() => Assert.Equal(100_000, FrameSet.Parse("1-100000").Count);

    [Fact]
    public void Evenly_spaced_frames_take_no_memory_per_frame_however_they_are_written()
    {
        var listed = string.Join(',', Enumerable.Range(1, 50_000));
        Assert.Equal("1-50000", FrameSet.Parse(listed).ToString());

        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = FrameSet.Parse("1-100000x7");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000);
        Assert.Equal(14_286, set.Count);
    }

    [Theory]
    [InlineData("1-10", 4, 3)]
    [InlineData("1-10", 0, -1)]
    [InlineData("1-10", 11, -1)]
    [InlineData("1-10x3", 7, 2)]
    [InlineData("1-10x3", 8, -1)]
    [InlineData("10-1x-3", 4, 2)]
    [InlineData("10-1x-3", 5, -1)]
    [InlineData("1-10:5", 3, 2)]
    [InlineData("5,3,9,5", 5, 0)]
    [InlineData("5,3,9,5", 9, 2)]
    [InlineData("5,3,9,5", 4, -1)]
    [InlineData("1,2,5", 5, 2)]
    [InlineData("-5--1", -4, 1)]
    public void A_frame_is_found_at_its_first_place(string text, int frame, int index)
    {
        var set = FrameSet.Parse(text);
        Assert.Equal(index, set.IndexOf(frame));
        Assert.Equal(index >= 0, set.Contains(frame));
    }

    [Theory]
    [InlineData("1,2,3,4", "1-4")]
    [InlineData("4,3,2", "4-2")]
    [InlineData("1,3,5,7", "1-7x2")]
    [InlineData("7,5,3", "7-3x-2")]
    [InlineData("1,3", "1,3")]
    [InlineData("1,2", "1-2")]
    [InlineData("2,1", "2-1")]
    [InlineData("1,3,4,5", "1,3-5")]
    [InlineData("1-3,10-12", "1-3,10-12")]
    [InlineData("-5,-4,-3", "-5--3")]
    [InlineData("9", "9")]
    [InlineData("2147483647,-2147483648", "2147483647,-2147483648")]
    public void A_set_prints_as_short_text(string text, string printed) => Assert.Equal(printed, FrameSet.Parse(text).ToString());

    [Fact]
    public void A_set_keeps_the_text_it_was_read_from() => Assert.Equal("1,2,3,", FrameSet.Parse("1,2,3,").Text);

    [Fact]
    public void A_set_made_of_frames_has_its_short_text() => Assert.Equal("1-3", FrameSet.Of([1, 2, 2, 3, 1]).Text);

    [Fact]
    public void A_set_of_no_frames_cannot_be_made() => Assert.Throws<ArgumentException>(() => FrameSet.Of([]));

    [Theory]
    [InlineData("1-3", "1,2,3", true)]
    [InlineData("1", "1-2x5", true)]
    [InlineData("1,5,2", "1,5,2", true)]
    [InlineData("1-3", "3-1", false)]
    [InlineData("1,5,2", "1,2,5", false)]
    [InlineData("1,5,7", "1-3", false)]
    public void Sets_are_equal_when_they_hold_the_same_frames_in_the_same_order(string one, string other, bool equal)
    {
        Assert.Equal(equal, FrameSet.Parse(one).Equals(FrameSet.Parse(other)));
        if (equal)
        {
            Assert.Equal(FrameSet.Parse(one).GetHashCode(), FrameSet.Parse(other).GetHashCode());
        }
    }

    [Fact]
    public void Positions_outside_the_set_are_refused()
    {
        var set = FrameSet.Parse("1-3");
        Assert.Throws<ArgumentOutOfRangeException>(() => set[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => set[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.CopyTo(2, new int[2]));
    }
}
