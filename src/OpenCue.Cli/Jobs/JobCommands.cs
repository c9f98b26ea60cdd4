using System.CommandLine;
using OpenCue.Cli.Commands;

namespace OpenCue.Cli.Jobs;

/// <summary><c>cue job</c>.</summary>
internal static class JobCommands
{
    public static Command Make() => new CueCommand("job", "List, show, watch and steer jobs.")
    {
        JobListCommand.Make(),
        JobShowCommand.Make(),
        JobWatchCommand.Make(),
        JobActionCommands.Pause(),
        JobActionCommands.Resume(),
        JobActionCommands.Kill(),
        JobActionCommands.Retry(),
        JobActionCommands.Eat(),
        JobActionCommands.Priority(),
    };

    /// <summary>The argument that names jobs.</summary>
    public static Argument<string[]> Jobs() => new("JOB")
    {
        Description = "The full name, the part behind show-shot-user_, any part that fits one job alone, or the id.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The argument that names one job.</summary>
    public static Argument<string> Job() => new("JOB")
    {
        Description = "The full name, the part behind show-shot-user_, any part that fits one job alone, or the id.",
    };
}
