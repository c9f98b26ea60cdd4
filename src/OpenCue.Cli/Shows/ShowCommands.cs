using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Shows;

/// <summary><c>cue show</c>.</summary>
internal static class ShowCommands
{
    public static Command Make() => new CueCommand("show", "List shows.") { List() };

    private static CueCommand List() => new CueCommand("list", "List shows.")
    {
        Examples = ["cue show list", "cue show list --json"],
    }.Do(async run =>
    {
        var answer = await run.Server.Shows.GetShowsAsync(new Wire.ShowGetShowsRequest(), cancellationToken: run.Cancel);
        var shows = answer.Shows.Shows.OrderBy(show => show.Name, StringComparer.Ordinal).ToList();
        if (run.IsJson)
        {
            Json.Write(run.Terminal, shows);
            return;
        }

        if (shows.Count == 0)
        {
            run.Terminal.Note("There are no shows.");
            return;
        }

        var table = new Table(
            new Column("SHOW") { Least = 12 },
            new Column("STATE"),
            new Column("JOBS") { Right = true },
            new Column("RUN") { Right = true },
            new Column("PENDING") { Right = true },
            new Column("DEAD") { Right = true },
            new Column("CORES") { Right = true },
            new Column("BOOKING") { Spare = 1 },
            new Column("DISPATCH") { Spare = 2 });
        foreach (var show in shows)
        {
            var stats = show.ShowStats ?? new Wire.ShowStats();
            table.Add(
                show.Name,
                show.Active ? new Cell("active", Ink.Good) : new Cell("inactive", Ink.Dim),
                Units.Count(stats.PendingJobs),
                Units.Count(stats.RunningFrames),
                Units.Count(stats.PendingFrames),
                new Cell(Units.Count(stats.DeadFrames), stats.DeadFrames > 0 ? Ink.Bad : Ink.Dim),
                Units.Cores(stats.ReservedCores),
                show.BookingEnabled ? "on" : new Cell("off", Ink.Odd),
                show.DispatchEnabled ? "on" : new Cell("off", Ink.Odd));
        }

        table.Write(run.Terminal);
    });
}
