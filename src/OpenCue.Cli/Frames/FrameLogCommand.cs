using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Specs.Commands;

namespace OpenCue.Cli.Frames;

/// <summary><c>cue frame log</c>.</summary>
internal static class FrameLogCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly Argument<string> Job = JobCommands.Job();

    private static readonly Argument<string[]> Words = new("FRAME")
    {
        Description = "The frame: 0005-render, or its layer and number: render 5. In a job of one layer the number will do.",
        HelpName = "FRAME | LAYER NUMBER",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Go on until the frame has ended; wait for it to start.",
    };
    private static readonly Option<int?> Lines = new("--lines", "-n") { Description = "Begin with the last N lines.", HelpName = "N" };
    private static readonly Option<bool> PathOnly = new("--path") { Description = "Print where the log is, not what it says." };

    public static Command Make() => new CueCommand("log", "Print the log of a frame.")
    {
        Examples = ["cue frame log beauty 0005-render", "cue frame log -f beauty render 5", "cue frame log beauty render 5 -n 50"],
        Arguments = { Job, Words },
        Options = { Follow, Lines, PathOnly },
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        if (run.Get(Lines) is < 0)
        {
            throw CueException.Usage("--lines takes a number, 0 or more");
        }

        var job = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(Job)!);
        var frame = await FrameFinder.FindAsync(run, job, run.Get(Words)!);
        var path = LogPaths.FrameLog(job.LogDir, job.Name, frame.Name);
        if (run.Get(PathOnly))
        {
            run.Terminal.Line(path);
            return;
        }

        var server = new ServerLog(run.Server, frame.Id);
        var printer = new LogPrinter(new NearestLog(new LogFile(path), server), run.Terminal);
        if (run.Get(Lines) is { } lines)
        {
            await printer.SkipToLastAsync(lines, run.Cancel);
        }

        if (run.Get(Follow))
        {
            await FollowAsync(run, job, frame, printer, server);
        }
        else if (!await printer.PrintAsync(run.Cancel))
        {
            throw CueException.NotFound(frame.StartTime > 0
                ? $"{frame.Name} of {job.Name} has run, but its log {path} cannot be seen from this machine, and {server.Reason}"
                : $"{frame.Name} of {job.Name} has not run yet, so it has no log; -f waits for it");
        }
    }

    private static async Task FollowAsync(CommandRun run, Wire.Job job, Wire.Frame frame, LogPrinter printer, ServerLog server)
    {
        var waits = false;
        while (true)
        {
            var hasEnded = await HasEndedAsync(run, job, frame);
            var isThere = await printer.PrintAsync(run.Cancel);
            if (!isThere && hasEnded)
            {
                throw CueException.NotFound($"{Told(job, frame)} and has no log that can be read: {server.Reason}");
            }

            if (hasEnded)
            {
                run.Terminal.Note(Told(job, frame) + (frame.ExitStatus > 0 ? $", exit status {Units.Count(frame.ExitStatus)}." : "."));
                return;
            }

            if (!isThere && !waits)
            {
                waits = true;
                run.Terminal.Note($"{Told(job, frame)}; its log will follow.");
            }

            await Task.Delay(Interval, run.Time, run.Cancel);
            var request = new Wire.FrameGetFrameRequest { Id = frame.Id };
            var fresh = (await run.Server.Frames.GetFrameAsync(request, cancellationToken: run.Cancel)).Frame;
            if (isThere && fresh.StartTime != frame.StartTime)
            {
                // The rest of the last run's log, before the next run's begins: by now it has another name.
                printer.Restart();
            }

            frame = fresh;
        }
    }

    private static string Told(Wire.Job job, Wire.Frame frame) => $"{frame.Name} of {job.Name} is {JobTexts.Word(frame.State)}";

    /// <summary>Whether the frame will not run any more by itself. A frame that waits does so in vain once its job has finished.</summary>
    private static async Task<bool> HasEndedAsync(CommandRun run, Wire.Job job, Wire.Frame frame) => frame.State switch
    {
        Wire.FrameState.Succeeded or Wire.FrameState.Dead or Wire.FrameState.Eaten => true,
        Wire.FrameState.Running => false,
        _ => await new JobFinder(run.Server, run.Cancel).ByIdAsync(job.Id) is null or { State: Wire.JobState.Finished },
    };
}
