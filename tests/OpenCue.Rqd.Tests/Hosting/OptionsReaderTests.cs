using System.Net;
using Microsoft.Extensions.Logging;
using OpenCue.Rqd.Hosting;

namespace OpenCue.Rqd.Tests.Hosting;

public sealed class OptionsReaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var file = _directory.Write("rqd.conf", "[rqd]\nport = 1001\nfacility = from-file\nname = from-file\n");

        var options = Read(file, new() { ["port"] = "1003" }, new()
        {
            ["OPENCUE_RQD_PORT"] = "1002",
            ["OPENCUE_RQD_FACILITY"] = "from-environment",
        });

        Assert.Equal((1003, "from-environment", "from-file"), (options.Port, options.Facility, options.Name));
    }

    [Fact]
    public void The_keys_of_OpenCues_file_mean_the_same()
    {
        var file = _directory.Write("rqd.conf", """
            # a farm's file
            [Override]
            OVERRIDE_CUEBOT=cuebot1 cuebot2:9443
            RQD_GRPC_PORT=9444
            OVERRIDE_CORES=8
            OVERRIDE_MEMORY=8388608
            OVERRIDE_HOSTNAME=render01
            RQD_TAGS=fast gpu
            DEFAULT_FACILITY=lax
            RQD_BECOME_JOB_USER=False
            LAUNCH_FRAME_USER_GID=100
            JOB_LOG_MAX_SIZE_IN_BYTES=0
            RQD_USE_PATH_ENV_VAR=True
            SP_OS=rocky9
            RQD_CUSTOM_HOME_PREFIX=/u
            CONSOLE_LOG_LEVEL=WARNING
            OVERRIDE_NIMBY=False
            ; another comment
            [UseHostEnvVar]
            STUDIO
            LICENSE_SERVER
            """);

        var options = OptionsReader.Read(file, new Dictionary<string, string>(), _ => null, out var warnings);

        Assert.Equal(["cuebot1", "cuebot2:9443"], options.Cuebots);
        Assert.Equal((9444, 8, 8388608, "render01"), (options.Port, options.Cores, options.MemoryKib, options.Name));
        Assert.Equal(["fast", "gpu"], options.Tags);
        Assert.Equal(("lax", false, 100u, 0L), (options.Facility, options.BecomeJobUser, options.FrameGid, options.LogLimitBytes));
        Assert.Equal((true, "rocky9", "/u", LogLevel.Warning), (options.AgentPathForFrames, options.Os, options.HomePrefix, options.LogLevel));
        Assert.Equal(["STUDIO", "LICENSE_SERVER"], options.AgentVariables);
        Assert.Contains("OVERRIDE_NIMBY", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once_each_with_its_place()
    {
        var file = _directory.Write("rqd.conf", "[Override]\nRQD_GRPC_PORT=many\nDEFAULT_FACILITY=lax\nRQD_COLOUR=red\n");

        var error = Assert.Throws<StartException>(() => Read(file, new() { ["memory"] = "-1" }, new() { ["OPENCUE_RQD_BIND"] = "here" }));

        Assert.Contains($"{file}, line 2, RQD_GRPC_PORT is 'many'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{file}, line 4: there is no setting RQD_COLOUR", error.Message, StringComparison.Ordinal);
        Assert.Contains("--memory is '-1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("the variable OPENCUE_RQD_BIND is 'here'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("24G", 24L << 20)]
    [InlineData("512M", 512L << 10)]
    [InlineData("2048", 2048L)]
    public void Memory_is_a_size(string text, long kib) => Assert.Equal(kib, Read(null, new() { ["memory"] = text }).MemoryKib);

    [Theory]
    [InlineData("5-30", 5, 30)]
    [InlineData("2", 2, 2)]
    [InlineData("0.5-1.5", 0.5, 1.5)]
    public void A_report_interval_is_one_number_of_seconds_or_two(string text, double atLeast, double atMost)
    {
        var options = Read(null, new() { ["report-interval"] = text });

        Assert.Equal((atLeast, atMost), (options.ReportAtLeast.TotalSeconds, options.ReportAtMost.TotalSeconds));
    }

    [Theory]
    [InlineData("report-interval", "30-5")]
    [InlineData("report-interval", "0")]
    [InlineData("memory", "G")]
    [InlineData("memory", "99999999999999999999G")]
    [InlineData("umask", "999")]
    [InlineData("umask", "1000")]
    [InlineData("cuebot", "")]
    [InlineData("cuebot", "a b/c")]
    [InlineData("cuebot", "host:notaport")]
    [InlineData("state-dir", "relative")]
    [InlineData("name", "two words")]
    [InlineData("become-job-user", "maybe")]
    [InlineData("nice", "20")]
    [InlineData("kill-grace", "-1")]
    [InlineData("log-level", "loud")]
    public void A_value_that_cannot_be_is_refused(string name, string value)
    {
        var error = Assert.Throws<StartException>(() => Read(null, new() { [name] = value }));

        Assert.StartsWith($"--{name} is '{value}': it has to ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenCues_variable_for_the_server_counts_less_than_everything_else()
    {
        var variables = new Dictionary<string, string> { ["CUEBOT_HOSTNAME"] = "old" };

        Assert.Equal(["old"], Read(null, [], variables).Cuebots);
        Assert.Equal(["new"], Read(_directory.Write("c", "cuebot = new"), [], variables).Cuebots);
    }

    [Fact]
    public void Without_any_choice_only_this_machine_can_reach_the_agent()
    {
        var options = Read(null, []);

        Assert.Equal((IPAddress.Loopback, 8444), (options.Bind, options.Port));
        Assert.Equal(["localhost"], options.Cuebots);
    }

    [Theory]
    [InlineData("cuebot", "cuebot:8443")]
    [InlineData("cuebot:80", "cuebot:80")]
    [InlineData("10.0.0.1", "10.0.0.1:8443")]
    [InlineData("[::1]", "[::1]:8443")]
    [InlineData("[::1]:9000", "[::1]:9000")]
    [InlineData("::1", null)]
    [InlineData("cuebot:", null)]
    [InlineData("cuebot/x", null)]
    public void A_cuebot_is_named_with_a_port_or_without(string text, string? address) =>
        Assert.Equal(address, CuebotAddress.TryParse(text, 8443));

    [Fact]
    public void A_file_that_is_named_has_to_be_there()
    {
        var error = Assert.Throws<StartException>(() => Read(_directory["missing.conf"], []));

        Assert.Contains("missing.conf does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_has_a_name_of_its_own_and_a_help() => Assert.All(Settings.All, setting =>
    {
        Assert.Single(Settings.All, other => other.Name == setting.Name);
        Assert.EndsWith(".", setting.Help, StringComparison.Ordinal);
        Assert.True(setting.OpenCueKey is null || !Settings.IgnoredOpenCueKeys.Contains(setting.OpenCueKey));
    });

    [Fact]
    public void Every_setting_is_in_the_manual()
    {
        var manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rqd.md"));

        Assert.All(Settings.All, setting =>
        {
            Assert.Contains($"`{setting.Name}`", manual, StringComparison.Ordinal);
            Assert.True(setting.OpenCueKey is null || manual.Contains($"`{setting.OpenCueKey}`", StringComparison.Ordinal), setting.OpenCueKey);
        });
    }

    public void Dispose() => _directory.Dispose();

    private static RqdOptions Read(string? file, Dictionary<string, string> commandLine, Dictionary<string, string>? variables = null) =>
        OptionsReader.Read(file, commandLine, name => variables?.GetValueOrDefault(name), out _);
}
