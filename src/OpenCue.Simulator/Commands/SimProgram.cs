using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OpenCue.Simulator.Faults;

namespace OpenCue.Simulator.Commands;

/// <summary>The whole tool: its commands, and how a command line becomes an exit code.</summary>
internal static class SimProgram
{
    private const string About =
        """
        cue-sim, the simulator of OpenCue.NET: the server's own engine and scheduler in virtual time, on one thread, from one seed.

        Exit codes: 0 done, 1 failed (a bad file, a broken promise), 2 wrong usage, 130 Ctrl+C.
        """;

    /// <summary>Runs a command line.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, SimTerminal terminal, CancellationToken cancel = default)
    {
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction or null)
            {
                await terminal.Error.WriteLineAsync($"cue-sim: {parsed.Errors[0].Message.TrimEnd('.')}; see {Path(parsed)} --help");
                return 2;
            }

            return await parsed.InvokeAsync(new SimInvocation(terminal), cancel);
        }
        finally
        {
            await terminal.Out.FlushAsync(CancellationToken.None);
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand(About)
        {
            RunCommand.Make(), CompareCommand.Make(), TraceCommand.Make(), ScenariosCommand.Make(), FaultsCommand.Make(),
        };
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                option.Action = new HelpWithExamples(help);
            }
        }

        return root;
    }

    private static string Path(ParseResult parsed)
    {
        var path = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            path.Insert(0, result.Command is RootCommand ? "cue-sim" : result.Command.Name);
        }

        return string.Join(' ', path);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is SimCommand { Examples: { Length: > 0 } examples })
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
