using System.Net;
using System.Net.Sockets;

namespace OpenCue.Cli.Tests;

public sealed class ConnectingTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cue-tests-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task A_server_that_is_not_there_is_named_with_the_way_out()
    {
        var port = FreePort();

        var run = await CueRun.OfAsync(["job", "list", "--server", $"127.0.0.1:{port}"]);

        Assert.Equal(5, run.Code);
        Assert.Equal("", run.Out);
        Assert.Contains($"127.0.0.1:{port}", run.Error, StringComparison.Ordinal);
        Assert.Contains("--server", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(character => character == '\n'));
    }

    [Fact]
    public async Task The_next_server_is_taken_when_the_first_is_not_there()
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["show", "list", "--server", $"127.0.0.1:{FreePort()},{server.Address}"]);

        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task The_command_line_goes_before_the_environment_and_that_before_the_files()
    {
        await using var server = await FakeCuebot.StartAsync();
        var dead = $"127.0.0.1:{FreePort()}";
        Write("opencue/cue.json", $$"""{ "server": "{{server.Address}}" }""");
        var variables = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = _home.FullName };

        Assert.Equal(0, (await CueRun.OfAsync(["show", "list"], variables: variables)).Code);
        variables["CUEBOT_HOSTS"] = dead;
        Assert.Equal(5, (await CueRun.OfAsync(["show", "list"], variables: variables)).Code);
        Assert.Equal(0, (await CueRun.OfAsync(["show", "list", "-s", server.Address], variables: variables)).Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("paris")]
    public async Task The_configuration_of_the_python_clients_names_the_server_too(string? facility)
    {
        await using var server = await FakeCuebot.StartAsync();
        Write(
            "opencue/opencue.yaml",
            $"""
            cuebot.grpc_port: {server.Port}
            cuebot.facility_default: berlin
            cuebot.facility:
              berlin:
                - 127.0.0.1
              paris:
                - 127.0.0.1:{FreePort()}
            """);
        var variables = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = _home.FullName };
        if (facility is not null)
        {
            variables["CUEBOT_FACILITY"] = facility;
        }

        var run = await CueRun.OfAsync(["show", "list"], variables: variables);

        Assert.Equal(facility is null ? 0 : 5, run.Code);
        Assert.Equal(facility is not null, run.Error.Contains("facility paris in ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "serveur": "x" }""", "serveur")]
    [InlineData("""{ "server": """, "cue.json")]
    [InlineData("""[1]""", "cue.json")]
    [InlineData("""{ "timeout": "soon" }""", "timeout in ")]
    public async Task A_broken_configuration_is_named_and_nothing_is_tried(string text, string named)
    {
        Write("opencue/cue.json", text);

        var run = await CueRun.OfAsync(["show", "list"], variables: new() { ["XDG_CONFIG_HOME"] = _home.FullName });

        Assert.Equal(2, run.Code);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b:1")]
    [InlineData("host:port")]
    [InlineData("host:99999")]
    public async Task A_server_that_is_no_address_is_wrong_usage(string text)
    {
        var run = await CueRun.OfAsync(["show", "list", "--server", text]);

        Assert.Equal(2, run.Code);
        Assert.Contains("HOST:PORT", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    public async Task A_timeout_that_is_no_time_is_wrong_usage(string text)
    {
        var run = await CueRun.OfAsync(["show", "list", $"--timeout={text}"]);

        Assert.Equal(2, run.Code);
        Assert.Contains("--timeout", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_ends_the_command_in_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var run = await CueRun.OfAsync(["show", "list", "--timeout", "0.2", "--server", $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"]);

        Assert.Equal(5, run.Code);
        Assert.Contains("did not answer", run.Error, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_home.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
