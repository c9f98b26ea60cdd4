using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Cli.Watching;

namespace OpenCue.Cli.Jobs;

/// <summary><c>cue job watch</c>.</summary>
internal static class JobWatchCommand
{
    private static readonly Argument<string[]> Jobs = JobCommands.Jobs();
    private static readonly Option<bool> Post = new("--post")
    {
        Description = "Watch the post jobs too, which run when their jobs have ended.",
    };
    private static readonly Option<bool> Lines = new("--lines")
    {
        Description = "A line for each change instead of a picture, as into a pipe.",
    };
    private static readonly Option<double> Interval = new("--interval")
    {
        Description = "Seconds between two looks.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 1,
    };

    public static Command Make()
    {
        Interval.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.1 and <= 3600))
            {
                result.AddError("--interval takes seconds from 0.1 to 3600");
            }
        });
        return new CueCommand("watch", "Follow jobs until they end. Exit code 0 if all frames succeeded, else 7.")
        {
            Examples = ["cue job watch beauty", "cue job watch beauty matte --post", "cue job watch beauty >progress.log"],
            Arguments = { Jobs },
            Options = { Post, Lines, Interval },
        }.Do(RunAsync);
    }

    /// <summary>The view that fits the terminal.</summary>
    public static IWatchView View(CommandRun run, bool lines) =>
        run.Terminal.IsTerminal && !lines ? new LiveView(run.Terminal) : new LineView(run.Terminal, run.Time);

    private static async Task<ExitCode> RunAsync(CommandRun run)
    {
        var finder = new JobFinder(run.Server, run.Cancel);
        var jobs = await finder.FindAsync(run.Get(Jobs)!);
        if (run.Get(Post))
        {
            foreach (var job in jobs.ToList())
            {
                jobs.AddRange(await PostJobs.OfAsync(run.Server, job, run.Cancel));
            }
        }

        return await WatchEnding.WatchAsync(run, jobs, View(run, run.Get(Lines)), TimeSpan.FromSeconds(run.Get(Interval)));
    }
}
