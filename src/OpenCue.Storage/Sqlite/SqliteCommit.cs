using OpenCue.Farm.Changes;
using OpenCue.Storage.History;
using OpenCue.Storage.Sqlite.Native;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Sqlite;

/// <summary>Writes change sets through one connection, with statements that are prepared once.</summary>
internal sealed class SqliteCommit(SqliteConnection connection)
{
    private static readonly Dictionary<Type, IWriter> Writers =
        FarmTables.All.ToDictionary(t => t.Table.RowType, t => t.Accept(new WriterMaker()));

    private static readonly IReadOnlyList<LeaveStatement> ArchiveJob = ArchiveSql.Archive("= $1");
    private static readonly string KeepDepend = SqlText.ForSqlite(ArchiveSql.KeepDepends("= $1"));
    private static readonly IReadOnlyList<LeaveStatement> DropJob = ArchiveSql.Drop("= $1");

    /// <summary>Writes all of it. The transaction is the caller's.</summary>
    public void Write(ChangeSet changes)
    {
        foreach (var depend in ArchiveSql.LeavingDepends(changes))
        {
            var keep = connection.Prepare(KeepDepend);
            keep.Uuid(depend);
            keep.Run();
        }

        // Something may come and go within one batch, so what goes first deletes; what is then written stays.
        foreach (var table in changes.Tables)
        {
            WriterOf(table).Delete(connection, table);
        }

        foreach (var table in changes.Tables)
        {
            WriterOf(table).Upsert(connection, table);
        }

        Write(HostNumberTable.HostNumber, HostNumberTable.Of(changes), UpsertSql(HostNumberTable.HostNumber));
        Write(RunTables.Frame, changes.NewFrames, InsertSql(RunTables.Frame));
        Write(RunTables.Frame, changes.Frames, UpdateSql(RunTables.Frame));
        Write(RunTables.Run, changes.EndedRuns, UpsertSql(RunTables.Run));
        foreach (var job in changes.ArchivedJobs)
        {
            Leave(ArchiveJob, job, changes.Time.WallMs);
        }

        foreach (var job in changes.DroppedJobs)
        {
            Leave(DropJob, job, changes.Time.WallMs);
        }

        if (changes.DroppedJobs.Count > 0)
        {
            DisownFrames(changes);
        }

        Write(AuditTable.Audit, AuditTable.Of(changes), InsertSql(AuditTable.Audit));
    }

    private static IWriter WriterOf(IRowChanges table) =>
        Writers.TryGetValue(table.RowType, out var writer)
            ? writer
            : throw new StoreDataException(null, null, $"Rows of type {table.RowType.Name} have no table.");

    private static string InsertSql(Table table) =>
        $"INSERT INTO {table.Name} ({table.ColumnNames}) VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"?{i + 1}"))})";

    private static string UpsertSql(Table table) => $"{InsertSql(table)} {table.OnConflict}";

    private static string UpdateSql(Table table)
    {
        var columns = table.Columns.Select((c, i) => $"{c.Name} = ?{i + 1}").ToList();
        return $"UPDATE {table.Name} SET {string.Join(", ", columns.Skip(table.KeyColumns))} WHERE {string.Join(" AND ", columns.Take(table.KeyColumns))}";
    }

    private void Write<TRow>(Table<TRow> table, IEnumerable<TRow> rows, string sql) => Write(connection, table, rows, sql);

    private static void Write<TRow>(SqliteConnection connection, Table<TRow> table, IEnumerable<TRow> rows, string sql)
    {
        SqliteStatement? statement = null;
        foreach (var row in rows)
        {
            statement ??= connection.Prepare(sql);
            try
            {
                table.Write(statement, row);
                statement.Run();
            }
            catch (SqliteException e) when (e.IsAboutData)
            {
                throw new StoreDataException(table.Name, table.Identify(row), e.Message, e);
            }
            catch
            {
                statement.Reset();
                throw;
            }
        }
    }

    private void Leave(IReadOnlyList<LeaveStatement> statements, EntityId job, long wallMs)
    {
        foreach (var (sql, withTime) in statements)
        {
            var statement = connection.Prepare(SqlText.ForSqlite(sql));
            statement.Uuid(job);
            if (withTime)
            {
                statement.Long(wallMs);
            }

            statement.Run();
        }
    }

    /// <summary>Layers that came and went within this batch never had a row: nothing else would find their frames again.</summary>
    private void DisownFrames(ChangeSet changes)
    {
        var statement = connection.Prepare(SqlText.ForSqlite(ArchiveSql.Disown("SELECT $1 AS id, $2 AS frame_count")));
        foreach (var (layer, frames) in ArchiveSql.LayersOf(changes))
        {
            statement.Uuid(layer);
            statement.Int(frames);
            statement.Run();
        }
    }

    private interface IWriter
    {
        void Delete(SqliteConnection connection, IRowChanges changes);

        void Upsert(SqliteConnection connection, IRowChanges changes);
    }

    private sealed class WriterMaker : IFarmTableVisitor<IWriter>
    {
        public IWriter Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow => new Writer<TRow>(table.Table);
    }

    private sealed class Writer<TRow>(Table<TRow> table) : IWriter
        where TRow : class, IRow
    {
        private readonly string _upsert = UpsertSql(table);
        private readonly string _delete = $"DELETE FROM {table.Name} WHERE {table.Columns[0].Name} = ?1";

        public void Delete(SqliteConnection connection, IRowChanges changes)
        {
            SqliteStatement? statement = null;
            foreach (var id in ((RowChanges<TRow>)changes).Deletes)
            {
                statement ??= connection.Prepare(_delete);
                statement.Uuid(id);
                statement.Run();
            }
        }

        public void Upsert(SqliteConnection connection, IRowChanges changes) =>
            Write(connection, table, ((RowChanges<TRow>)changes).Upserts, _upsert);
    }
}
