using Npgsql;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Servers;

/// <summary>
/// A PostgreSQL server of one's own, set up as the guide wants it for a busy farm, and in the state in which it is after some hours of work: the files of its log are
/// there to be used again. A new server makes each of them first, 16 MiB of zeros, and whoever commits meanwhile waits for that. It makes a checkpoint every 30 seconds
/// instead of every 15 minutes, so that a measurement has at least one, with the whole pages in the log that follow.
/// </summary>
/// <remarks>
/// It is reached through its Unix socket, as a database on the server's own machine should be: some ways of the kernel to control a TCP connection (BBR)
/// hold back a large commit for some 20 ms now and then, even on loopback.
/// </remarks>
internal sealed class FarmPostgres : IAsyncDisposable
{
    /// <summary>What it is started with, for the remarks of a report.</summary>
    public const string Settings = "fsync on, shared_buffers 2GB, max_wal_size and min_wal_size 8GB, checkpoint_timeout 30s, wal_compression on; through its Unix socket";

    /// <summary>Files of the log that 8 GiB are, and a few more.</summary>
    private const int LogFiles = 520;

    private readonly PrivatePostgres _server;

    private FarmPostgres(PrivatePostgres server) => _server = server;

    /// <summary>Starts it.</summary>
    /// <param name="isLong">True: its log will be used for long enough to need all its files.</param>
    public static async Task<FarmPostgres> StartAsync(bool isLong)
    {
        var server = await PrivatePostgres.StartAsync(
            "shared_buffers=2GB", "max_wal_size=8GB", "min_wal_size=8GB", "checkpoint_timeout=30s", "wal_compression=on");
        if (isLong)
        {
            await server.ExecuteAsync(
                $"DO $$ BEGIN FOR i IN 1..{LogFiles} LOOP PERFORM pg_logical_emit_message(false, 'a file', 'of the log'); PERFORM pg_switch_wal(); END LOOP; END $$");
            await server.ExecuteAsync("CHECKPOINT");
        }

        return new FarmPostgres(server);
    }

    /// <summary>A new, empty database: its connection string.</summary>
    /// <param name="more">More parts of the connection string.</param>
    public async Task<string> CreateDatabaseAsync(string more = "") =>
        new NpgsqlConnectionStringBuilder(await _server.CreateDatabaseAsync(more)) { Host = _server.SocketFolder }.ConnectionString;

    /// <summary>Writes down what is only in memory and log, so that the log begins anew.</summary>
    public Task CheckpointAsync() => _server.ExecuteAsync("CHECKPOINT");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
