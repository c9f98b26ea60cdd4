using System.CommandLine;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>The command line of the server. All values are texts here; they are read together with those of the environment and the file.</summary>
internal static class CommandLine
{
    private const string About =
        """
        The server of OpenCue.NET: it holds the farm, schedules it, and talks to host agents and clients.

        Every option can also be set by an environment variable, given in brackets, and by its name in the configuration file. The command
        line goes before the environment, the environment before the file.
        """;

    /// <summary>A command that calls <paramref name="run"/> with the options given, as keys and values.</summary>
    public static RootCommand Make(Func<IReadOnlyList<KeyValuePair<string, string>>, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand(About);
        var options = OptionTable.All.Select(entry => (entry.Key, Option: OptionOf(entry))).ToList();
        foreach (var (_, option) in options)
        {
            command.Add(option);
        }

        var set = new Option<string[]>("--set")
        {
            HelpName = "NAME=VALUE",
            Description = "Set one of the farm's settings, such as dispatcher.turn_off_booking=true. May be given several times. See docs/configuration.md.",
            Arity = ArgumentArity.OneOrMore,
        };
        set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (Problem(token.Value) is { } problem)
                {
                    result.AddError(problem);
                }
            }
        });
        command.Add(set);
        command.SetAction((parsed, cancel) =>
        {
            var values = new List<KeyValuePair<string, string>>();
            foreach (var (key, option) in options)
            {
                if (parsed.GetValue(option) is { } value)
                {
                    values.Add(new(key, value));
                }
            }

            foreach (var text in parsed.GetValue(set) ?? [])
            {
                var at = text.IndexOf('=', StringComparison.Ordinal);
                values.Add(new(text[..at], text[(at + 1)..]));
            }

            return run(values, cancel);
        });
        return command;
    }

    private static Option<string> OptionOf(OptionEntry entry) => new($"--{entry.Key}")
    {
        HelpName = entry.Value,
        Description = $"{entry.Help} [{string.Join(", ", entry.Environment)}]",
    };

    private static string? Problem(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        var key = at < 0 ? text : text[..at];
        return at < 0 ? $"--set {text}: write NAME=VALUE."
            : FarmSettingTable.All.Any(entry => entry.Key == key) || key.StartsWith(FarmSettingTable.LogRootPrefix, StringComparison.Ordinal) ? null
            : $"--set {text}: there is no setting \"{key}\"; docs/configuration.md lists them.";
    }
}
