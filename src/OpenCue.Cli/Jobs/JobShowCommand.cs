using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary><c>cue job show</c>.</summary>
internal static class JobShowCommand
{
    private static readonly Argument<string> Job = JobCommands.Job();

    public static Command Make() => new CueCommand("show", "Show a job with its layers.")
    {
        Examples = ["cue job show beauty", "cue job show testing-sh010-anna_beauty --json"],
        Arguments = { Job },
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        var job = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(Job)!);
        var layers = await run.Server.LayersAsync(job, run.Cancel);
        if (run.IsJson)
        {
            Json.Write(run.Terminal, job, ("layers", layers));
            return;
        }

        var stats = job.JobStats ?? new Wire.JobStats();
        var facts = new Facts(run.Terminal)
        {
            { "Job", job.Name },
            { "Id", job.Id },
            { "State", JobTexts.State(job) },
            { "Show, shot, user", $"{job.Show}, {job.Shot}, {job.User}{Uid(job)}" },
            { "Facility, group", $"{job.Facility}, {job.Group}" },
            { "Operating system", job.Os },
            { "Priority", Units.Count(job.Priority) },
            { "Cores", $"{Units.Cores(stats.ReservedCores)} in use, at most {Units.Cores(job.MaxCores)}" },
            { "Submitted", Units.Time(job.StartTime, run.Time) },
            { "Ended", job.StopTime > 0 ? Units.Time(job.StopTime, run.Time) : "" },
            { "Age", JobTexts.Age(job, run.Time) },
            { "Frames", FrameCounts.Text(stats) },
            { "Frame time", stats.AvgFrameSec > 0 ? $"{Units.Duration(stats.AvgFrameSec)} on average" : "" },
            { "Longest", stats.HighFrameSec > 0 ? Units.Duration(stats.HighFrameSec) : "" },
            { "Memory", stats.MaxRss > 0 ? $"{Units.Memory(stats.MaxRss)} at most" : "" },
            { "Options", string.Join(", ", Options(job)) },
            { "Logs", job.LogDir },
        };
        facts.Write();
        run.Terminal.Line();
        LayerTable(layers).Write(run.Terminal);
    }

    private static string Uid(Wire.Job job) =>
        job.UidOptionalCase == Wire.Job.UidOptionalOneofCase.Uid ? $" (uid {Units.Count(job.Uid)})" : "";

    private static IEnumerable<string> Options(Wire.Job job)
    {
        if (job.AutoEat)
        {
            yield return "eats dead frames";
        }

        if (job.HasComment)
        {
            yield return "has comments";
        }
    }

    private static Table LayerTable(IEnumerable<Wire.Layer> layers)
    {
        var table = new Table(
            new Column("LAYER") { Least = 12 },
            new Column("TYPE") { Spare = 5 },
            new Column("RANGE") { Least = 10, Spare = 4 },
            new Column("CHUNK") { Right = true, Spare = 6 },
            new Column("DONE") { Right = true },
            new Column("RUN") { Right = true },
            new Column("WAIT") { Right = true, Spare = 1 },
            new Column("DEPEND") { Right = true, Spare = 1 },
            new Column("DEAD") { Right = true },
            new Column("CORES") { Right = true, Spare = 3 },
            new Column("MEMORY") { Right = true, Spare = 2 },
            new Column("PEAK") { Right = true, Spare = 7 },
            new Column("AVG") { Right = true, Spare = 2 },
            new Column("SERVICES") { Least = 8, Spare = 8 },
            new Column("TAGS") { Least = 8, Spare = 9 });
        foreach (var layer in layers)
        {
            var stats = layer.LayerStats ?? new Wire.LayerStats();
            table.Add(
                layer.Name,
                layer.Type.ToString().ToLowerInvariant(),
                layer.Range,
                Units.Count(layer.ChunkSize),
                $"{Units.Count(stats.SucceededFrames)}/{Units.Count(stats.TotalFrames)}",
                new Cell(Units.Count(stats.RunningFrames), stats.RunningFrames > 0 ? Ink.Busy : Ink.Dim),
                Units.Count(stats.WaitingFrames),
                Units.Count(stats.DependFrames),
                new Cell(Units.Count(stats.DeadFrames), stats.DeadFrames > 0 ? Ink.Bad : Ink.Dim),
                Cores(layer.MinCores),
                Units.Memory(layer.MinMemory),
                stats.MaxRss > 0 ? Units.Memory(stats.MaxRss) : Units.None,
                stats.AvgFrameSec > 0 ? Units.Duration(stats.AvgFrameSec) : Units.None,
                string.Join(", ", layer.Services),
                string.Join(", ", layer.Tags));
        }

        return table;
    }

    // 0 asks for a whole host, a negative number for all but so many of its cores.
    private static string Cores(float cores) => cores switch
    {
        0 => "all",
        < 0 => string.Create(CultureInfo.InvariantCulture, $"all{cores:0.0}"),
        _ => Units.Cores(cores),
    };
}
