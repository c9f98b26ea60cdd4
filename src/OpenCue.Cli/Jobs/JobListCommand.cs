using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary><c>cue job list</c>.</summary>
internal static class JobListCommand
{
    private static readonly Argument<string[]> Parts = new("PART")
    {
        Description = "Only jobs whose name holds one of these.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<bool> Finished = new("--finished", "-f")
    {
        Description = "Also jobs that have finished and post jobs that wait.",
    };
    private static readonly Option<string[]> Shows = new("--show") { Description = "Only jobs of these shows.", HelpName = "SHOW" };
    private static readonly Option<string[]> Shots = new("--shot") { Description = "Only jobs of these shots.", HelpName = "SHOT" };
    private static readonly Option<string[]> Users = new("--user", "-u") { Description = "Only jobs of these users.", HelpName = "USER" };

    public static Command Make() => new CueCommand("list", "List jobs, the newest last.")
    {
        Examples =
        [
            "cue job list",
            "cue job list --user anna --finished",
            "cue job list --show testing beauty",
            "cue job list --json | jq -r '.[].name'",
        ],
        Arguments = { Parts },
        Options = { Finished, Shows, Shots, Users },
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        var criteria = new Wire.JobSearchCriteria
        {
            IncludeFinished = run.Get(Finished),
            Substr = { run.Get(Parts)!.Select(part => JobFinder.Escaped(part.ToLowerInvariant())) },
            Shows = { run.Get(Shows) },
            Shots = { run.Get(Shots) },
            Users = { run.Get(Users) },
        };
        var answer = await run.Server.Jobs.GetJobsAsync(new Wire.JobGetJobsRequest { R = criteria }, cancellationToken: run.Cancel);
        var jobs = answer.Jobs.Jobs.OrderBy(job => job.StartTime).ThenBy(job => job.Name, StringComparer.Ordinal).ToList();
        if (run.IsJson)
        {
            Json.Write(run.Terminal, jobs);
            return;
        }

        if (jobs.Count == 0)
        {
            run.Terminal.Note(run.Get(Finished) ? "No such jobs." : "No such jobs are pending; --finished lists finished ones too.");
            return;
        }

        var table = new Table(
            new Column("JOB") { Least = 24 },
            new Column("STATE"),
            new Column("DONE") { Right = true },
            new Column("RUN") { Right = true },
            new Column("WAIT") { Right = true, Spare = 1 },
            new Column("DEPEND") { Right = true, Spare = 3 },
            new Column("DEAD") { Right = true },
            new Column("EATEN") { Right = true, Spare = 4 },
            new Column("CORES") { Right = true, Spare = 2 },
            new Column("PRIO") { Right = true, Spare = 5 },
            new Column("AGE") { Right = true, Spare = 1 });
        foreach (var job in jobs)
        {
            var stats = job.JobStats ?? new Wire.JobStats();
            table.Add(
                job.Name,
                JobTexts.State(job),
                $"{Units.Count(stats.SucceededFrames)}/{Units.Count(stats.TotalFrames)}",
                new Cell(Units.Count(stats.RunningFrames), stats.RunningFrames > 0 ? Ink.Busy : Ink.Dim),
                Units.Count(stats.WaitingFrames),
                Units.Count(stats.DependFrames),
                new Cell(Units.Count(stats.DeadFrames), stats.DeadFrames > 0 ? Ink.Bad : Ink.Dim),
                Units.Count(stats.EatenFrames),
                Units.Cores(stats.ReservedCores),
                Units.Count(job.Priority),
                JobTexts.Age(job, run.Time));
        }

        table.Write(run.Terminal);
    }
}
