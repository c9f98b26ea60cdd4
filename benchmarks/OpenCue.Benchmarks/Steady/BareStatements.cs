using System.Diagnostics;
using Npgsql;

namespace OpenCue.Benchmarks.Steady;

/// <summary>
/// The same rows, without anybody who decides: each transaction adds runs and sets their frames running, and ends the runs and frames of the one before.
/// Statements with arrays, prepared, sent as one batch on one connection, one transaction after the other.
/// </summary>
/// <param name="database">The database that the engine has used.</param>
internal sealed class BareStatements(string database)
{
    private const string SetRunning =
        "UPDATE bare_frame AS t SET state = 2, version = version + 1, host_number = 1, started_at_ms = 1700000000000, updated_at_ms = 1700000000000, "
        + "core_points = 100, reserved_memory_kib = 262144 FROM unnest($1, $2) AS u (layer_id, ordinal) WHERE t.layer_id = u.layer_id AND t.ordinal = u.ordinal";

    private const string SetEnded =
        "UPDATE bare_frame AS t SET state = 3, version = version + 1, stopped_at_ms = 1700000000000, updated_at_ms = 1700000000000, "
        + "max_rss_kib = 200000, core_seconds = 1 FROM unnest($1, $2) AS u (layer_id, ordinal) WHERE t.layer_id = u.layer_id AND t.ordinal = u.ordinal";

    private const string EndRuns =
        "UPDATE bare_run AS t SET end_kind = 1, ended_at_ms = 1700000000000, run_seconds = 1, max_rss_kib = 200000 FROM unnest($1) AS u (id) WHERE t.id = u.id";

    /// <summary>Runs transactions for a while, on copies of the tables with all rows that the engine left.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="runs">How many runs begin, and end, in each.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Runs per second.</returns>
    public async Task<double> RunAsync(TimeSpan duration, int runs, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database + ";Command Timeout=0;Max Auto Prepare=20;Auto Prepare Min Usages=1");
        await connection.OpenAsync(cancellationToken);
        await DoAsync(connection, "CREATE TABLE bare_frame (LIKE frame INCLUDING ALL)", cancellationToken);
        await DoAsync(connection, "INSERT INTO bare_frame SELECT * FROM frame", cancellationToken);
        await DoAsync(connection, "CREATE TABLE bare_run (LIKE run INCLUDING ALL)", cancellationToken);
        await DoAsync(connection, "INSERT INTO bare_run SELECT * FROM run", cancellationToken);
        await DoAsync(connection, "CREATE TABLE bare_model AS SELECT * FROM run LIMIT 1", cancellationToken);
        await DoAsync(connection, "CHECKPOINT", cancellationToken);
        var addRuns = await AddRunsSqlAsync(connection, cancellationToken);
        var frames = await ReadFramesAsync(connection, cancellationToken);
        runs = Math.Clamp(runs, 1, frames.Layers.Length / 2);

        var before = (Runs: Array.Empty<Guid>(), Layers: Array.Empty<Guid>(), Ordinals: Array.Empty<int>());
        var (at, done) = (0, 0L);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            at = at + runs <= frames.Layers.Length ? at : 0;
            var now = (Runs: NewIds(runs), Layers: frames.Layers[at..(at + runs)], Ordinals: frames.Ordinals[at..(at + runs)]);
            await using var batch = connection.CreateBatch();
            Add(batch, addRuns, now.Runs);
            Add(batch, SetRunning, now.Layers, now.Ordinals);
            Add(batch, EndRuns, before.Runs);
            Add(batch, SetEnded, before.Layers, before.Ordinals);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            done += before.Runs.Length;
            before = now;
            at += runs;
        }

        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Add(NpgsqlBatch batch, string sql, Guid[] ids, int[]? ordinals = null)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        if (ordinals is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = ordinals });
        }

        batch.BatchCommands.Add(command);
    }

    private static Guid[] NewIds(int count)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = Guid.CreateVersion7();
        }

        return ids;
    }

    /// <summary>Adds runs that are like one of the engine's, each with an id of its own.</summary>
    private static async Task<string> AddRunsSqlAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'run' AND column_name <> 'id' ORDER BY ordinal_position", connection);
        var columns = new List<string>();
        await using var reader = await ask.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            columns.Add(reader.GetString(0));
        }

        return $"INSERT INTO bare_run (id, {string.Join(", ", columns)}) SELECT u.id, {string.Join(", ", columns.Select(c => "m." + c))} FROM unnest($1) AS u (id), bare_model m";
    }

    /// <summary>Frames in the order in which the engine books them, some layers at a time.</summary>
    private static async Task<(Guid[] Layers, int[] Ordinals)> ReadFramesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT layer_id, ordinal FROM bare_frame ORDER BY layer_id, ordinal LIMIT 1000000", connection);
        var (layers, ordinals) = (new List<Guid>(), new List<int>());
        await using var reader = await ask.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            layers.Add(reader.GetGuid(0));
            ordinals.Add(reader.GetInt32(1));
        }

        return ([.. layers], [.. ordinals]);
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
