using System.Text.Json;
using Npgsql;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Loading;
using OpenCue.Storage.History;
using OpenCue.Storage.Loading;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>
/// Reads all rows of the model as one snapshot: over one connection what is small, over several the frames, each its share of the layers.
/// </summary>
internal sealed class PostgresLoad(NpgsqlDataSource source, FarmRows rows)
{
    private const int FramesWorthAConnection = 100_000;

    /// <summary>Puts everything that is stored into the rows.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancel);
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
        var arrays = new FrameArrays(rows.Layers, leaving);
        await Task.WhenAll(Shares().Select(share => Task.Run(() => LoadFramesAsync(snapshot, share, arrays, cancel), cancel)));
        arrays.Hand(rows);
        await ExecuteAsync(connection, "COMMIT", cancel);
    }

    /// <summary>Conditions that divide the frames by layer into shares of about the same size.</summary>
    private List<string> Shares()
    {
        var layers = rows.Layers.OrderBy(l => l.Id).ToList();
        var frames = layers.Sum(l => (long)l.FrameCount);
        var count = Math.Clamp(frames / FramesWorthAConnection, 1, Math.Clamp(Environment.ProcessorCount, 1, 4));
        var borders = new List<EntityId>();
        var seen = 0L;
        foreach (var layer in layers)
        {
            if (seen * count >= (borders.Count + 1) * frames && borders.Count < count - 1)
            {
                borders.Add(layer.Id);
            }

            seen += layer.FrameCount;
        }

        return [.. Enumerable.Range(0, borders.Count + 1).Select(i =>
            (i > 0 ? $"layer_id >= '{borders[i - 1]}'" : "true") + (i < borders.Count ? $" AND layer_id < '{borders[i]}'" : ""))];
    }

    private async Task LoadFramesAsync(string snapshot, string share, FrameArrays arrays, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{snapshot}'", cancel);
        var restOfColumns = RunTables.Frame.Columns.Count - 1;
        LayerFrames? frames = null;
        var layer = EntityId.None;
        Copy(connection, RunTables.Frame.SelectAll(share), RunTables.Frame.Name, copy =>
        {
            var id = copy.Uuid();
            if (frames is null || id != layer)
            {
                layer = id;
                frames = arrays.Of(id);
            }

            if (frames is null)
            {
                copy.Skip(restOfColumns);
            }
            else
            {
                frames.Place(copy.Int()) = RunTables.ReadFrame(copy);
            }
        });
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
