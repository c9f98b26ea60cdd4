using System.Globalization;
using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

/// <summary>What nobody can mean is refused with words that say what is wrong, and nothing else is disturbed.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Wire.Job _job = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _job = await _server.LaunchAsync("comp", SpecText.Layer("render", "1-3"));
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty((await _server.Admin.VerifyAsync(new())).Problems);
        Assert.Equal(_job.Name, (await _server.Jobs.GetJobsAsync(new())).Jobs.Jobs.Single().Name);
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("testing", "1-3", "shell", "no closing tag", "Failed to parse job spec XML")]
    [InlineData("nosuchshow", "1-3", "shell", "", "nosuchshow")]
    [InlineData("testing", "1-1000000000", "shell", "", "1000000000 frames")]
    [InlineData("testing", "1-3z4", "shell", "", "1-3z4")]
    public async Task A_specification_that_can_not_be_accepted_is_refused_as_clients_expect(
        string show, string range, string service, string tail, string words)
    {
        var xml = Spec(show, "test", range, service) + tail;

        await RpcAssert.FailsAsync(StatusCode.Internal, "Failed to add job to launch queue: ", _server.Jobs.LaunchSpecAsync(new() { Spec = xml }));
        var failure = await RpcAssert.FailsAsync(
            StatusCode.Internal, "Failed to launch and add job: ", _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = xml }));
        Assert.Contains(words, failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_xml_bomb_is_refused()
    {
        const string Bomb = """
            <?xml version="1.0"?>
            <!DOCTYPE spec [
              <!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
              <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
              <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
              <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
            ]>
            <spec><show>&d;</show></spec>
            """;
        await RpcAssert.FailsAsync(StatusCode.Internal, "Failed to launch and add job: ", _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Bomb }));
    }

    [Fact]
    public async Task An_external_entity_is_not_read()
    {
        var spec = Spec("testing", "test", "1", "shell").Replace("<spec>", "<!DOCTYPE spec [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><spec>", StringComparison.Ordinal)
            .Replace("<cmd>true</cmd>", "<cmd>&e;</cmd>", StringComparison.Ordinal);
        var failure = await RpcAssert.FailsAsync(StatusCode.Internal, "Failed to launch", _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = spec }));
        Assert.DoesNotContain("root:", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a&#10;b")]
    [InlineData("a&#0;b")]
    [InlineData("../../etc/passwd")]
    public async Task A_job_name_with_a_newline_nul_or_slash_is_refused(string name)
    {
        await RpcAssert.FailsAsync(
            StatusCode.Internal, "Failed to launch and add job: ", _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Spec("testing", name, "1", "shell") }));
    }

    [Fact]
    public async Task A_name_that_runs_already_is_refused() => await RpcAssert.FailsAsync(
        StatusCode.Internal, "testing-shot-artist_comp", _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Spec("testing", "comp", "1", "shell") }));

    [Fact]
    public async Task Root_may_own_no_job() => await RpcAssert.FailsAsync(
        StatusCode.Internal,
        "Failed to launch",
        _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Spec("testing", "test", "1", "shell").Replace("<user>artist</user>", "<user>root</user><uid>0</uid>", StringComparison.Ordinal) }));

    [Fact]
    public async Task Negative_memory_is_refused() => await RpcAssert.FailsAsync(
        StatusCode.Internal,
        "memory",
        _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Spec("testing", "test", "1", "shell").Replace("<cmd>", "<memory>-4g</memory><cmd>", StringComparison.Ordinal) }));

    [Fact]
    public async Task A_service_that_does_not_exist_gives_the_default_and_a_warning()
    {
        var call = _server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = Spec("testing", "test", "1", "nosuchservice") });
        var job = (await call).Jobs.Jobs.Single();
        var layer = (await _server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();

        Assert.Equal(["nosuchservice", "default"], layer.Services);
        Assert.Contains(
            call.GetTrailers(), entry => entry.Key == "opencue-warning-bin" && System.Text.Encoding.UTF8.GetString(entry.ValueBytes).Contains("nosuchservice", StringComparison.Ordinal));
        await _server.Jobs.KillAsync(new() { Job = job, Reason = "test" });
    }

    [Fact]
    public async Task Control_characters_are_refused_with_the_field_and_the_place()
    {
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "name has a control character, U+000A, at position 1", _server.Jobs.FindJobAsync(new() { Name = "a\nb" }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "r.users[1] has a control character, U+0000", _server.Jobs.GetJobsAsync(new() { R = new() { Users = { "ann", "b\0b" } } }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "name has a control", _server.Shows.CreateShowAsync(new() { Name = "new\0show" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "job.id has a control", _server.Jobs.PauseAsync(new() { Job = new() { Id = "\u0007" } }));

        // What a client sends back of a job as it got it does not matter, only its id does; and a reason may have lines.
        await _server.Jobs.PauseAsync(new() { Job = new() { Id = _job.Id, LogDir = "a\nb", MinCores = float.NaN } });
        await _server.Jobs.KillFramesAsync(new() { Job = _job, Reason = "first\nsecond", Req = new() { FrameRange = "1" } });
    }

    [Fact]
    public async Task Numbers_that_are_none_and_amounts_beyond_measure_are_refused_with_the_field()
    {
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "val is no finite number", _server.Jobs.SetMaxCoresAsync(new() { Job = _job, Val = float.NaN }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "val is no finite number", _server.Jobs.SetMinCoresAsync(new() { Job = _job, Val = float.PositiveInfinity }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "val is 1E+30 cores", _server.Jobs.SetMaxCoresAsync(new() { Job = _job, Val = 1e30f }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "val is -2 cores", _server.Jobs.SetMaxCoresAsync(new() { Job = _job, Val = -2 }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "val is -1", _server.Jobs.SetMaxGpusAsync(new() { Job = _job, Val = -1 }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "state is 77, which is no HardwareState", _server.Hosts.SetHardwareStateAsync(new() { State = (Wire.HardwareState)77 }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "req.states.frame_states[0] is 9", _server.Jobs.EatFramesAsync(new() { Job = _job, Req = new() { States = new() { FrameStates = { (Wire.FrameState)9 } } } }));
    }

    [Fact]
    public async Task Texts_and_lists_beyond_measure_are_refused_with_the_field()
    {
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "name has 5000 characters", _server.Jobs.FindJobAsync(new() { Name = new string('x', 5000) }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "r.regex has 2000 characters", _server.Jobs.GetJobsAsync(new() { R = new() { Regex = { new string('x', 2000) } } }));
        var ids = Enumerable.Range(0, 100_001).Select(i => i.ToString(CultureInfo.InvariantCulture));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "r.ids has 100001 items", _server.Jobs.GetJobsAsync(new() { R = new() { Ids = { ids } } }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "100000", _server.Jobs.ReorderFramesAsync(new() { Job = _job, Range = "1-200000" }));
    }

    private static string Spec(string show, string name, string range, string service) =>
        $"""
        <?xml version="1.0"?>
        <spec>
          <facility>local</facility><show>{show}</show><shot>shot</shot><user>artist</user>
          <job name="{name}">
            <layers>
              <layer name="render" type="Render">
                <cmd>true</cmd><range>{range}</range><chunk>1</chunk>
                <services><service>{service}</service></services>
              </layer>
            </layers>
          </job>
        </spec>
        """;
}
