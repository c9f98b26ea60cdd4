using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Tests.Hosting;

/// <summary>The program as its administrator meets it: what it says, how it ends.</summary>
public sealed partial class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-program-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_says_what_it_serves_and_stops_cleanly_when_told_to(string signal)
    {
        await using var cuebot = CuebotProcess.Start("--data", _folder, "--port", "0", "--http-port", "0");

        var line = await cuebot.WaitUntilServingAsync();
        Assert.Contains($"SQLite {_folder}/cue.db: 1 shows, 0 hosts, 0 jobs", line, StringComparison.Ordinal);
        var address = Address().Match(line).Value;
        using (var channel = new RpcChannel(address))
        {
            Assert.Equal("testing", (await new Wire.ShowInterface.ShowInterfaceClient(channel).FindShowAsync(new() { Name = "testing" })).Show.Name);
        }

        await cuebot.SignalAsync(signal);
        Assert.Equal(0, await cuebot.WaitForExitAsync());
        Assert.Contains("is up to date", cuebot.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_it_was_killed()
    {
        string id;
        var folder = Path.Combine(_folder, "made");
        await using (var first = CuebotProcess.Start("--data", folder, "--port", "0", "--http-port", "0"))
        {
            using var channel = new RpcChannel(Address().Match(await first.WaitUntilServingAsync()).Value);
            id = (await new Wire.ShowInterface.ShowInterfaceClient(channel).CreateShowAsync(new() { Name = "big_film" })).Show.Id;
            await first.SignalAsync("KILL");
            Assert.NotEqual(0, await first.WaitForExitAsync());
        }

        // Jobs' environments stand in it.
        Assert.False(!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)) != 0);
        await using var second = CuebotProcess.Start("--data", folder, "--port", "0", "--http-port", "0");
        using var again = new RpcChannel(Address().Match(await second.WaitUntilServingAsync()).Value);
        Assert.Equal(id, (await new Wire.ShowInterface.ShowInterfaceClient(again).FindShowAsync(new() { Name = "big_film" })).Show.Id);
    }

    [Fact]
    public async Task Wrong_options_are_all_told_and_nothing_is_started()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        var (exitCode, output) = await CuebotProcess.RunAsync("--port", $"{port}", "--http-port", "0", "--rqd-port", "none", "--data", "/proc/nowhere");

        Assert.Equal(2, exitCode);
        Assert.Contains($"Port {port} on 127.0.0.1 is in use", output, StringComparison.Ordinal);
        Assert.Contains("--rqd-port is \"none\"", output, StringComparison.Ordinal);
        Assert.Contains("The data folder /proc/nowhere can't be written", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was started.", output, StringComparison.Ordinal);
        Assert.Equal(2, (await CuebotProcess.RunAsync("--nonsense")).ExitCode);
        Assert.Equal(2, (await CuebotProcess.RunAsync("--data", _folder, "--set", "nonsense=1")).ExitCode);
    }

    [Fact]
    public async Task A_data_file_that_is_no_database_is_told_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "cue.db"), new string('x', 10_000));

        var (exitCode, output) = await CuebotProcess.RunAsync("--data", _folder, "--port", "0", "--http-port", "0");

        Assert.Equal(1, exitCode);
        var line = Assert.Single(output.Split('\n'), text => text.Contains("can't go on", StringComparison.Ordinal));
        Assert.Contains($"SQLite {_folder}/cue.db", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_names_every_option_with_its_environment_variables()
    {
        var (exitCode, output) = await CuebotProcess.RunAsync("--help");

        Assert.Equal(0, exitCode);
        foreach (var option in OpenCue.Cuebot.Hosting.Options.OptionTable.All)
        {
            Assert.Contains($"--{option.Key} <{option.Value}>", output, StringComparison.Ordinal);
            Assert.Contains(option.Environment[0], output, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("http://[0-9.]+:[0-9]+")]
    private static partial Regex Address();
}
