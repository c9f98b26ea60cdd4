using System.CommandLine;

namespace OpenCue.Simulator.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class SimCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines to learn from.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>Sets what the command does. It returns the exit code; a <see cref="SimException"/> makes it 1.</summary>
    public SimCommand Do(Func<ParseResult, SimTerminal, CancellationToken, int> action)
    {
        SetAction((parsed, cancel) =>
        {
            var terminal = ((SimInvocation)parsed.InvocationConfiguration).Terminal;
            try
            {
                return Task.FromResult(action(parsed, terminal, cancel));
            }
            catch (SimException e)
            {
                terminal.Error.WriteLine($"cue-sim: {e.Message}");
                return Task.FromResult(1);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return Task.FromResult(130);
            }
        });
        return this;
    }
}
