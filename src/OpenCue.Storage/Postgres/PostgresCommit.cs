using Npgsql;
using NpgsqlTypes;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Storage.History;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>
/// Turns a change set into one batch of statements: one for each kind of row that changed, however many rows, all sent at once. The server runs
/// them as one transaction, flushes once, and answers once.
/// </summary>
internal sealed class PostgresCommit
{
    // Finds no row if another server has the lease, or if batch n - 1 is not the last one. Dividing by the number of rows is how the first
    // statement of a batch can stop the others: they were sent together with it.
    private const string AdvanceSql =
        "WITH advanced AS (UPDATE lease SET batch = $2, engine_ms = $3, batch_at_ms = $4 WHERE id = 1 AND epoch = $1 AND batch = $2 - 1 RETURNING 1) "
        + "SELECT 1 / count(*) FROM advanced";

    private static readonly string KeepDepends = ArchiveSql.KeepDepends("= ANY($1)");

    private readonly Dictionary<Type, IWriter> _writers = FarmTables.All.ToDictionary(t => t.Table.RowType, t => t.Accept(new WriterMaker()));
    private readonly Rows<HostNumberRow> _hostNumbers = new(HostNumberTable.HostNumber, UpsertSql(HostNumberTable.HostNumber));
    private readonly Rows<FrameRow> _newFrames = new(RunTables.Frame, InsertSql(RunTables.Frame));
    private readonly Rows<FrameRow> _frames = new(RunTables.Frame, UpdateSql(RunTables.Frame));
    private readonly Rows<RunRow> _endedRuns = new(RunTables.Run, UpsertSql(RunTables.Run));
    private readonly Rows<AuditRow> _audit = new(AuditTable.Audit, InsertSql(AuditTable.Audit));

