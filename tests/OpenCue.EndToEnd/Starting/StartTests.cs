using System.Net;
using System.Net.Sockets;
using OpenCue.EndToEnd.Support;

namespace OpenCue.EndToEnd.Starting;

/// <summary>What a user sees of <c>./start</c>.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_demo_is_rendered_by_two_hosts_goes_on_after_a_crash_and_is_not_rendered_twice()
    {
        var script = new StartScript(_folder.Path);
        using (var crashed = script.Start("--demo-frames", "8", "--hosts", "2"))
        {
            await script.SaysAsync("running,", crashed);
            crashed.KillAtOnce();
        }

        using (var again = script.Start("--demo-frames", "8", "--hosts", "2"))
        {
            await script.SaysAsync("Ctrl+C stops everything.", again);
            Assert.Contains("The demo goes on where it was.", script.Output, StringComparison.Ordinal);
            Assert.Contains("demo.mp4", script.Output, StringComparison.Ordinal);
            Assert.Contains("contact-sheet.png", script.Output, StringComparison.Ordinal);
            Assert.Contains("frames/ (8 pictures)", script.Output, StringComparison.Ordinal);
            Assert.Contains($"localhost:{script.Port}", script.Output, StringComparison.Ordinal);
            Assert.Contains($"localhost:{script.HttpPort}", script.Output, StringComparison.Ordinal);
            Assert.StartsWith("PASSED", File.ReadAllText(Directory.GetFiles(_folder.Path, "check.txt", SearchOption.AllDirectories).Single()));
            Assert.Equal((0, "No problems: the farm's books are right.\n"), await script.CueAsync("farm", "verify"));

            Assert.Equal(0, await again.StopAsync());
            Assert.Empty(script.Processes());
        }

        using var third = script.Start("--demo-frames", "8");
        await script.SaysAsync("Ctrl+C stops everything.", third);
        Assert.Contains("The demo is done", script.Output, StringComparison.Ordinal);
        var jobs = await script.CueAsync("job", "list", "--finished");
        Assert.Equal(2, jobs.Output.Split('\n').Count(line => line.Contains("_demo", StringComparison.Ordinal)));
        Assert.Equal(0, await third.StopAsync());
        Assert.Empty(script.Processes());
    }

    [Fact]
    public async Task When_a_part_ends_by_itself_the_rest_is_stopped_and_it_is_said_which()
    {
        var script = new StartScript(_folder.Path);
        using var start = script.Start("--no-demo");
        await script.SaysAsync("Ctrl+C stops everything.", start);
        var cuebot = File.ReadAllLines(Path.Combine(script.Data, "pids"))[0];

        using (var kill = System.Diagnostics.Process.Start("kill", ["-KILL", cuebot]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => Task.FromResult(start.HasExited), TimeSpan.FromMinutes(2), () => script.Output);
        Assert.Equal(1, start.ExitCode);
        Assert.Contains("start: cuebot ended by itself", script.Output, StringComparison.Ordinal);
        Assert.Empty(script.Processes());
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_nothing_is_started()
    {
        var script = new StartScript(_folder.Path);
        using var other = new TcpListener(IPAddress.Loopback, script.HttpPort);
        other.Start();

        var (code, output) = await script.RunAsync();

        Assert.Equal(1, code);
        Assert.Equal($"start: port {script.HttpPort} is in use by another program; stop it, or choose another with --http-port\n", output);
        Assert.Empty(script.Processes());
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_named_and_nothing_is_started()
    {
        var script = new StartScript(_folder.Path);
        File.WriteAllText(script.Data, "");

        var (code, output) = await script.RunAsync();

        Assert.Equal(1, code);
        Assert.Equal($"start: the data folder {script.Data} is a file; choose another with --data\n", output);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_named_and_nothing_is_started()
    {
        // Not even root can write here.
        var (code, output) = await new StartScript(_folder.Path).RunAsync("--data", "/proc/opencue");

        Assert.Equal(1, code);
        Assert.StartsWith("start: the data folder /proc/opencue cannot be written", output);
        Assert.Equal(1, output.Count(character => character == '\n'));
    }

    [Fact]
    public async Task A_damaged_farm_is_named_and_nothing_is_left_running()
    {
        var script = new StartScript(_folder.Path);
        Directory.CreateDirectory(Path.Combine(script.Data, "farm"));
        File.WriteAllText(Path.Combine(script.Data, "farm", "cue.db"), new string('x', 100_000));

        var (code, output) = await script.RunAsync("--no-demo");

        Assert.Equal(1, code);
        Assert.Contains("cue.db is damaged", output, StringComparison.Ordinal);
        Assert.Empty(script.Processes());
    }

    [Fact]
    public async Task Two_starts_do_not_share_a_data_folder()
    {
        var script = new StartScript(_folder.Path);
        using var first = script.Start("--no-demo");
        await script.SaysAsync("Starting cuebot", first);

        var second = new StartScript(Directory.CreateDirectory(Path.Combine(_folder.Path, "second")).FullName);
        var (code, output) = await second.RunAsync("--data", script.Data);

        Assert.Equal(1, code);
        Assert.Contains("another ./start uses the data folder", output, StringComparison.Ordinal);
        await first.StopAsync();
        Assert.Empty(script.Processes());
    }

    [Theory]
    [InlineData("--port 0", "start: port '0' is no number from 1 to 65535; see ./start --help\n")]
    [InlineData("--hosts many", "start: hosts 'many' is no number from 1 to 64; see ./start --help\n")]
    [InlineData("--frobnicate", "start: there is no option --frobnicate; see ./start --help\n")]
    [InlineData("--postgres", "start: --postgres needs a value; see ./start --help\n")]
    public async Task Wrong_options_are_named(string options, string message)
    {
        var (code, output) = await new StartScript(_folder.Path).RunAsync(options.Split(' '));

        Assert.Equal((2, message), (code, output));
    }

    [Fact]
    public async Task The_configuration_file_is_read_and_a_wrong_line_in_it_named()
    {
        var config = Path.Combine(_folder.Path, "start.conf");
        File.WriteAllText(config, "# comment\n\nhosts = 200\n");
        var wrongValue = await new StartScript(_folder.Path).RunAsync("--config", config);
        File.WriteAllText(config, "hosts = 2\ncolour = red\n");
        var wrongName = await new StartScript(_folder.Path).RunAsync("--config", config);

        Assert.Equal((2, "start: hosts '200' is no number from 1 to 64; see ./start --help\n"), wrongValue);
        Assert.Equal(1, wrongName.Code);
        Assert.StartsWith($"start: {config}, line 2: there is no option 'colour'", wrongName.Output);
    }
}
