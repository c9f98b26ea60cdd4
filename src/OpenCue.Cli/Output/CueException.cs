namespace OpenCue.Cli.Output;

/// <summary>
/// Ends a command: one line for a person, which names the thing, the value and the way out, and an exit code for scripts.
/// </summary>
internal sealed class CueException(ExitCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the program ends with.</summary>
    public ExitCode Code => code;

    /// <summary>The command line makes no sense.</summary>
    public static CueException Usage(string message) => new(ExitCode.Usage, message);

    /// <summary>There is no such thing.</summary>
    public static CueException NotFound(string message) => new(ExitCode.NotFound, message);

    /// <summary>It failed.</summary>
    public static CueException Failed(string message, Exception? cause = null) => new(ExitCode.Failed, message, cause);
}
