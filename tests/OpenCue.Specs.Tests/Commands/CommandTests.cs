using FsCheck.Fluent;
using OpenCue.Specs.Commands;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Commands;

public sealed class CommandTests
{
    [Theory]
    [InlineData("#ZFRAME#", "0005")]
    [InlineData("#IFRAME#", "5")]
    [InlineData("#FRAME_START#", "5")]
    [InlineData("#FRAME_END#", "8")]
    [InlineData("#FRAME_CHUNK#", "4")]
    [InlineData("#LAYER#", "render_a")]
    [InlineData("#JOB#", "show-shot-user_job")]
    [InlineData("#FRAMESPEC#", "5-8")]
    [InlineData("#FRAME#", "0005-render_a")]
    [InlineData("render -s #FRAME_START# -e #FRAME_END# -o /x.#ZFRAME#.#ZFRAME#.exr", "render -s 5 -e 8 -o /x.0005.0005.exr")]
    [InlineData("#frame# #NOPE# # ## #FRAME #IFRAME##IFRAME#", "#frame# #NOPE# # ## #FRAME 55")]
    [InlineData("no tokens $HOME", "no tokens $HOME")]
    [InlineData("", "")]
    public void Tokens_are_replaced(string command, string expanded) =>
        Assert.Equal(expanded, CommandTokens.Expand(command, Tokens("1-10", 4, 1)));

    [Fact]
    public void The_last_chunk_ends_with_the_last_frame_but_names_the_layers_chunk_size() =>
        Assert.Equal("9 10 4 9-10", CommandTokens.Expand("#FRAME_START# #FRAME_END# #FRAME_CHUNK# #FRAMESPEC#", Tokens("1-10", 4, 2)));

    [Fact]
    public void Negative_frames_are_numbers_like_any_other() =>
        Assert.Equal("-005 -5 -5 -4 -5--4 -005-render_a", CommandTokens.Expand("#ZFRAME# #IFRAME# #FRAME_START# #FRAME_END# #FRAMESPEC# #FRAME#", Tokens("-5-1", 2, 0)));

    // A user's name may hold a token; it is replaced because #JOB# comes before #FRAME#, as in OpenCue.
    [Fact]
    public void Tokens_are_replaced_one_after_the_other()
    {
        var tokens = Tokens("1-10", 1, 0) with { Job = "a#FRAME#b", Layer = "#IFRAME#" };
        Assert.Equal("a0001-#IFRAME#b #IFRAME#", CommandTokens.Expand("#JOB# #LAYER#", tokens));
    }

    [Theory]
    [InlineData(1, "0001-render")]
    [InlineData(0, "0000-render")]
    [InlineData(12345, "12345-render")]
    [InlineData(-5, "-005-render")]
    [InlineData(-12345, "-12345-render")]
    [InlineData(int.MinValue, "-2147483648-render")]
    public void A_frame_is_named_by_number_and_layer(int frame, string name) => Assert.Equal(name, FrameNames.Format(frame, "render"));

    [Theory]
    [InlineData("render")]
    [InlineData("0001")]
    [InlineData("0001-")]
    [InlineData("0001-ab")]
    [InlineData("0001-a b")]
    [InlineData("-render")]
    [InlineData("+001-render")]
    [InlineData(" 001-render")]
    [InlineData("99999999999-render")]
    [InlineData("--001-render")]
    [InlineData("-")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_texts_name_no_frame(string? text)
    {
        Assert.False(FrameNames.TryParse(text, out _, out var layer));
        Assert.Equal("", layer);
    }

    [Fact]
    public void Every_frames_name_can_be_taken_apart_again() => Properties.Holds(
        Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(),
        frame =>
        {
            Assert.True(FrameNames.TryParse(FrameNames.Format(frame, "a_b.c"), out var number, out var layer));
            Assert.Equal((frame, "a_b.c"), (number, layer));
        });

    [Fact]
    public void Log_paths_are_those_that_clients_work_out()
    {
        var dir = LogPaths.JobLogDir("/shots", "testing", "sh1", "testing-sh1-anna_job", "00000000-0000-0000-0000-000000000001");
        Assert.Equal("/shots/testing/sh1/logs/testing-sh1-anna_job--00000000-0000-0000-0000-000000000001", dir);
        Assert.Equal(dir, LogPaths.JobLogDir("/shots/", "testing", "sh1", "testing-sh1-anna_job", "00000000-0000-0000-0000-000000000001"));
        Assert.Equal("/dir/job.0001-render.rqlog", LogPaths.FrameLog("/dir", "job", "0001-render"));
    }

    private static FrameTokens Tokens(string range, int chunkSize, int index) =>
        FrameTokens.Of("show-shot-user_job", "render_a", FrameChunks.Of(FrameSet.Parse(range), chunkSize), index);
}
