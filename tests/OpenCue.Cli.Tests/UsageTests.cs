namespace OpenCue.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("cue: 'jobs' is no command here; there are submit, explain, job, frame, host, show, limit, facility, farm; see cue --help", "jobs")]
    [InlineData("cue: Required command was not provided; see cue job --help", "job")]
    [InlineData("cue: Required argument 'JOB' missing for command: 'kill'; see cue job kill --help", "job", "kill")]
    [InlineData("cue: there is no option '--frobnicate'; see cue job list --help", "job", "list", "--frobnicate", "x")]
    [InlineData("cue: --interval takes seconds from 0.1 to 3600; see cue job watch --help", "job", "watch", "x", "--interval", "0")]
    [InlineData("cue: submit what? A file, or --name NAME -- COMMAND; see cue submit --help", "submit")]
    [InlineData("cue: there is no file nothing.xml; a command goes behind --", "submit", "nothing.xml")]
    [InlineData("cue: --range describes a job for a command; write the command behind --", "submit", "--range", "1-5", "x.xml")]
    [InlineData("cue: 'x.xml' stands before --; submit a file or a command, not both", "submit", "x.xml", "--name", "abc", "--", "true")]
    [InlineData("cue: a command needs a --name for its job", "submit", "--", "true")]
    [InlineData("cue: there is no command behind --", "submit", "--name", "abc", "--")]
    [InlineData("cue: --lines takes a number, 0 or more", "frame", "log", "x", "0001-render", "--lines=-1")]
    public async Task Wrong_usage_is_one_line_on_standard_error_and_2(string message, params string[] args)
    {
        var run = await CueRun.OfAsync(args);

        Assert.Equal(2, run.Code);
        Assert.Equal(message + "\n", run.Error);
        Assert.Equal("", run.Out);
    }

    public static TheoryData<string> Commands { get; } =
    [
        "submit", "job list", "job show", "job watch", "job pause", "job resume", "job kill", "job retry", "job eat", "job priority", "frame list",
        "frame log", "frame retry", "frame eat", "frame kill", "host list", "host show", "host lock", "host unlock", "show list", "farm status",
        "farm verify", "farm unknown", "farm accept", "farm allow-kills",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var run = await CueRun.OfAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, run.Code);
        Assert.Contains("--server", run.Out, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  cue {command}", run.Out, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task The_version_is_told()
    {
        var run = await CueRun.OfAsync(["--version"]);

        Assert.Equal(0, run.Code);
        Assert.Matches(@"^cue \d+\.\d+\.\d+", run.Out);
    }
}
