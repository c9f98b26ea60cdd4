using System.Diagnostics;
using Npgsql;

namespace OpenCue.Benchmarks.Turnarounds;

/// <summary>The least that a durable step can take on a PostgreSQL: one row updated and committed, prepared, on a connection that does nothing else.</summary>
internal sealed class BareCommits : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _commit;

    private BareCommits(NpgsqlConnection connection)
    {
        _connection = connection;
        _commit = new NpgsqlCommand("UPDATE bare SET n = n + 1", connection);
    }

    /// <summary>How long each commit took so far, ms.</summary>
    public List<double> Milliseconds { get; } = [];

    /// <summary>Makes the table in a database of its own.</summary>
    public static async Task<BareCommits> PrepareAsync(string connectionString)
    {
        var bare = new BareCommits(new NpgsqlConnection(connectionString));
        await bare._connection.OpenAsync();
        await using var table = new NpgsqlCommand("CREATE TABLE bare (n bigint NOT NULL); INSERT INTO bare VALUES (0)", bare._connection);
        await table.ExecuteNonQueryAsync();
        await bare._commit.PrepareAsync();
        return bare;
    }

    /// <summary>Makes commits, one after the other.</summary>
    public async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            var sent = Stopwatch.GetTimestamp();
            await _commit.ExecuteNonQueryAsync(cancellationToken);
            Milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _commit.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
