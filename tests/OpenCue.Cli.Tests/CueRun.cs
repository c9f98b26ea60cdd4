using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Tests;

/// <summary>A command that was run as the program runs it, in this process.</summary>
/// <param name="Code">What it ended with.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CueRun(int Code, string Out, string Error)
{
    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The words.</param>
    /// <param name="server">The server; null for none.</param>
    /// <param name="width">The width of the terminal; null for a pipe.</param>
    /// <param name="answer">What a person types when asked; null if there is nobody.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="output">Where it writes, to be looked at meanwhile.</param>
    /// <param name="cancel">Ctrl+C.</param>
    public static async Task<CueRun> OfAsync(
        string[] args,
        FakeCuebot? server = null,
        int? width = null,
        string? answer = null,
        Dictionary<string, string>? variables = null,
        SharedText? output = null,
        CancellationToken cancel = default)
    {
        output ??= new SharedText();
        using var error = new StringWriter();
        variables ??= [];
        if (server is not null)
        {
            variables["CUEBOT_HOSTS"] = server.Address;
        }

        var environment = new CueEnvironment
        {
            Terminal = new Terminal(output, error, new StringReader(answer ?? ""), width is { } columns ? () => columns : null)
            {
                CanAsk = answer is not null,
                HasColor = false,
            },
            Variable = name => variables.GetValueOrDefault(name),
            Time = TimeProvider.System,
            User = "anna",
            Machine = "desk7",
        };
        var code = await CueProgram.RunAsync(args, environment, cancel);
        return new CueRun(code, output.ToString(), error.ToString());
    }
}
