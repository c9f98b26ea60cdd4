using System.CommandLine;

namespace OpenCue.Simulator.Commands;

/// <summary>Takes the terminal to where a command runs.</summary>
internal sealed class SimInvocation : InvocationConfiguration
{
    public SimInvocation(SimTerminal terminal)
    {
        Terminal = terminal;
        Output = terminal.Out;
        Error = terminal.Error;

        // What a command leaves unexpectedly is a defect, and its trace is wanted.
        EnableDefaultExceptionHandler = false;
    }

    public SimTerminal Terminal { get; }
}
