using System.CommandLine;

namespace OpenCue.Simulator.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class SimCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines to learn from.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>Sets what the command does. It returns the exit code; a <see cref="SimException"/> makes it 1.</summary>
    public SimCommand Do(Func<ParseResult, SimTerminal, CancellationToken, Task<int>> action)
    {
        SetAction(async (parsed, cancel) =>
        {
            var terminal = ((SimInvocation)parsed.InvocationConfiguration).Terminal;
            try
            {
                return await action(parsed, terminal, cancel);
            }
            catch (SimException e)
            {
                await terminal.Error.WriteLineAsync($"cue-sim: {e.Message}");
                return 1;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return 130;
            }
        });
        return this;
    }
}
