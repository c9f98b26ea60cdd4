namespace OpenCue.Cli.Tests;

public sealed class JobActionTests
{
    [Fact]
    public async Task A_kill_says_who_from_where_and_why()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));

        var run = await CueRun.OfAsync(["job", "kill", "beauty", "--reason", "wrong camera", "--yes"], server);

        Assert.Equal(0, run.Code);
        Assert.Equal("Killed testing-sh010-anna_beauty\n", run.Out);
        var kill = Assert.Single(server.Farm.Requests.OfType<Wire.JobKillRequest>());
        Assert.Equal(("anna", "desk7", "wrong camera"), (kill.Username, kill.HostKill, kill.Reason));
        Assert.NotEqual("", kill.Pid);
    }

    [Theory]
    [InlineData("y", 0)]
    [InlineData("yes", 0)]
    [InlineData("n", 4)]
    [InlineData("", 4)]
    [InlineData(null, 4)]
    public async Task A_kill_asks_first_and_takes_silence_for_no(string? answer, int code)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));
        server.Farm.Set(job, "render", Wire.FrameState.Running, Wire.FrameState.Running);

        var run = await CueRun.OfAsync(["job", "kill", "beauty"], server, answer: answer);

        Assert.Equal(code, run.Code);
        Assert.Equal(code == 0, server.Farm.Requests.Any(request => request is Wire.JobKillRequest));
        Assert.Contains("Kill testing-sh010-anna_beauty with 2 running frames?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_jobs_are_found_before_anything_is_done_to_the_first()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));

        var run = await CueRun.OfAsync(["job", "pause", "beauty", "nothing"], server);

        Assert.Equal(3, run.Code);
        Assert.DoesNotContain(server.Farm.Requests, request => request is Wire.JobPauseRequest);
    }

    [Fact]
    public async Task What_fails_for_one_job_does_not_keep_the_others_from_it()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        server.Farm.Add("testing-sh010-anna_matte", ("render", 1));
        server.Farm.Unkillable.Add("testing-sh010-anna_beauty");

        var run = await CueRun.OfAsync(["job", "kill", "beauty", "matte", "--yes"], server);

        Assert.Equal(6, run.Code);
        Assert.Equal("Killed testing-sh010-anna_matte\n", run.Out);
        Assert.Equal("cue: testing-sh010-anna_beauty can't be killed now\n", run.Error);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_in_its_words_and_fails()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        server.Farm.Unkillable.Add("testing-sh010-anna_beauty");

        var run = await CueRun.OfAsync(["job", "kill", "beauty", "--yes"], server);

        Assert.Equal(1, run.Code);
        Assert.Equal("cue: testing-sh010-anna_beauty can't be killed now\n", run.Error);
    }

    [Fact]
    public async Task Retry_means_the_dead_frames_and_says_when_there_are_none()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));

        var none = await CueRun.OfAsync(["job", "retry", "beauty"], server);
        server.Farm.Set(job, "render", Wire.FrameState.Dead);
        var dead = await CueRun.OfAsync(["job", "retry", "beauty"], server);

        Assert.Equal(1, none.Code);
        Assert.Contains("--all", none.Error, StringComparison.Ordinal);
        Assert.Equal(0, dead.Code);
        var retry = Assert.Single(server.Farm.Requests.OfType<Wire.JobRetryFramesRequest>());
        Assert.Equal([Wire.FrameState.Dead], retry.Req.States.FrameStates);
    }

    [Fact]
    public async Task Retrying_all_frames_asks_first()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 3));

        var nobody = await CueRun.OfAsync(["job", "retry", "beauty", "--all"], server);
        var yes = await CueRun.OfAsync(["job", "retry", "beauty", "--all", "--yes"], server);

        Assert.Equal(4, nobody.Code);
        Assert.Equal(0, yes.Code);
        Assert.Null(Assert.Single(server.Farm.Requests.OfType<Wire.JobRetryFramesRequest>()).Req.States);
    }

    [Fact]
    public async Task The_priority_is_set()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));

        var run = await CueRun.OfAsync(["job", "priority", "beauty", "-5"], server);

        Assert.Equal(0, run.Code);
        Assert.Equal(-5, Assert.Single(server.Farm.Requests.OfType<Wire.JobSetPriorityRequest>()).Val);
    }
}
