using System.Text.Json;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Tests;

public sealed class ExplainTests
{
    private static readonly Reason Locked = new()
    {
        Code = ReasonCode.HostLocked, Text = "rnd1 is locked.", WayOut = "Unlock it: cue host unlock rnd1", Never = true, Subject = "rnd1",
    };

    [Fact]
    public async Task A_frame_says_what_holds_it_which_hosts_lack_what_and_what_goes_first()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 5));
        server.Farm.Explanations.Add(new ExplainFrameResponse
        {
            Frame = "0002-render",
            Job = job.Name,
            Reasons = { new Reason { Code = ReasonCode.NoHostNow, Text = "12 hosts of 20 could take it, but not now.", WayOut = "Wait." } },
            Hosts = new HostCount
            {
                Hosts = 30, Able = 12, Removed = { new HostRemoval { Lack = HostLack.Memory, Hosts = 9, All = 10, Only = 3, Text = "9 hosts have too little idle memory" } },
            },
            Place = new Place { Before = 7, BeforeInLayer = 1, BeforeInShow = 6, Policy = "FIFO" },
        });

        var run = await CueRun.OfAsync(["explain", "beauty", "render", "2"], server);

        Assert.Equal(
            [
                "Frame 0002-render of testing-sh010-anna_beauty",
                "12 hosts of 20 could take it, but not now.",
                "  -> Wait.",
                "Of 30 hosts, 12 could take a frame of it, 0 would now.",
                "  9 hosts have too little idle memory (3 lack nothing else)",
                "7 frames that may run stand before it (FIFO): 1 in its layer, 6 in other jobs of its show.",
            ],
            run.Lines);
        Assert.Contains(server.Farm.Requests, r => r is ExplainFrameRequest request && request.FrameId == server.Farm.Frames[job.Id][1].Id);
    }

    [Theory]
    [InlineData("explain", "beauty", "0002-render")]
    [InlineData("explain", "beauty", "render", "2")]
    public async Task A_frame_is_named_by_its_name_or_by_layer_and_number(params string[] words)
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 5));
        server.Farm.Explanations.Add(new ExplainFrameResponse { Frame = "0002-render" });

        Assert.Equal(0, (await CueRun.OfAsync(words, server)).Code);
        Assert.Contains(server.Farm.Requests, r => r is ExplainFrameRequest request && request.FrameId == server.Farm.Frames[job.Id][1].Id);
    }

    [Fact]
    public async Task A_layer_says_its_frames_by_reason()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 5), ("comp", 5));
        server.Farm.Explanations.Add(new ExplainLayerResponse
        {
            Layer = "comp",
            Job = job.Name,
            Groups = { new FrameGroup { Frames = 5, Reason = new Reason { Text = "Waiting for render." }, Examples = { "0001-comp", "0002-comp" } } },
            Reasons = { new Reason { Text = "The job is paused.", WayOut = "Resume it." } },
        });

        var run = await CueRun.OfAsync(["explain", "beauty", "comp"], server);

        Assert.Equal(
            ["Layer comp of testing-sh010-anna_beauty", "5 frames: Waiting for render. 0001-comp, 0002-comp ...", "The job is paused.", "  -> Resume it."],
            run.Lines);
    }

    [Fact]
    public async Task A_job_says_its_layers_by_reason_and_then_each()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 5));
        server.Farm.Explanations.Add(new ExplainJobResponse
        {
            Job = job.Name,
            Groups = { new LayerGroup { Layers = 1, Frames = 5, Reason = Locked, Examples = { "render" } } },
            Layers = { new ExplainLayerResponse { Layer = "render", Reasons = { Locked, new Reason { Text = "It is late." } } } },
        });

        var run = await CueRun.OfAsync(["explain", "beauty"], server);

        Assert.Equal(
            [
                "Job testing-sh010-anna_beauty", "5 frames in 1 layer: rnd1 is locked. (render)", "  -> Unlock it: cue host unlock rnd1",
                "Layer render", "It is late.",
            ],
            run.Lines);
    }

    [Fact]
    public async Task A_host_says_why_it_is_idle_what_waits_and_what_runs()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Explanations.Add(new ExplainHostResponse
        {
            Host = "rnd1",
            Reasons = { Locked },
            IdleCores = 3,
            IdleMemory = 2 * 1048576,
            Work = { new HostWork { Layers = 2, Frames = 9, Text = "for 9 frames in 2 layers it is locked", Examples = { "a render", "b comp" } } },
            Runs = { new HostRun { Job = "a", Frame = "0001-render", Cores = 1, Memory = 1048576, Since = 1_700_000_000_000 } },
        });

        var run = await CueRun.OfAsync(["explain", "--host", "rnd1"], server);

        Assert.Equal(0, run.Code);
        Assert.Contains("Idle: 3.0 cores, 2.0 GiB of memory", run.Lines);
        Assert.Contains("  for 9 frames in 2 layers it is locked: a render, b comp", run.Lines);
        Assert.Contains(run.Lines, line => line.StartsWith("a    0001-render    1.0  1.0 GiB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_show_says_its_shares()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Explanations.Add(new ExplainShowResponse
        {
            Show = "testing", Shares = { new Share { Allocation = "local.general", Cores = 12, Size = 100, Burst = 150, Hosts = 7 } }, LayersLeftOut = 2,
        });

        var run = await CueRun.OfAsync(["explain", "--show", "testing"], server);

        Assert.Contains("local.general   12.0  100.0  150.0      7", run.Lines);
        Assert.Contains("2 layers that need other kinds of hosts were left out; explain their jobs.", run.Lines);
    }

    [Fact]
    public async Task For_scripts_it_is_JSON_with_codes()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Explanations.Add(new ExplainHostResponse { Host = "rnd1", Reasons = { Locked } });

        var run = await CueRun.OfAsync(["explain", "--host", "rnd1", "--json"], server);

        using var json = JsonDocument.Parse(run.Out);
        Assert.Equal("REASON_CODE_HOST_LOCKED", json.RootElement.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.True(json.RootElement.GetProperty("reasons")[0].GetProperty("never").GetBoolean());
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("explain", "beauty", "--host", "rnd1")]
    [InlineData("explain", "--show", "testing", "--host", "rnd1")]
    [InlineData("explain", "beauty", "render", "1", "2")]
    public async Task What_names_nothing_or_several_things_is_refused(params string[] words)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 5));

        Assert.Equal(2, (await CueRun.OfAsync(words, server)).Code);
    }

    [Fact]
    public async Task A_server_that_does_not_explain_is_said()
    {
        await using var server = await FakeCuebot.StartAsync(withAdmin: false);

        var run = await CueRun.OfAsync(["explain", "--host", "rnd1"], server);

        Assert.Equal((1, "cue: this server can't explain; OpenCue's own cuebot does not\n"), (run.Code, run.Error));
    }
}
