using System.Text.RegularExpressions;

namespace OpenCue.Cli.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task Watching_tells_each_change_and_ends_with_0_when_all_has_succeeded()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 3), ("encode", 1));
        server.Farm.Set(job, "encode", Wire.FrameState.Depend);
        var looks = 0;
        server.Farm.OnLook = _ =>
        {
            switch (++looks)
            {
                case 2:
                    server.Farm.Set(job, "render", Wire.FrameState.Succeeded, Wire.FrameState.Running);
                    break;
                case 5:
                    server.Farm.Finish(job);
                    break;
            }
        };

        var run = await Watch(server);

        Assert.Equal(0, run.Code);
        Assert.Equal(
            [
                "testing-sh010-anna_beauty: waiting, 0 of 4 frames done (render 0/3, encode 0/1), 3 waiting, 1 depend",
                "testing-sh010-anna_beauty: running, 1 of 4 frames done (render 1/3, encode 0/1), 1 running, 1 waiting, 1 depend",
                "testing-sh010-anna_beauty: finished, 4 of 4 frames done (render 3/3, encode 1/1)",
                "testing-sh010-anna_beauty succeeded: 4 frames in 1m40s",
            ],
            run.Lines.Select(line => Regex.Replace(Regex.Replace(line, @"^\d\d:\d\d:\d\d ", ""), ", about .* left$", "")));
    }

    [Fact]
    public async Task Dead_frames_that_hold_the_job_up_end_the_watching_with_7()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));
        server.Farm.Set(job, "render", Wire.FrameState.Succeeded, Wire.FrameState.Dead, Wire.FrameState.Depend);

        var run = await Watch(server);

        Assert.Equal(7, run.Code);
        Assert.Contains("is stuck: 1 dead frame of 3 must be retried or eaten", run.Out, StringComparison.Ordinal);
        Assert.Contains("cue frame log testing-sh010-anna_beauty 0002-render", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Wire.FrameState.Eaten, "finished, but not all frames succeeded: 3 eaten of 3 frames")]
    [InlineData(Wire.FrameState.Waiting, "was killed: 3 waiting of 3 frames")]
    public async Task A_job_that_ended_without_all_frames_ends_the_watching_with_7(Wire.FrameState state, string text)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Finish(server.Farm.Add("testing-sh010-anna_beauty", ("render", 3)), state);

        var run = await Watch(server);

        Assert.Equal(7, run.Code);
        Assert.Contains(text, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_the_server_keeps_no_longer_is_no_success()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));
        server.Farm.OnLook = _ => server.Farm.Jobs.Remove(job);

        var run = await Watch(server);

        Assert.Equal(1, run.Code);
        Assert.Contains("how it ended is unknown", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_goes_away_is_waited_for()
    {
        var server = await FakeCuebot.StartAsync();
        var farm = server.Farm;
        var job = farm.Add("testing-sh010-anna_beauty", ("render", 3));
        var address = server.Address;
        var output = new SharedText();
        var watching = CueRun.OfAsync(["job", "watch", "beauty", "--interval", "0.1"], server, output: output);
        await output.ContainsAsync("3 waiting");
        await server.DisposeAsync();
        farm.Finish(job);
        await output.ContainsAsync("trying again");
        await using var again = await FakeCuebot.StartAsync(int.Parse(address.Split(':')[1]), farm);

        var run = await watching;

        Assert.Equal(0, run.Code);
        Assert.Contains("cuebot answers again", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_leaves_the_job_alone_and_ends_with_130()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));
        using var stop = new CancellationTokenSource();
        server.Farm.OnLook = _ => stop.Cancel();

        var run = await CueRun.OfAsync(["job", "watch", "beauty"], server, cancel: stop.Token);

        Assert.Equal(130, run.Code);
        Assert.Equal("No longer watching; the job goes on.\n", run.Error);
    }

    [Fact]
    public async Task The_post_job_is_found_and_watched_too()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        var post = server.Farm.Add($"testing-sh010-monitor_beauty_post_job_{(job.StartTime * 1000L) + 5}", ("contact_sheet", 1));
        post.User = "monitor";
        post.State = Wire.JobState.Posted;
        server.Farm.Finish(job);
        var looks = 0;
        server.Farm.OnLook = looked =>
        {
            if (looked == post && ++looks == 3)
            {
                server.Farm.Finish(post);
            }
        };

        var run = await CueRun.OfAsync(["job", "watch", "beauty", "--post", "--interval", "0.1"], server);

        Assert.Equal(0, run.Code);
        Assert.Contains($"{post.Name} succeeded", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(160)]
    public async Task On_a_terminal_there_is_a_bar_for_each_layer_within_the_width(int width)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_a_job_with_a_rather_long_name", ("render", 48), ("encode", 1));
        server.Farm.Set(job, "render", [.. Enumerable.Repeat(Wire.FrameState.Succeeded, 24), Wire.FrameState.Dead]);
        server.Farm.Set(job, "encode", Wire.FrameState.Running);
        using var stop = new CancellationTokenSource();
        var looks = 0;
        server.Farm.OnLook = _ =>
        {
            if (++looks == 3)
            {
                stop.Cancel();
            }
        };

        var run = await CueRun.OfAsync(["job", "watch", "rather", "--interval", "0.1"], server, width, cancel: stop.Token);

        var picture = Regex.Replace(run.Out, @"\e\[[0-9;?]*[A-Za-z]", "").Split(['\n', '\r']).Select(line => line.TrimEnd(' ')).ToList();
        Assert.All(picture, line => Assert.True(line.Length <= width, $"{line.Length}: {line}"));
        Assert.Contains(picture, line => line.StartsWith("  render  █", StringComparison.Ordinal) && line.Contains(" 24/48", StringComparison.Ordinal));
        Assert.Contains(picture, line => line.StartsWith("  encode  ", StringComparison.Ordinal) && line.Contains(" 0/1", StringComparison.Ordinal));
        Assert.Contains(picture, line => line.Contains("rnd01", StringComparison.Ordinal));
        // The cursor, hidden while the picture is drawn, is back.
        Assert.Contains("\e[?25h", run.Out, StringComparison.Ordinal);
    }

    private static Task<CueRun> Watch(FakeCuebot server) => CueRun.OfAsync(["job", "watch", "beauty", "--interval", "0.1"], server);
}
