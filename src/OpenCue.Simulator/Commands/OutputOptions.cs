using System.CommandLine;

namespace OpenCue.Simulator.Commands;

/// <summary>The options that say how a report is written.</summary>
internal sealed class OutputOptions
{
    private readonly Option<bool> _json = new("--json") { Description = "Writes the report as JSON, for scripts." };
    private readonly Option<string?> _html = new("--html") { Description = "Writes the report as a page with charts to this file, too.", HelpName = "FILE" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_json);
        command.Options.Add(_html);
    }

    /// <summary>Writes a report in the forms that were asked for.</summary>
    public void Write(ParseResult parsed, SimTerminal terminal, Action<TextWriter> text, Func<string> json, Func<string> html)
    {
        if (parsed.GetValue(_json))
        {
            terminal.Out.Write(json() + "\n");
        }
        else
        {
            text(terminal.Out);
        }

        if (parsed.GetValue(_html) is { } file)
        {
            Files.Write(file, html());
        }
    }
}
