using System.Text;
using System.Text.Json;
using OpenCue.Specs.Launch;

namespace OpenCue.Cli.Tests;

public sealed class SubmitTests : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("cue-tests-");

    public void Dispose() => _files.Delete(recursive: true);

    [Fact]
    public async Task A_command_becomes_a_job_of_one_layer()
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(
            [
                "submit", "--name", "hello", "--range", "1-100x2", "--chunk", "5", "--show", "pipe", "--shot", "sh010", "--user", "ben", "--uid", "1234",
                "--layer-name", "beauty", "--service", "arnold,shell", "--cores", "2.5", "--memory", "4.5g", "--tags", "general,desktop", "--limits", "nuke",
                "--env", "A=1", "--env", "B=x=y", "--priority", "7", "--max-retries", "0", "--paused", "--auto-eat", "--frame-timeout", "60",
                "--", "render -f #FRAMESPEC# | tee 'log file'",
            ],
            server);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        Assert.Equal("Submitted pipe-sh010-ben_hello: 10 frames in 1 layer\n", run.Out);
        var document = JobSpecReader.Read(Sent(server));
        Assert.Equal(("pipe", "sh010", "ben", 1234), (document.Show, document.Shot, document.User, document.Uid));
        var job = Assert.Single(document.Jobs);
        Assert.Equal(("hello", true, true, 7, 0), (job.Name, job.Paused, job.AutoEat, job.Priority, job.MaxRetries));
        var layer = Assert.Single(job.Layers);
        Assert.Equal(("beauty", "render -f #FRAMESPEC# | tee 'log file'", "1-100x2", 5), (layer.Name, layer.Command, layer.Range.Text, layer.ChunkSize));
        Assert.Equal((250, 4_718_592L, 60), (layer.MinCorePoints, layer.MinMemoryKib, layer.TimeoutMinutes));
        Assert.Equal(["arnold", "shell"], layer.Services);
        Assert.Equal(["general", "desktop"], layer.Tags!);
        Assert.Equal(["nuke"], layer.Limits);
        Assert.Equal(["A=1", "B=x=y"], layer.Environment.Select(variable => $"{variable.Name}={variable.Value}"));
        Assert.Equal("anna", Assert.Single(server.Farm.Callers));
    }

    [Fact]
    public async Task Without_options_the_job_is_of_the_caller_and_asks_for_what_the_service_says()
    {
        var run = await CueRun.OfAsync(["submit", "--name", "hello", "--uid", "1000", "--dry-run", "--", "true"], variables: new() { ["SHOT"] = "sh020" });

        Assert.Equal(0, run.Code);
        var document = JobSpecReader.Read(run.Out);
        Assert.Equal(("testing", "sh020", "anna", 1000), (document.Show, document.Shot, document.User, document.Uid));
        var layer = Assert.Single(Assert.Single(document.Jobs).Layers);
        Assert.Equal(("render", "1", 1), (layer.Name, layer.Range.Text, layer.ChunkSize));
        Assert.Null(layer.MinCorePoints);
        Assert.Null(layer.MinMemoryKib);
        Assert.Equal(["shell"], layer.Services);
    }

    [Fact]
    public async Task Several_words_stay_several_words_in_the_shell()
    {
        var words = new[] { "echo", "two words", "it's", "#IFRAME#", "$HOME", "", "@file", "--plain=1" };

        var run = await CueRun.OfAsync(["submit", "--name", "hello", "--uid", "1000", "--dry-run", "--", .. words]);

        Assert.Equal(
            @"echo 'two words' 'it'\''s' '#IFRAME#' '$HOME' '' @file --plain=1",
            Assert.Single(Assert.Single(JobSpecReader.Read(run.Out).Jobs).Layers).Command);
    }

    [Fact]
    public async Task The_id_of_a_user_is_that_of_this_machine()
    {
        var run = await CueRun.OfAsync(["submit", "--name", "hello", "--user", "nobody", "--dry-run", "--", "true"]);
        var unknown = await CueRun.OfAsync(["submit", "--name", "hello", "--user", "nobody-of-that-name", "--dry-run", "--", "true"]);

        Assert.Equal(65534, JobSpecReader.Read(run.Out).Uid);
        Assert.Equal(2, unknown.Code);
        Assert.Contains("knows no user 'nobody-of-that-name'", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root may own no job", "--user", "root")]
    [InlineData("root may own no job", "--uid", "0")]
    [InlineData("--range '5-x' is no frame range", "--range", "5-x")]
    [InlineData("--range '1-2000000000' is no frame range", "--range", "1-2000000000")]
    [InlineData("--chunk 0", "--chunk", "0")]
    [InlineData("--cores 'many'", "--cores", "many")]
    [InlineData("--memory '4x'", "--memory", "4x")]
    [InlineData("--memory '-4g'", "--memory=-4g")]
    [InlineData("--env 'A'", "--env", "A")]
    [InlineData("--layer-type", "--layer-type", "Nap")]
    public async Task An_option_that_makes_no_sense_is_named_and_nothing_is_sent(string message, params string[] options)
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["submit", "--name", "hello", .. options[0] == "--uid" ? [] : (string[])["--uid", "1000"], .. options, "--", "true"], server);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(character => character == '\n'));
        Assert.Empty(server.Farm.Requests);
    }

    [Theory]
    [InlineData("--name", "x")]
    [InlineData("--name", "evil\nname")]
    [InlineData("--layer-name", "a/b")]
    [InlineData("--shot", "!")]
    public async Task A_name_that_the_farm_would_refuse_is_refused_here(string option, string name)
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["submit", .. option == "--name" ? [] : (string[])["--name", "hello"], "--uid", "1000", option, name, "--", "true"], server);

        Assert.Equal(1, run.Code);
        Assert.Contains("nothing was submitted", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(character => character == '\n'));
        Assert.Empty(server.Farm.Requests);
    }

    [Fact]
    public async Task A_command_that_is_the_same_for_all_frames_is_warned_of()
    {
        var same = await CueRun.OfAsync(["submit", "--name", "hello", "--range", "1-9", "--uid", "1000", "--dry-run", "--", "true"]);
        var one = await CueRun.OfAsync(["submit", "--name", "hello", "--uid", "1000", "--dry-run", "--", "true"]);
        var variable = await CueRun.OfAsync(["submit", "--name", "hello", "--range", "1-9", "--uid", "1000", "--dry-run", "--", "render $CUE_IFRAME"]);

        Assert.Contains("the command is the same for every frame", same.Error, StringComparison.Ordinal);
        Assert.Equal("", one.Error);
        Assert.Equal("", variable.Error);
    }

    [Fact]
    public async Task A_job_waits_for_another_that_is_found_by_a_part_of_its_name()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty_v2", ("render", 1));
        server.Farm.Finish(server.Farm.Add("testing-sh010-anna_matte", ("render", 1)));

        var run = await CueRun.OfAsync(
            ["submit", "--name", "comp", "--uid", "1000", "--depend-on", "beauty", "--depend-on", "matte", "--", "true"], server);

        Assert.Equal(0, run.Code);
        Assert.Contains("testing-sh010-anna_matte has finished already", run.Error, StringComparison.Ordinal);
        var depend = Assert.Single(JobSpecReader.Read(Sent(server)).Depends);
        Assert.Equal((DependType.JobOnJob, "comp", "testing-sh010-anna_beauty_v2"), (depend.Type, depend.DependJob, depend.OnJob));
    }

    [Fact]
    public async Task A_file_is_sent_as_it_is()
    {
        await using var server = await FakeCuebot.StartAsync();
        var text = Spec("beauty", "echo <![CDATA[é & #IFRAME#]]>");
        var file = Write("beauty.xml", Encoding.UTF8.GetBytes(text));

        var run = await CueRun.OfAsync(["submit", file], server);

        Assert.Equal("Submitted testing-sh010-anna_beauty: 3 frames in 1 layer\n", run.Out);
        Assert.Equal(text, Sent(server));
    }

    [Fact]
    public async Task A_file_in_another_encoding_arrives_whole()
    {
        await using var server = await FakeCuebot.StartAsync();
        var text = """<?xml version="1.0" encoding="utf-16"?>""" + Spec("beauty", "echo é");
        var file = Write("beauty.xml", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]);

        await CueRun.OfAsync(["submit", file], server);

        Assert.Equal("echo é", Assert.Single(Assert.Single(JobSpecReader.Read(Sent(server)).Jobs).Layers).Command);
    }

    [Fact]
    public async Task A_broken_file_is_refused_with_the_place_and_nothing_is_sent()
    {
        await using var server = await FakeCuebot.StartAsync();
        var file = Write("beauty.xml", Encoding.UTF8.GetBytes(Spec("beauty", "true").Replace("<range>1-3</range>", "<range>1-3x0</range>", StringComparison.Ordinal)));

        var run = await CueRun.OfAsync(["submit", file], server);

        Assert.Equal(1, run.Code);
        Assert.Contains(file, run.Error, StringComparison.Ordinal);
        Assert.Contains("line 7", run.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was submitted", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Farm.Requests);
    }

    [Fact]
    public async Task What_the_reader_or_the_server_finds_odd_is_told_once()
    {
        await using var server = await FakeCuebot.StartAsync();
        var file = Write("beauty.xml", Encoding.UTF8.GetBytes(Spec("beauty", "true").Replace("<user>", "<dept>x</dept><user>", StringComparison.Ordinal)));
        var local = Assert.Single(JobSpecReader.Read(File.ReadAllText(file)).Warnings);
        server.Farm.LaunchWarnings.AddRange([local, "no host is large enough"]);

        var run = await CueRun.OfAsync(["submit", file], server);

        Assert.Equal(0, run.Code);
        Assert.Equal($"cue: warning: {local}\ncue: warning: no host is large enough\n", run.Error);
    }

    [Fact]
    public async Task The_jobs_come_back_as_json()
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["submit", "--json", "--name", "hello", "--uid", "1000", "--", "true"], server);

        var job = Assert.Single(JsonDocument.Parse(run.Out).RootElement.EnumerateArray());
        Assert.Equal("testing-default-anna_hello", job.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(Wire.FrameState.Succeeded, 0)]
    [InlineData(Wire.FrameState.Dead, 7)]
    public async Task Waiting_ends_as_the_job_ends(Wire.FrameState state, int code)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.OnLook = job => server.Farm.Finish(job, state);

        var run = await CueRun.OfAsync(["submit", "--wait", "--name", "hello", "--uid", "1000", "--", "true"], server);

        Assert.Equal(code, run.Code);
        Assert.Equal("Submitted testing-default-anna_hello: 1 frame in 1 layer", run.Lines[0]);
    }

    private static string Sent(FakeCuebot server) => Assert.Single(server.Farm.Requests.OfType<Wire.JobLaunchSpecAndWaitRequest>()).Spec;

    private static string Spec(string name, string command) =>
        $"""
        <spec>
          <show>testing</show><shot>sh010</shot>
          <user>anna</user><uid>1000</uid>
          <job name="{name}">
            <layers>
              <layer name="render" type="Render"><cmd>{command}</cmd>
                <range>1-3</range><chunk>1</chunk></layer>
            </layers>
          </job>
        </spec>
        """;

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_files.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
