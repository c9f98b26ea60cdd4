using System.Net;
using System.Net.Sockets;
using OpenCue.Cuebot.Hosting.Options;

namespace OpenCue.Cuebot.Tests.Hosting;

public sealed class OptionsReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        var file = Write("""{ "data": "/from/file", "port": 1001, "http-port": 1002, "rqd-port": 1003 } // a comment""");

        var options = Read([new("config", file), new("port", "3001")], new() { ["CUEBOT_PORT"] = "2001", ["CUEBOT_HTTP_PORT"] = "2002" });

        Assert.Equal(("/from/file", 3001, 2002, 1003), (options.DataDirectory, options.Port, options.HttpPort, options.RqdPort));
    }

    [Fact]
    public void OpenCues_own_environment_variables_count_where_ours_are_not_set()
    {
        var options = Read(
            [new("data", "/d")],
            new() { ["CUEBOT_GRPC_CUE_PORT"] = "2001", ["CUEBOT_GRPC_RQD_SERVER_PORT"] = "2002", ["CUEBOT_RQD_PORT"] = "2003", ["CUE_FRAME_LOG_DIR"] = "/logs" });

        Assert.Equal((2001, 2003, "/logs"), (options.Port, options.RqdPort, options.Farm.LogRoot));
    }

    [Fact]
    public void Defaults_listen_on_loopback_alone()
    {
        var options = Read([new("data", "/d")], []);

        Assert.Equal((IPAddress.Loopback, 8443, 8448, 8444), (options.Bind, options.Port, options.HttpPort, options.RqdPort));
        Assert.Equal("/shots", options.Farm.LogRoot);
    }

    [Fact]
    public void Settings_of_the_farm_have_OpenCues_names_flat_or_nested()
    {
        var file = Write(
            """
            {
              "data": "/d",
              "dispatcher": { "turn_off_booking": true, "memory.mem_reserved_min": 1000, "layer_delay": { "rules": "11:5,33:10" } },
              "dispatcher.frame.selfish.services": ["arnold", "houdini"],
              "log.frame-log-root.default_os": "/shots2",
              "log": { "frame-log-root": { "windows": "s:/logs" } },
            }
            """);

        var farm = Read([new("config", file), new("history.archive_jobs_cutoff_hours", "5")], []).Farm;

        Assert.True(farm.TurnOffBooking);
        Assert.Equal((1000, 5, "/shots2"), (farm.MemoryReservedMinKib, farm.ArchiveJobsAfterHours, farm.LogRoot));
        Assert.Equal([new(11, 5), new(33, 10)], farm.LayerDelayMinutes);
        Assert.Equal(["arnold", "houdini"], farm.SelfishServices);
        Assert.Equal([new("windows", "s:/logs")], farm.LogRootByOs);
    }

    [Fact]
    public void All_problems_are_told_together_each_with_its_place_and_the_way_out()
    {
        var file = Write("""{ "prot": 5, "bind": "nowhere", "dispatcher.turn_off_booking": "perhaps" }""");

        var problems = Problems(
            [new("config", file), new("http-port", "99999"), new("tls-cert", "/no/such.pem")], new() { ["CUEBOT_PORT"] = "abc" });

        Assert.Collection(
            problems,
            problem => Assert.Equal($"{file}: there is no setting \"prot\"; is it \"port\"?", problem),
            problem => Assert.Equal($"bind in {file} is \"nowhere\": write an IP address of this machine, or * for all.", problem),
            problem => Assert.Equal("Environment variable CUEBOT_PORT is \"abc\": a port is a number from 0 to 65535.", problem),
            problem => Assert.Equal("--http-port is \"99999\": a port is a number from 0 to 65535.", problem),
            problem => Assert.StartsWith("The TLS certificate /no/such.pem can't be read", problem, StringComparison.Ordinal),
            problem => Assert.Equal($"dispatcher.turn_off_booking in {file} is \"perhaps\": write true or false.", problem),
            problem => Assert.StartsWith("Say where the farm is kept: --data DIR", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"port\": }", "line 1: this is no JSON")]
    [InlineData("[1]", "holds no JSON object")]
    public void A_broken_file_is_told_with_its_line(string text, string words)
    {
        var problems = Problems([new("config", Write(text)), new("data", "/d")], []);

        Assert.Contains(words, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.Contains("can't be read", Assert.Single(Problems([new("config", "/no/such.json"), new("data", "/d")], [])), StringComparison.Ordinal);

    [Theory]
    [InlineData("rubbish", "no connection string")]
    [InlineData("Database=cue", "names no host")]
    public void A_bad_connection_string_is_told(string connection, string words) =>
        Assert.Contains(words, Assert.Single(Problems([new("postgres", connection)], [])), StringComparison.Ordinal);

    [Fact]
    public void The_wait_of_reports_answers_is_in_seconds() =>
        Assert.Equal(TimeSpan.FromMilliseconds(250), Read([new("data", "/d"), new("report-answer-wait", "0.25")], []).ReportAnswerWait);

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("60")]
    public void A_wait_of_reports_answers_that_cannot_be_is_told(string wait) =>
        Assert.Equal(
            $"--report-answer-wait is \"{wait}\": write seconds, from 0 to 5.",
            Assert.Single(Problems([new("data", "/d"), new("report-answer-wait", wait)], [])));

    [Fact]
    public void Two_places_for_one_farm_and_one_port_for_two_things_are_refused()
    {
        var problems = Problems([new("postgres", "Host=db"), new("data", "/d"), new("port", "5000"), new("http-port", "5000")], []);

        Assert.Equal(2, problems.Count);
        Assert.Contains("Both --data and --postgres", problems[1], StringComparison.Ordinal);
        Assert.Contains("Port 5000 is given for gRPC and for HTTP", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_and_a_folder_that_is_a_file_are_found_before_anything_starts()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var file = Write("{}");
        var problems = new List<string>();

        StartChecks.Run(new CuebotOptions { Port = port, HttpPort = 0, DataDirectory = file }, problems);

        Assert.Equal(
            [
                $"Port {port} on 127.0.0.1 is in use by another program; stop it, or give another --port.",
                $"The data folder {file} is a file; give a folder to --data.",
            ],
            problems);
    }

    [Fact]
    public void A_data_folder_that_is_not_there_is_made()
    {
        var folder = Path.Combine(_folder, "new", "deeper");
        var problems = new List<string>();

        StartChecks.Run(new CuebotOptions { Port = 0, HttpPort = 0, DataDirectory = folder }, problems);

        Assert.Empty(problems);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "cuebot.json");
        File.WriteAllText(file, text);
        return file;
    }

    private static CuebotOptions Read(KeyValuePair<string, string>[] commandLine, Dictionary<string, string> environment)
    {
        var settings = OptionsReader.Gather(commandLine, environment.GetValueOrDefault);
        var options = OptionsReader.Read(settings);
        Assert.Empty(settings.Problems);
        return options;
    }

    private static List<string> Problems(KeyValuePair<string, string>[] commandLine, Dictionary<string, string> environment)
    {
        var settings = OptionsReader.Gather(commandLine, environment.GetValueOrDefault);
        OptionsReader.Read(settings);
        return settings.Problems;
    }
}
