using System.Text;
using System.Text.Json;

namespace OpenCue.Cli.Tests;

public sealed class FrameTests : IDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("cue-tests-");

    public void Dispose() => _logs.Delete(recursive: true);

    [Fact]
    public async Task Frames_are_listed_by_state_and_layer()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 4), ("encode", 1));
        server.Farm.Set(job, "render", Wire.FrameState.Succeeded, Wire.FrameState.Dead, Wire.FrameState.Running);

        var all = await CueRun.OfAsync(["frame", "list", "beauty"], server);
        var some = await CueRun.OfAsync(["frame", "list", "beauty", "--state", "dead", "running", "--layer", "render"], server);

        Assert.Equal(6, all.Lines.Length);
        Assert.Equal(3, some.Lines.Length);
        Assert.Matches("^0002-render +dead +rnd01 ", some.Lines[1]);
    }

    [Fact]
    public async Task A_job_of_many_frames_is_listed_in_full()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 2500));

        var run = await CueRun.OfAsync(["frame", "list", "beauty", "--json"], server);
        var first = await CueRun.OfAsync(["frame", "list", "beauty", "--limit", "7", "--json"], server);

        Assert.Equal(2500, JsonDocument.Parse(run.Out).RootElement.EnumerateArray().Select(frame => frame.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(7, JsonDocument.Parse(first.Out).RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("--state '7' is no state", "--state", "7")]
    [InlineData("--state 'sleeping' is no state", "--state", "sleeping")]
    [InlineData("--range 'x' is no frame range", "--range", "x")]
    [InlineData("'render5' is no frame name", "render5")]
    public async Task What_selects_nothing_that_exists_is_wrong_usage(string message, params string[] selection)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));

        var run = await CueRun.OfAsync(["frame", "list", "beauty", .. selection], server);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("eat")]
    [InlineData("kill")]
    public async Task Acting_on_frames_needs_a_selection_or_all(string verb)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));
        server.Farm.Set(job, "render", Wire.FrameState.Running);

        var nothing = await CueRun.OfAsync(["frame", verb, "beauty", "--yes"], server);
        var both = await CueRun.OfAsync(["frame", verb, "beauty", "--all", "--layer", "render", "--yes"], server);
        var all = await CueRun.OfAsync(["frame", verb, "beauty", "--all", "--yes"], server);

        Assert.Equal((2, 2, 0), (nothing.Code, both.Code, all.Code));
        Assert.Single(server.Farm.Requests, request => request is not Wire.JobGetJobsRequest);
    }

    [Fact]
    public async Task A_frame_is_named_to_the_server_as_the_server_names_it()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));
        server.Farm.Set(job, "render", Wire.FrameState.Dead);

        var run = await CueRun.OfAsync(["frame", "retry", "beauty", "1-Render"], server);

        Assert.Equal("Retrying 0001-render of testing-sh010-anna_beauty\n", run.Out);
        Assert.Equal(["0001-render"], Assert.Single(server.Farm.Requests.OfType<Wire.JobRetryFramesRequest>()).Req.Frames);
    }

    [Fact]
    public async Task Killing_frames_that_do_not_run_is_refused_before_it_is_tried()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));

        var run = await CueRun.OfAsync(["frame", "kill", "beauty", "--layer", "render", "--yes"], server);

        Assert.Equal(3, run.Code);
        Assert.DoesNotContain(server.Farm.Requests, request => request is Wire.JobKillFramesRequest);
    }

    [Theory]
    [InlineData("0002-render")]
    [InlineData("render", "2")]
    public async Task A_log_is_printed_from_the_folder_of_the_job(params string[] frame)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        Write(job, "0002-render", "one\ntwo\nthree\n");

        var run = await CueRun.OfAsync(["frame", "log", "beauty", .. frame], server);
        var tail = await CueRun.OfAsync(["frame", "log", "beauty", .. frame, "-n", "2"], server);
        var path = await CueRun.OfAsync(["frame", "log", "beauty", .. frame, "--path"], server);

        Assert.Equal("one\ntwo\nthree\n", run.Out);
        Assert.Equal("two\nthree\n", tail.Out);
        Assert.Equal(PathOf(job, "0002-render") + "\n", path.Out);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3000)]
    [InlineData(40000)]
    [InlineData(100000)]
    public async Task The_last_lines_of_a_long_log_are_its_last_lines(int count)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        var lines = Enumerable.Range(0, 50_000).Select(number => $"line {number} é").ToList();
        Write(job, "0001-render", string.Join('\n', lines) + "\n");

        var run = await CueRun.OfAsync(["frame", "log", "beauty", "render", "1", "-n", $"{count}"], server);

        Assert.Equal(lines.TakeLast(count), run.Lines);
    }

    [Fact]
    public async Task A_number_inside_a_chunk_means_the_frame_that_renders_it()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        server.Farm.Layers[job.Id][0].Range = "1-20";
        server.Farm.Layers[job.Id][0].ChunkSize = 5;
        server.Farm.Frames[job.Id][1].Name = "0006-render";
        Write(job, "0006-render", "six to ten\n");

        var run = await CueRun.OfAsync(["frame", "log", "beauty", "render", "8"], server);
        var beyond = await CueRun.OfAsync(["frame", "log", "beauty", "render", "21"], server);

        Assert.Equal("six to ten\n", run.Out);
        Assert.Equal(3, beyond.Code);
        Assert.Contains("its range is 1-20", beyond.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_this_machine_does_not_see_is_read_by_the_server()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        server.Farm.Set(job, "render", Wire.FrameState.Succeeded);
        server.Farm.ServerLog = Encoding.UTF8.GetBytes("from the sérver, piece by piece\nand another line\n");

        var run = await CueRun.OfAsync(["frame", "log", "beauty", "render", "1"], server);
        var tail = await CueRun.OfAsync(["frame", "log", "beauty", "render", "1", "-n", "1"], server);

        Assert.Equal("from the sérver, piece by piece\nand another line\n", run.Out);
        Assert.Equal("and another line\n", tail.Out);
    }

    [Fact]
    public async Task Without_a_log_it_is_said_why()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        var waiting = await CueRun.OfAsync(["frame", "log", "beauty", "render", "1"], server);
        server.Farm.Set(job, "render", Wire.FrameState.Dead);
        var dead = await CueRun.OfAsync(["frame", "log", "beauty", "render", "1"], server);

        Assert.Equal((3, 3), (waiting.Code, dead.Code));
        Assert.Contains("has not run yet", waiting.Error, StringComparison.Ordinal);
        Assert.Contains("this server does not see the folder of the logs", dead.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_waits_for_the_frame_goes_with_its_log_and_ends_with_it()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        var looks = 0;
        server.Farm.OnFrameLook = frame =>
        {
            switch (++looks)
            {
                case 1:
                    Write(job, frame.Name, "first ");
                    server.Farm.Set(job, "render", Wire.FrameState.Running);
                    break;
                case 2:
                    Write(job, frame.Name, "first second\n");
                    break;
                case 3:
                    Write(job, frame.Name, "first second\nlast\n");
                    server.Farm.Set(job, "render", Wire.FrameState.Succeeded);
                    break;
            }
        };

        var run = await CueRun.OfAsync(["frame", "log", "-f", "beauty", "render", "1"], server);

        Assert.Equal(0, run.Code);
        Assert.Equal("first second\nlast\n", run.Out);
        Assert.Equal("0001-render of testing-sh010-anna_beauty is waiting; its log will follow.\n0001-render of testing-sh010-anna_beauty is succeeded.\n", run.Error);
    }

    [Fact]
    public async Task Following_goes_on_with_the_log_of_the_next_try()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        Write(job, "0001-render", "first try\n");
        server.Farm.Set(job, "render", Wire.FrameState.Running);
        var looks = 0;
        server.Farm.OnFrameLook = frame =>
        {
            if (++looks == 1)
            {
                Write(job, frame.Name, "second try, longer\n");
                frame.StartTime += 60;
            }
            else
            {
                server.Farm.Frames[job.Id][0].State = Wire.FrameState.Succeeded;
            }
        };

        var run = await CueRun.OfAsync(["frame", "log", "-f", "beauty", "render", "1"], server);

        Assert.Equal("first try\nsecond try, longer\n", run.Out);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_following()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = WithLogs(server);
        Write(job, "0001-render", "going on\n");
        server.Farm.Set(job, "render", Wire.FrameState.Running);
        using var stop = new CancellationTokenSource();
        server.Farm.OnFrameLook = _ => stop.Cancel();

        var run = await CueRun.OfAsync(["frame", "log", "-f", "beauty", "render", "1"], server, cancel: stop.Token);

        Assert.Equal(130, run.Code);
        Assert.Equal("going on\n", run.Out);
    }

    private Wire.Job WithLogs(FakeCuebot server)
    {
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));
        job.LogDir = _logs.FullName;
        return job;
    }

    private static string PathOf(Wire.Job job, string frame) => $"{job.LogDir}/{job.Name}.{frame}.rqlog";

    private static void Write(Wire.Job job, string frame, string text) => File.WriteAllText(PathOf(job, frame), text);
}
