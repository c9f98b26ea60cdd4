using System.Text.Json;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Storage.History;
using OpenCue.Storage.Loading;
using OpenCue.Storage.Sqlite.Native;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Sqlite;

/// <summary>Reads all rows of the model.</summary>
internal static class SqliteLoad
{
    /// <summary>Puts everything that is stored into <paramref name="rows"/>.</summary>
    public static void Load(SqliteConnection connection, FarmRows rows)
    {
        var reader = new TableReader(connection, rows);
        foreach (var table in FarmTables.All)
        {
            table.Accept(reader);
        }

        foreach (var host in ReadAll(connection.Prepare(HostNumberTable.HostNumber.SelectAll()), "host_number", HostNumberTable.HostNumber.Read))
        {
            rows.HostNames.Add(host.Number, host.Name);
        }

        LoadFrames(connection, rows);
    }

    /// <summary>All rows of a query.</summary>
    public static List<T> ReadAll<T>(SqliteStatement statement, string table, Func<IRowReader, T> read)
    {
        try
        {
            var rows = new List<T>();
            while (statement.Step())
            {
                rows.Add(read(statement));
            }

            return rows;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException or OverflowException)
        {
            throw new StoreDataException(table, null, $"A row of table {table} can't be read: {e.Message}", e);
        }
        finally
        {
            statement.Reset();
        }
    }

    private static void LoadFrames(SqliteConnection connection, FarmRows rows)
    {
        var leaving = ReadAll(connection.Prepare(ArchiveSql.AllMoves), "frame_move", r => r.Uuid());
        var arrays = new FrameArrays(rows, leaving);

        // Layer by layer in the order of the primary key, which is that of the file; those that are not wanted are jumped over.
        using var next = connection.PrepareOnce("SELECT layer_id FROM frame WHERE layer_id > ?1 ORDER BY layer_id LIMIT 1");
        using var statement = connection.PrepareOnce(RunTables.Frame.SelectAll("layer_id = ?1") + " ORDER BY ordinal");
        var filler = new FrameFiller(arrays);
        for (var layer = NextLayer(next, EntityId.None); layer is { } id; layer = NextLayer(next, id))
        {
            if (arrays.Of(id) is not null)
            {
                statement.Uuid(id);
                Fill(statement, filler);
            }
        }

        filler.Done();
        arrays.Hand(rows);
    }

    /// <summary>Reads frames of a layer, so few at a time that commits get in between. Returns false when there are no more.</summary>
    public static bool ReadFrames(SqliteConnection connection, LayerRow layer, int from, int count, FrameFiller filler)
    {
        var statement = connection.Prepare(RunTables.Frame.SelectAll("layer_id = ?1 AND ordinal >= ?2 AND ordinal < ?3") + " ORDER BY ordinal");
        statement.Uuid(layer.Id);
        statement.Int(from);
        statement.Int(from + count);
        Fill(statement, filler);
        return from + count < layer.FrameCount;
    }

    private static void Fill(SqliteStatement statement, FrameFiller filler)
    {
        IRowReader reader = statement;
        try
        {
            while (statement.Step())
            {
                filler.Place(reader.Uuid(), reader.Int()) = RunTables.ReadFrame(reader);
            }
        }
        finally
        {
            statement.Reset();
        }
    }

    private static EntityId? NextLayer(SqliteStatement next, EntityId behind)
    {
        next.Uuid(behind);
        try
        {
            return next.Step() ? ((IRowReader)next).Uuid() : null;
        }
        finally
        {
            next.Reset();
        }
    }

    private sealed class TableReader(SqliteConnection connection, FarmRows rows) : IFarmTableVisitor<bool>
    {
        public bool Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow
        {
            using var statement = connection.PrepareOnce(table.Table.SelectAll(table.Live));
            table.List(rows).AddRange(ReadAll(statement, table.Table.Name, table.Table.Read));
            return true;
        }
    }
}
