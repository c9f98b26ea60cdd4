using System.Numerics;
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
    private readonly Rows<HostNumberRow> _hostNumbers = new(HostNumberTable.HostNumber, UpsertSql);
    private readonly Rows<FrameRow> _newFrames = new(RunTables.Frame, InsertSql);
    private readonly Rows<FrameRow> _frames = new(RunTables.Frame, UpdateSql);
    private readonly Rows<RunRow> _endedRuns = new(RunTables.Run, UpsertSql);
    private readonly Rows<AuditRow> _audit = new(AuditTable.Audit, InsertSql);

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

    // Each takes the columns, by bit, that hold the usual value in all rows: those are written into the statement and need no array.
    private static string InsertSql(Table table, ulong usual) =>
        $"INSERT INTO {table.Name} ({table.ColumnNames}) SELECT {string.Join(", ", table.Columns.Select((c, i) => Value(c, i, usual)))} FROM {Unnest(table, usual)}";

    private static string UpdateSql(Table table, ulong usual)
    {
        var assignments = table.Columns.Select((c, i) => $"{c.Name} = {Value(c, i, usual)}").Skip(table.KeyColumns);
        var sameKey = table.Columns.Take(table.KeyColumns).Select(c => $"t.{c.Name} = u.{c.Name}");
        return $"UPDATE {table.Name} AS t SET {string.Join(", ", assignments)} FROM {Unnest(table, usual)} WHERE {string.Join(" AND ", sameKey)}";
    }

    private static string UpsertSql(Table table, ulong usual) => $"{InsertSql(table, usual)} {table.OnConflict}";

    private static string Unnest(Table table, ulong usual)
    {
        var columns = table.Columns.Where((_, i) => (usual & (1UL << i)) == 0).Select(c => c.Name).ToList();
        return $"unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) AS u ({string.Join(", ", columns)})";
    }

    private static string Value(Column column, int index, ulong usual) =>
        (usual & (1UL << index)) == 0 ? $"u.{column.Name}" : $"{UsualValue(column)}::{TypeName(column.Type)}";

    private static string UsualValue(Column column) => column switch
    {
        { Nullable: true } => "NULL",
        { Type: ColumnType.Bool } => "false",
        { Type: ColumnType.Text } => "''",
        _ => "0",
    };

    private static string TypeName(ColumnType type) => type switch
    {
        ColumnType.Uuid => "uuid",
        ColumnType.Small => "smallint",
        ColumnType.Int => "integer",
        ColumnType.Long => "bigint",
        ColumnType.Bool => "boolean",
        _ => "text",
    };

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
        private readonly Rows<TRow> _upsert = new(table, UpsertSql);
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

    /// <summary>
    /// Rows of one table as parameters of one statement. An array costs the database as much as a column of a table, and most columns hold in most batches
    /// nothing but their usual value: there is a form of the statement without those, as long as there are not too many forms.
    /// </summary>
    private sealed class Rows<TRow>(Table<TRow> table, Func<Table, ulong, string> sql)
    {
        private const int MostForms = 8;
        private const int RowsWorthAForm = 50;

        private readonly ArrayWriter _writer = new(table.Columns);
        private readonly Dictionary<ulong, string> _forms = new() { [0] = sql(table, 0) };

        // The key is needed to find the row, and a uuid is never usual.
        private readonly ulong _mayBeUsual = table.Columns
            .Select((c, i) => i >= table.KeyColumns && (c.Type != ColumnType.Uuid || c.Nullable) ? 1UL << i : 0)
            .Aggregate(0UL, (all, bit) => all | bit);

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
            var form = FormFor(_writer.UsualColumns & _mayBeUsual, rows.Count);
            var command = new NpgsqlBatchCommand(_forms[form]);
            _writer.AddParameters(command.Parameters, form);
            return command;
        }

        /// <summary>The form that leaves out most of the columns that may be left out.</summary>
        private ulong FormFor(ulong usual, int rows)
        {
            if (_forms.ContainsKey(usual))
            {
                return usual;
            }

            if (_forms.Count < MostForms && rows >= RowsWorthAForm)
            {
                _forms.Add(usual, sql(table, usual));
                return usual;
            }

            var best = 0UL;
            foreach (var form in _forms.Keys)
            {
                if ((form & ~usual) == 0 && BitOperations.PopCount(form) > BitOperations.PopCount(best))
                {
                    best = form;
                }
            }

            return best;
        }
    }
}
