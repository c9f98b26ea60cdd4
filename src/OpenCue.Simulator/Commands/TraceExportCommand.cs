using System.CommandLine;
using OpenCue.Engine.Storing;
using OpenCue.Simulator.Traces;
using OpenCue.Storage.Recording;

namespace OpenCue.Simulator.Commands;

/// <summary><c>cue-sim trace export</c>: the trace of what ran on a farm, from its cuebot's database.</summary>
internal static class TraceExportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make()
    {
        var sqlite = new Option<string?>("--sqlite") { Description = "A cuebot's SQLite file. While the server runs the file is its own: export from a copy.", HelpName = "FILE" };
        var postgres = new Option<string?>("--postgres")
        {
            Description = "A cuebot's PostgreSQL database, which may be in use; the password may stand in the variable PGPASSWORD.",
            HelpName = "Host=...;Database=...",
        };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Jobs submitted from then on, as 2030-01-07 or 2030-01-07T18:00. Default: --days before --to.", HelpName = "TIME" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Jobs submitted before then. Default: now.", HelpName = "TIME" };
        var days = new Option<double>("--days") { Description = "How many days, if --from is not given.", DefaultValueFactory = _ => 7, HelpName = "N" };
        var name = new Option<string?>("--name") { Description = "The trace's name in reports.", HelpName = "TEXT" };
        var path = TraceCommand.OutOption();
        return new SimCommand("export", "Exports what ran on a farm, and the farm itself, from its cuebot's database.")
        {
            Options = { sqlite, postgres, from, to, days, name, path },
            Examples =
            [
                "cue-sim trace export --postgres \"Host=db;Database=cue;Username=cue\" --days 7 --out lastweek.json.gz",
                "cue-sim trace export --sqlite copy-of-cue.db --from 2030-01-07 --to 2030-01-14 --out week2",
            ],
        }.Do((parsed, terminal, _) =>
        {
            var end = parsed.GetValue(to) ?? terminal.RealTime.GetUtcNow();
            var start = parsed.GetValue(from) ?? end - TimeSpan.FromDays(parsed.GetValue(days));
            if (start >= end)
            {
                throw new SimException($"--from {start:u} is not before --to {end:u}.");
            }

            var record = Read(parsed.GetValue(sqlite), parsed.GetValue(postgres), start, end);
            if (record.Jobs.Count == 0)
            {
                throw new SimException($"No job was submitted from {start:u} to {end:u}. Choose other times with --from and --to.");
            }

            var trace = RecordedTrace.Of(record, parsed.GetValue(name) ?? string.Create(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd} to {end:yyyy-MM-dd}"), start);
            TraceCommand.Save(trace, parsed.GetRequiredValue(path), terminal);
            return Task.FromResult(0);
        });
    }

    private static FarmRecord Read(string? sqlite, string? postgres, DateTimeOffset from, DateTimeOffset to)
    {
        var (fromMs, toMs) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        try
        {
            return (sqlite, postgres) switch
            {
                ({ } file, null) => FarmRecorder.ReadSqlite(file, fromMs, toMs),
                (null, { } database) => FarmRecorder.ReadPostgres(database, fromMs, toMs),
                _ => throw new SimException("Name one database: --sqlite FILE or --postgres \"Host=...;Database=...\"."),
            };
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreDataException)
        {
            throw new SimException(e.Message);
        }
    }
}
