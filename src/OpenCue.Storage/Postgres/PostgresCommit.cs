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
    /// <summary>The constraint that a commit breaks which does not follow the last one of this epoch.</summary>
    public const string FollowsConstraint = "lease_batch_follows";

    private const string AdvanceSql =
        "UPDATE lease SET batch = CASE WHEN epoch = $1 AND batch = $2 - 1 THEN $2 ELSE -1 END, engine_ms = $3, batch_at_ms = $4";

    private readonly Dictionary<Type, IWriter> _writers = FarmTables.All.ToDictionary(t => t.Table.RowType, t => t.Accept(new WriterMaker()));
    private readonly Upsert<HostNumberRow> _hostNumbers = new(HostNumberTable.HostNumber);
    private readonly Upsert<FrameRow> _newFrames = new(RunTables.Frame);
    private readonly Upsert<FrameRow> _frames = new(RunTables.Frame);
    private readonly Upsert<RunRow> _endedRuns = new(RunTables.Run);
    private readonly Upsert<AuditRow> _audit = new(AuditTable.Audit);

    /// <summary>
    /// Fills the batch, and says for each of its statements which table it is about. Throws <see cref="StoreDataException"/> for text that can't
    /// be stored.
    /// </summary>
    public Dictionary<NpgsqlBatchCommand, string> Fill(NpgsqlBatch batch, ChangeSet changes, long epoch)
    {
        var tables = new Dictionary<NpgsqlBatchCommand, string>();
        Add(Single(AdvanceSql, epoch, changes.Sequence, changes.Time.EngineMs, changes.Time.WallMs), "lease");

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
        private readonly Upsert<TRow> _upsert = new(table);
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
    /// Rows of one table, put in or replaced. ON CONFLICT goes by the primary key whatever the planner believes about the table's size; an
    /// UPDATE joined with the arrays may turn into a scan of all frames.
    /// </summary>
    private sealed class Upsert<TRow>(Table<TRow> table)
    {
        private readonly string _sql =
            $"INSERT INTO {table.Name} ({table.ColumnNames}) SELECT * FROM unnest("
            + string.Join(", ", table.Columns.Select((_, i) => $"${i + 1}")) + ") " + table.OnConflict;

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
            var command = new NpgsqlBatchCommand(_sql);
            _writer.AddParameters(command.Parameters);
            return command;
        }
    }
}