    /// <summary>
    /// Fills the batch, and says for each of its statements which table it is about. Throws <see cref="StoreDataException"/> for text that can't
    /// be stored.
    /// </summary>
    public Dictionary<NpgsqlBatchCommand, string> Fill(NpgsqlBatch batch, ChangeSet changes, long epoch)
    {
        var tables = new Dictionary<NpgsqlBatchCommand, string>();
        Add(Single(AdvanceSql, epoch, changes.Sequence, changes.Time.EngineMs, changes.Time.WallMs), "lease");

        if (ArchiveSql.LeavingDepends(changes).ToList() is { Count: > 0 } depends)
        {
            var keep = new NpgsqlBatchCommand(KeepDepends);
            keep.Parameters.Add(Ids(depends));
            Add(keep, "depend_history");
        }

        // Something may come and go within one batch, so what goes first deletes; what is then written stays.
        foreach (var table in changes.Tables)
        {
            var writer = WriterOf(table);
            Add(writer.Delete(table), writer.Table.Name);
        }

        foreach (var table in changes.Tables)
        {
            var writer = WriterOf(table);
            Add(writer.Upsert(table), writer.Table.Name);
        }

        Add(_hostNumbers.Of(HostNumberTable.Of(changes).ToList()), "host_number");
        Add(_newFrames.Of(changes.NewFrames), "frame");
        Add(_frames.Of(changes.Frames), "frame");
        Add(_endedRuns.Of(changes.EndedRuns), "run");
        if (changes.ArchivedJobs.Count > 0)
        {
            AddLeave(ArchiveSql.Archive("= ANY($1)"), changes.ArchivedJobs);
        }

        if (changes.DroppedJobs.Count > 0)
        {
            AddLeave(ArchiveSql.Drop("= ANY($1)"), changes.DroppedJobs);

            // Layers that came and went within this batch never had a row: nothing else would find their frames again.
            var layers = ArchiveSql.LayersOf(changes).ToList();
            var disown = new NpgsqlBatchCommand(ArchiveSql.Disown("SELECT * FROM unnest($1, $2) AS u (id, frame_count)"));
            disown.Parameters.Add(Ids(layers.Select(l => l.Layer)));
            disown.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. layers.Select(l => l.Frames)] });
            Add(disown, "frame_move");
        }

        Add(_audit.Of([.. AuditTable.Of(changes)]), "audit");
        return tables;

        void Add(NpgsqlBatchCommand? command, string table)
        {
            if (command is not null)
            {
                batch.BatchCommands.Add(command);
                tables.Add(command, table);
            }
        }

        void AddLeave(IEnumerable<LeaveStatement> statements, IEnumerable<EntityId> jobs)
        {
            foreach (var (sql, withTime) in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                command.Parameters.Add(Ids(jobs));
                if (withTime)
                {
                    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = changes.Time.WallMs });
                }

                Add(command, "job_history");
            }
        }
    }

    /// <summary>True if this is how the batch ended because the lease row is not as it has to be.</summary>
    public static bool IsOutOfTurn(PostgresException e) =>
        e is { SqlState: PostgresErrorCodes.DivisionByZero, BatchCommand: NpgsqlBatchCommand { CommandText: AdvanceSql } };

    private static NpgsqlBatchCommand Single(string sql, params ReadOnlySpan<long> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        }

        return command;
    }

    private static NpgsqlParameter<Guid[]> Ids(IEnumerable<EntityId> ids) =>
        new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(id => id.ToGuid())], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    private static string InsertSql(Table table) => $"INSERT INTO {table.Name} ({table.ColumnNames}) SELECT * FROM {Unnest(table)}";

    private static string UpdateSql(Table table) => $"UPDATE {table.Name} AS t SET {Assignments(table)} FROM {Unnest(table)} WHERE {SameKey(table)}";

    private static string UpsertSql(Table table) => $"{InsertSql(table)} {table.OnConflict}";

    private static string Unnest(Table table) => $"unnest({string.Join(", ", table.Columns.Select((_, i) => $"${i + 1}"))}) AS u ({table.ColumnNames})";

    private static string SameKey(Table table) => string.Join(" AND ", table.Columns.Take(table.KeyColumns).Select(c => $"t.{c.Name} = u.{c.Name}"));

    private static string Assignments(Table table) => string.Join(", ", table.Columns.Skip(table.KeyColumns).Select(c => $"{c.Name} = u.{c.Name}"));

    private IWriter WriterOf(IRowChanges table) =>
        _writers.TryGetValue(table.RowType, out var writer)
            ? writer
            : throw new StoreDataException(null, null, $"Rows of type {table.RowType.Name} have no table.");

    private interface IWriter
    {
        Table Table { get; }

        NpgsqlBatchCommand? Delete(IRowChanges changes);

        NpgsqlBatchCommand? Upsert(IRowChanges changes);
    }

    private sealed class WriterMaker : IFarmTableVisitor<IWriter>
    {
        public IWriter Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow => new Writer<TRow>(table.Table);
    }

    private sealed class Writer<TRow>(Table<TRow> table) : IWriter
        where TRow : class, IRow
    {
        private readonly Rows<TRow> _upsert = new(table, UpsertSql(table));
        private readonly string _delete = $"DELETE FROM {table.Name} WHERE {table.Columns[0].Name} = ANY($1)";

        public Table Table => table;

        public NpgsqlBatchCommand? Delete(IRowChanges changes)
        {
            var ids = ((RowChanges<TRow>)changes).Deletes;
            if (ids.Count == 0)
            {
                return null;
            }

            var command = new NpgsqlBatchCommand(_delete);
            command.Parameters.Add(Ids(ids));
            return command;
        }

        public NpgsqlBatchCommand? Upsert(IRowChanges changes) => _upsert.Of(((RowChanges<TRow>)changes).Upserts);
    }

    /// <summary>Rows of one table as parameters of one statement.</summary>
    private sealed class Rows<TRow>(Table<TRow> table, string sql)
    {
        private readonly ArrayWriter _writer = new(table.Columns);

        public NpgsqlBatchCommand? Of(IReadOnlyList<TRow> rows)
        {
            if (rows.Count == 0)
            {
                return null;
            }

            _writer.Clear();
            foreach (var row in rows)
            {
                _writer.StartRow();
                table.Write(_writer, row);
            }

            // A command remembers the connection that it was prepared on, so there is a new one each time; the driver keeps what was prepared.
            var command = new NpgsqlBatchCommand(sql);
            _writer.AddParameters(command.Parameters);
            return command;
        }
    }
}
