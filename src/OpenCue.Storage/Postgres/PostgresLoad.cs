using System.Text.Json;
using Npgsql;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Storage.History;
using OpenCue.Storage.Loading;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>
/// Reads all rows of the model as one snapshot: over one connection what is small, over several the frames.
/// </summary>
internal sealed class PostgresLoad(NpgsqlDataSource source, FarmRows rows)
{
    private const string NotAtRest = " AND NOT EXISTS (SELECT 1 FROM frames_at_rest r WHERE r.layer_id = frame.layer_id)";

    private const long PagesWorthAConnection = 2000;
    private const int LayersPerQuery = 500;

    /// <summary>Puts everything that is stored into the rows.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);

        // This connection only holds the snapshot while the others read a big farm.
        await ExecuteAsync(
            connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0", cancel);
        await using var export = new NpgsqlCommand("SELECT pg_export_snapshot()", connection);
        var snapshot = (string)(await export.ExecuteScalarAsync(cancel))!;
        var reader = new TableReader(connection, rows);
        foreach (var table in FarmTables.All)
        {
            await table.Accept(reader);
        }

        var hosts = HostNumberTable.HostNumber;
        Copy(connection, hosts.SelectAll(), hosts.Name, copy =>
        {
            var host = hosts.Read(copy);
            rows.HostNames.Add(host.Number, host.Name);
        });
        var leaving = new List<EntityId>();
        Copy(connection, ArchiveSql.AllMoves, "frame_move", copy => leaving.Add(copy.Uuid()));
        var arrays = new FrameArrays(rows, leaving);
        var shares = await SharesAsync(connection, cancel);
        await Task.WhenAll(shares.Select(share => Task.Run(() => LoadFramesAsync(snapshot, share, arrays, cancel), cancel)));
        arrays.Hand(rows);
        await ExecuteAsync(connection, "COMMIT", cancel);
    }

    /// <summary>The frames of some layers, as far as they are whole.</summary>
    public static async Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(
        NpgsqlDataSource source, IReadOnlyList<LayerRow> layers, CancellationToken cancel)
    {
        var arrays = new FrameArrays(layers);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"BEGIN READ ONLY; {PostgresSource.PlanByKey(local: true)}", cancel);
        await Task.Run(
            () =>
            {
                var filler = new FrameFiller(arrays);
                foreach (var some in layers.Chunk(LayersPerQuery))
                {
                    // Ids are hexadecimal digits: a copy takes no parameters.
                    var ids = string.Join(", ", some.Select(l => $"'{l.Id}'"));
                    Copy(
                        connection,
                        RunTables.Frame.SelectAll($"layer_id IN ({ids})"),
                        RunTables.Frame.Name,
                        copy => filler.Place(copy.Uuid(), copy.Int()) = RunTables.ReadFrame(copy));
                }

                filler.Done();
            },
            cancel);
        await ExecuteAsync(connection, "COMMIT", cancel);
        return arrays.Whole();
    }

    /// <summary>
    /// Conditions that divide the frames into shares of about the same size, by where they lie: each connection reads its part of the table's
    /// file and no other, whatever the planner knows of the table.
    /// </summary>
    private static async Task<List<string>> SharesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT pg_relation_size('frame') / current_setting('block_size')::bigint", connection);
        var pages = (long)(await command.ExecuteScalarAsync(cancel))!;
        var count = (int)Math.Clamp(pages / PagesWorthAConnection, 1, Math.Clamp(Environment.ProcessorCount, 1, 4));
        return [.. Enumerable.Range(0, count).Select(i =>
            $"ctid >= '({pages * i / count},0)'" + (i < count - 1 ? $" AND ctid < '({pages * (i + 1) / count},0)'" : ""))];
    }

    private async Task LoadFramesAsync(string snapshot, string share, FrameArrays arrays, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{snapshot}'", cancel);
        var filler = new FrameFiller(arrays);
        Copy(
            connection,
            RunTables.Frame.SelectAll(share + (rows.FramesAtRest.Count > 0 ? NotAtRest : "")),
            RunTables.Frame.Name,
            copy => filler.Place(copy.Uuid(), copy.Int()) = RunTables.ReadFrame(copy));
        filler.Done();
        await ExecuteAsync(connection, "COMMIT", cancel);
    }

    private static void Copy(NpgsqlConnection connection, string query, string table, Action<CopyReader> read)
    {
        try
        {
            using var stream = connection.BeginRawBinaryCopy($"COPY ({query}) TO STDOUT (FORMAT binary)");
            var copy = new CopyReader(stream);
            copy.ReadHeader();
            while (copy.NextRow())
            {
                read(copy);
            }
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException or OverflowException)
        {
            throw new StoreDataException(table, null, $"A row of table {table} can't be read: {e.Message}", e);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private sealed class TableReader(NpgsqlConnection connection, FarmRows rows) : IFarmTableVisitor<Task>
    {
        public Task Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow =>
            Task.Run(() =>
            {
                var list = table.List(rows);
                Copy(connection, table.Table.SelectAll(table.Live), table.Table.Name, copy => list.Add(table.Table.Read(copy)));
            });
    }
}
