using System.CommandLine;

namespace OpenCue.Cli.Commands;

/// <summary>Takes the environment to where a command runs.</summary>
internal sealed class CueInvocation : InvocationConfiguration
{
    public CueInvocation(CueEnvironment environment)
    {
        Environment = environment;
        Output = environment.Terminal.Out;
        Error = environment.Terminal.Error;
        // What a command leaves unexpectedly is a defect; CueProgram reports it with its trace.
        EnableDefaultExceptionHandler = false;
    }

    public CueEnvironment Environment { get; }
}
