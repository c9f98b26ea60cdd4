using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using OpenCue.Cli.Explaining;
using OpenCue.Cli.Facilities;
using OpenCue.Cli.Farm;
using OpenCue.Cli.Frames;
using OpenCue.Cli.Hosts;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Limits;
using OpenCue.Cli.Output;
using OpenCue.Cli.Shows;
using OpenCue.Cli.Submitting;

namespace OpenCue.Cli.Commands;

/// <summary>The whole tool: its commands, and how a command line becomes an exit code.</summary>
internal static class CueProgram
{
    private const string About =
        """
        cue, the command-line tool of OpenCue.NET: submits jobs to a cuebot, shows and steers them.

        Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 not found, 4 not confirmed, 5 no server reached, 6 done in part,
        7 a watched job did not succeed, 130 Ctrl+C.
        """;

    /// <summary>Runs a command line.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CueEnvironment environment, CancellationToken cancel = default)
    {
        // "@file" would be read as a file of arguments; commands may well hold such words.
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction or null)
            {
                return Misused(parsed, environment, Problem(parsed));
            }

            if (parsed.Action is not SynchronousCommandLineAction && UnknownOption(parsed) is { } option)
            {
                return Misused(parsed, environment, $"there is no option '{option}'");
            }

            return await parsed.InvokeAsync(new CueInvocation(environment), cancel);
        }
        finally
        {
            environment.Terminal.Flush();
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand(About)
        {
            GlobalOptions.Server, GlobalOptions.Timeout, GlobalOptions.Json, GlobalOptions.NoColor,
            SubmitCommand.Make(), ExplainCommand.Make(), JobCommands.Make(), FrameCommands.Make(), HostCommands.Make(),
            ShowCommands.Make(), LimitCommands.Make(), FacilityCommands.Make(), FarmCommands.Make(),
        };
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption { Action: HelpAction help }:
                    option.Action = new HelpWithExamples(help);
                    break;
                case VersionOption:
                    option.Action = new ShowVersion();
                    break;
            }
        }

        return root;
    }

    private static string Problem(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..]
            ? $"'{word}' is no command here; there are {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}"
            : parsed.Errors[0].Message.TrimEnd('.');
    }

    /// <summary>
    /// An option that does not exist. The parser takes it for an argument where any are allowed; but <c>cue job list --finishd</c>
    /// must not look for jobs of that name. Behind <c>--</c> everything goes, and numbers may be negative.
    /// </summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var behindDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return parsed.CommandResult.Children
            .OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .SkipLast(behindDashes)
            .Select(token => token.Value)
            .FirstOrDefault(word => word is ['-', not (>= '0' and <= '9'), ..]);
    }

    private static int Misused(ParseResult parsed, CueEnvironment environment, string message)
    {
        var path = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            path.Insert(0, result.Command is RootCommand ? "cue" : result.Command.Name);
        }

        environment.Terminal.Note($"cue: {message}; see {string.Join(' ', path)} --help");
        return (int)ExitCode.Usage;
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var version = typeof(CueProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            parseResult.InvocationConfiguration.Output.WriteLine($"cue {version}");
            return 0;
        }
    }
}
