using Microsoft.Extensions.Logging;
using Npgsql;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Storage.History;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>
/// The farm in a PostgreSQL database. Several servers may share it: the lease row lets only the one commit that took over last. A commit is one
/// round trip and one flush, however many rows it has.
/// </summary>
public sealed class PostgresFarmStore : IFarmStore
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly FrameMover _mover;
    private readonly PostgresCommit _statements = new();
    private NpgsqlConnection? _connection;
    private long? _epoch;

    /// <summary>A store in the database that the connection string names.</summary>
    /// <param name="connectionString">As Npgsql wants it: <c>Host=...;Database=...;Username=...;Password=...</c>.</param>
    /// <param name="allowUnsafe">
    /// True: also a database that may lose acknowledged work with the power (fsync, full_page_writes or synchronous_commit off).
    /// </param>
    /// <param name="time">The machine's clock.</param>
    /// <param name="logger">Logs of the store.</param>
    public PostgresFarmStore(string connectionString, bool allowUnsafe, TimeProvider time, ILogger<PostgresFarmStore> logger)
    {
        var settings = PostgresSource.Parse(connectionString);
        Description = $"PostgreSQL host={settings.Host} port={settings.Port} database={settings.Database} user={settings.Username}";
        _source = PostgresSource.Create(settings, Description, allowUnsafe, null);
        _time = time;
        _mover = new FrameMover(new Moves(this), time, logger);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Moves frames to history in the background.</summary>
    internal FrameMover Mover => _mover;

    /// <inheritdoc/>
    public async Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
    {
        var rows = await GuardAsync(async () =>
        {
            await DropConnectionAsync();
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await PostgresSchema.PrepareAsync(connection, Description, _time, cancel);
            var rows = new FarmRows();
            await TakeLeaseAsync(connection, owner, rows, cancel);
            await new PostgresLoad(_source, rows).LoadAsync(cancel);
            return rows;
        });
        _mover.Wake();
        return rows;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel) =>
        GuardAsync(() => PostgresLoad.ReadFramesAsync(_source, layers, cancel));

    /// <inheritdoc/>
    public async Task CommitAsync(ChangeSet changes, CancellationToken cancel)
    {
        var epoch = _epoch ?? throw new InvalidOperationException("The store was not taken over.");
        Dictionary<NpgsqlBatchCommand, string> tables = [];
        try
        {
            _connection ??= await OpenForCommitsAsync(cancel);
            await using var batch = _connection.CreateBatch();
            tables = _statements.Fill(batch, changes, epoch);
            await CommitAsync(_connection, batch, changes, epoch, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            var explained = PostgresErrors.Explain(e, Description, e is PostgresException { BatchCommand: NpgsqlBatchCommand failed } ? tables.GetValueOrDefault(failed) : null);
            if (explained is StoreUnavailableException)
            {
                // Whatever the connection is doing now, the next one asks the lease row what became of it.
                await DropConnectionAsync();
            }

            throw explained;
        }
        catch (Exception e) when (e is not (StoreDeposedException or StoreDataException))
        {
            // Cancelled, or the driver is in a state that nobody foresaw: a new connection finds out what became of the change set.
            await DropConnectionAsync();
            throw;
        }

        if (changes.ArchivedJobs.Count + changes.DroppedJobs.Count > 0)
        {
            _mover.Wake();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) =>
        GuardAsync<IReadOnlyList<RunRow>>(async () => await AskAsync(HistorySql.Runs(query), RunTables.Run.Read, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        GuardAsync(async () => HistorySql.Join(
            await AskAsync(HistorySql.Jobs(query), HistorySql.ReadJob, cancel),
            await AskAsync(HistorySql.Layers(query), HistorySql.ReadLayer, cancel)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        GuardAsync<IReadOnlyList<FrameRow>>(async () => await AskAsync(HistorySql.Frames(layer, first, count), RunTables.Frame.Read, cancel));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _mover.DisposeAsync();
        await DropConnectionAsync();
        await _source.DisposeAsync();
    }

    private async Task<NpgsqlConnection> OpenForCommitsAsync(CancellationToken cancel)
    {
        var connection = await _source.OpenConnectionAsync(cancel);

        await using var command = new NpgsqlCommand(PostgresSource.PlanByKey(local: false), connection);
        await command.ExecuteNonQueryAsync(cancel);
        return connection;
    }

    private static async Task CommitAsync(
        NpgsqlConnection connection, NpgsqlBatch batch, ChangeSet changes, long epoch, CancellationToken cancel)
    {
        try
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e) when (PostgresCommit.IsOutOfTurn(e))
        {
            (await ReadLeaseAsync(connection, cancel)).DemandStored(changes, epoch);
        }
    }

    private static async Task<Lease> ReadLeaseAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Lease.Select, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Lease.Read(new ResultReader(reader)) : throw Lease.Missing();
    }

    private async Task TakeLeaseAsync(NpgsqlConnection connection, string owner, FarmRows rows, CancellationToken cancel)
    {
        await using var take = new NpgsqlCommand(
            "UPDATE lease SET epoch = epoch + 1, owner = $1, taken_at_ms = $2 RETURNING epoch, batch, owner, engine_ms", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = owner },
                new NpgsqlParameter<long> { TypedValue = _time.GetUtcNow().ToUnixTimeMilliseconds() },
            },
        };
        await using var reader = await take.ExecuteReaderAsync(cancel);
        var lease = await reader.ReadAsync(cancel) ? Lease.Read(new ResultReader(reader)) : throw Lease.Missing();
        _epoch = lease.Epoch;
        rows.Sequence = lease.Batch;
        rows.EngineMs = lease.EngineMs;
    }

    private async Task<List<T>> AskAsync<T>(SqlText sql, Func<IRowReader, T> read, CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(sql.Postgres, connection);
        sql.WriteValues(new ParameterWriter(command.Parameters));
        await using var result = await command.ExecuteReaderAsync(cancel);
        var reader = new ResultReader(result);
        var rows = new List<T>();
        while (await result.ReadAsync(cancel))
        {
            reader.StartRow();
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Turns the database's errors into the store's.</summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw PostgresErrors.Explain(e, Description);
        }
    }

    private async Task DropConnectionAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    private sealed class Moves(PostgresFarmStore store) : IFrameMoves
    {
        public async Task<FrameMove?> FindMoveAsync(CancellationToken cancel)
        {
            await using var command = store._source.CreateCommand(ArchiveSql.NextMove);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var row = new ResultReader(reader);
            return await reader.ReadAsync(cancel) ? new FrameMove(row.Uuid(), row.Int(), row.Bool()) : null;
        }

        public Task MoveFramesAsync(FrameMove move, int from, int to, CancellationToken cancel) =>
            RunAsync(
                move.Keep ? [ArchiveSql.CopyFrames, ArchiveSql.DeleteFrames] : [ArchiveSql.DeleteFrames],
                parameters =>
                {
                    parameters.Uuid(move.Layer);
                    parameters.Int(from);
                    parameters.Int(to);
                },
                cancel);

        public Task FinishMoveAsync(FrameMove move, CancellationToken cancel) =>
            RunAsync([ArchiveSql.CountFrames, ArchiveSql.MoveDone], parameters => parameters.Uuid(move.Layer), cancel);

        private async Task RunAsync(string[] statements, Action<IRowWriter> write, CancellationToken cancel)
        {
            await using var connection = await store._source.OpenConnectionAsync(cancel);
            await using var batch = connection.CreateBatch();

            // A move that a crash takes back is done again: nobody has to wait for the disk here.
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('synchronous_commit', 'off', true)"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PostgresSource.PlanByKey(local: true)));
            foreach (var sql in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                write(new ParameterWriter(command.Parameters));
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancel);
        }
    }
}
