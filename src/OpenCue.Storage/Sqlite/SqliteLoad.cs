using System.Text.Json;
using OpenCue.Farm.Changes;
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
        var arrays = new FrameArrays(rows.Layers, leaving);

        // The order of the primary key is that of the file, and lets the layer change seldom.
        using var statement = connection.PrepareOnce(RunTables.Frame.SelectAll() + " ORDER BY layer_id, ordinal");
        IRowReader reader = statement;
        var filler = new FrameFiller(arrays);
        while (statement.Step())
        {
            filler.Place(reader.Uuid(), reader.Int()) = RunTables.ReadFrame(reader);
        }

        filler.Done();
        arrays.Hand(rows);
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
