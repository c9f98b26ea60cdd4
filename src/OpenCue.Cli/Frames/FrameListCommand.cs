using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Frames;

/// <summary><c>cue frame list</c>.</summary>
internal static class FrameListCommand
{
    public static Command Make()
    {
        var selection = new FrameSelection();
        var limit = new Option<int>("--limit", "-n") { Description = "List so many frames at the most; 0 is no limit.", HelpName = "N" };
        var command = new CueCommand("list", "List the frames of a job.")
        {
            Examples =
            [
                "cue frame list beauty --state dead",
                "cue frame list beauty --layer render --range 1-20",
                "cue frame list beauty 0005-render --json",
            ],
        }.Do(run => RunAsync(run, selection, run.Get(limit)));
        selection.AddTo(command);
        command.Add(limit);
        return command;
    }

    private static async Task RunAsync(CommandRun run, FrameSelection selection, int limit)
    {
        var criteria = selection.Criteria(run);
        var job = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(selection.Job)!);
        var frames = await FrameSelection.ReadAsync(run, job, criteria, limit > 0 ? limit : int.MaxValue);
        if (run.IsJson)
        {
            Json.Write(run.Terminal, frames);
            return;
        }

        if (frames.Count == 0)
        {
            run.Terminal.Note($"{job.Name} has no such frames.");
            return;
        }

        var table = new Table(
            new Column("FRAME") { Least = 14 },
            new Column("STATE"),
            new Column("HOST") { Least = 10 },
            new Column("CORES") { Right = true, Spare = 5 },
            new Column("STARTED") { Spare = 2 },
            new Column("TIME") { Right = true },
            new Column("MEMORY") { Right = true, Spare = 1 },
            new Column("TRIES") { Right = true, Spare = 4 },
            new Column("EXIT") { Right = true, Spare = 3 });
        foreach (var frame in frames)
        {
            var resource = frame.LastResource.Split('/');
            table.Add(
                frame.Name,
                JobTexts.State(frame.State),
                resource[0].Length > 0 ? resource[0] : Units.None,
                resource.Length > 1 && resource[0].Length > 0 ? resource[1] : Units.None,
                Units.Time(frame.StartTime, run.Time),
                Duration(frame, run.Time),
                Memory(frame),
                Units.Count(frame.StartTime > 0 ? frame.RetryCount + 1 : 0),
                frame.ExitStatus >= 0 ? new Cell(Units.Count(frame.ExitStatus), frame.ExitStatus == 0 ? Ink.Plain : Ink.Bad) : Units.None);
        }

        table.Write(run.Terminal);
    }

    // Of a run that has only just begun the agent has not measured anything.
    private static string Memory(Wire.Frame frame) =>
        (frame.State == Wire.FrameState.Running ? frame.UsedMemory : frame.MaxRss) is > 0 and var kib ? Units.Memory(kib) : Units.None;

    private static string Duration(Wire.Frame frame, TimeProvider time) => frame.StartTime <= 0
        ? Units.None
        : Units.Duration((frame.StopTime > 0 ? frame.StopTime : time.GetUtcNow().ToUnixTimeSeconds()) - frame.StartTime);
}
