using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Engine.Storing;
using OpenCue.Storage.CrashWriter;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;

// Arguments: sqlite FILE COUNT, or postgres CONNECTION COUNT. Writes the number of each batch as a line once it is acknowledged.
var (kind, place, count) = (args[0], args[1], int.Parse(args[2]));
await using IFarmStore store = kind == "sqlite"
    ? new SqliteFarmStore(place, TimeProvider.System, NullLogger<SqliteFarmStore>.Instance)
    : new PostgresFarmStore(place, allowUnsafe: false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
var rows = await store.TakeOverAsync("crash writer", CancellationToken.None);
await using var output = Console.OpenStandardOutput();
await SayAsync(rows.Sequence);
for (var n = rows.Sequence + 1; n <= rows.Sequence + count; n++)
{
    await store.CommitAsync(CountedFarm.Batch(n), CancellationToken.None);
    await SayAsync(n);
}

// One write per line, at once: what the reader of the pipe has seen was acknowledged.
ValueTask SayAsync(long n) => output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{n}\n"));
