using System.CommandLine;

namespace OpenCue.Cli.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class CueCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines to learn from.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>Sets what the command does.</summary>
    public CueCommand Do(Func<CommandRun, Task<Output.ExitCode>> action)
    {
        SetAction((parsed, cancel) => CommandRun.OfAsync(parsed, action, cancel));
        return this;
    }

    /// <summary>Sets what the command does; it ends with 0 unless it throws.</summary>
    public CueCommand Do(Func<CommandRun, Task> action) => Do(async run =>
    {
        await action(run);
        return Output.ExitCode.Ok;
    });
}
