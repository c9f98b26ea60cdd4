using System.CommandLine;
using OpenCue.Cli.Commands;

namespace OpenCue.Cli.Frames;

/// <summary><c>cue frame</c>.</summary>
internal static class FrameCommands
{
    public static Command Make() => new CueCommand("frame", "List frames of a job, read their logs, steer them.")
    {
        FrameListCommand.Make(),
        FrameLogCommand.Make(),
        FrameActionCommands.Retry(),
        FrameActionCommands.Eat(),
        FrameActionCommands.Kill(),
    };
}
