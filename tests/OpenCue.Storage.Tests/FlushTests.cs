using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Storage.CrashWriter;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Tests.Support;
using OpenCue.TestSupport;

namespace OpenCue.Storage.Tests;

/// <summary>
/// Losing power can't be tested with kill -9: the kernel writes on. So the flushes to the disk are counted that a commit waits for.
/// </summary>
public sealed partial class FlushTests
{
    private const int Commits = 30;

    [Fact]
    public async Task Each_commit_to_sqlite_is_flushed_once_before_it_is_acknowledged()
    {
        await using var home = new SqliteHome();
        var trace = home.File + ".trace";
        await using (var writer = Writer.Start("sqlite", home.File, Commits, "strace", "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", trace))
        {
            var (exitCode, errors) = await writer.WaitForEndAsync();
            Assert.True(exitCode == 0, $"strace (Debian's package strace) or the writer failed:\n{errors}");
        }

        // The acknowledgements are the lines "n" that the writer writes; between two of them lies one commit.
        var flushes = new List<int>();
        var since = 0;
        foreach (var line in await File.ReadAllLinesAsync(trace))
        {
            Assert.DoesNotMatch(@"sync.* = -1", line);
            if (FlushOfLog().IsMatch(line))
            {
                since++;
            }
            else if (Acknowledgement().IsMatch(line))
            {
                flushes.Add(since);
                since = 0;
            }
        }

        Assert.Equal(Commits + 1, flushes.Count);
        Assert.All(flushes[1..], count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_commit_to_sqlite_whose_flush_fails_is_not_acknowledged()
    {
        await using var home = new SqliteHome();
        const int many = 2000;

        // From its twentieth flush on every thread fails; the threads of the pool take turns.
        await using (var writer = Writer.Start(
            "sqlite", home.File, many, "strace", "-f", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO:when=20+"))
        {
            var (exitCode, errors) = await writer.WaitForEndAsync();
            Assert.NotEqual(0, exitCode);
            Assert.Contains(nameof(StoreUnavailableException), errors, StringComparison.Ordinal);
            Assert.InRange(writer.Acknowledged, 0, many - 1);

            // The disk works again. The failed commit may be there or not; those before it are.
            await using var store = home.OpenSqlite();
            var rows = await store.TakeOverAsync("second", default);
            Assert.InRange(rows.Sequence, writer.Acknowledged, writer.Acknowledged + 1);
            Assert.Null(await CountedFarm.FindFaultAsync(store, rows));
        }
    }

    [Fact]
    public async Task Each_commit_to_postgres_is_flushed_once()
    {
        // The only work of this server: no checkpoint, no vacuum, nobody else's flushes.
        await using var postgres = await PrivatePostgres.StartAsync("autovacuum=off", "checkpoint_timeout=1h", "wal_writer_delay=10s");
        var connection = await postgres.CreateDatabaseAsync();
        var before = 0L;
        await using (var store = new PostgresFarmStore(connection, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance))
        {
            await store.TakeOverAsync("first", default);
        }

        before = await SyncsAsync();
        await using (var store = new PostgresFarmStore(connection, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance))
        {
            await store.TakeOverAsync("second", default);
            for (var n = 1; n <= Commits; n++)
            {
                await store.CommitAsync(CountedFarm.Batch(n), default);
            }
        }

        // The take-over itself commits once or twice: the lease, and the names of numbers.
        Assert.InRange(await SyncsAsync() - before, Commits, Commits + 5);

        // A server process hands in its counts at the latest when its connection ends.
        async Task<long> SyncsAsync()
        {
            while (await postgres.AskAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cuebot'") > 0)
            {
                await Task.Delay(10);
            }

            return await postgres.AskAsync<long>("SELECT wal_sync FROM pg_stat_wal");
        }
    }

    // A call that takes longer is written in two lines; the first one, with the file, counts.
    [GeneratedRegex(@"\b(fsync|fdatasync)\(\d+<[^>]*-wal>", RegexOptions.CultureInvariant)]
    private static partial Regex FlushOfLog();

    [GeneratedRegex("""\bwrite\(\d+<[^>]*>, "\d+\\n", \d+""", RegexOptions.CultureInvariant)]
    private static partial Regex Acknowledgement();
}
