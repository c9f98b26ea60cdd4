using Microsoft.Extensions.Logging;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Storage.History;
using OpenCue.Storage.Loading;
using OpenCue.Storage.Sqlite.Native;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Sqlite;

/// <summary>
/// The farm in one SQLite file, for one server. Commits go to a write-ahead log that is flushed to the disk (<c>synchronous = FULL</c>) before they
/// count; the file is locked for as long as it is open, so a second server on it is refused at its start.
/// </summary>
/// <remarks>
/// One connection does everything, in turn. After any error that is not about the data the file is closed and, with the next call, opened
/// again: what the error left in the log is then read back from the disk, copied into the file and flushed, before anything is believed to be durable.
/// </remarks>
public sealed class SqliteFarmStore : IFarmStore
{
    /// <summary>Frames read while commits wait: some milliseconds.</summary>
    private const int FramesPerTurn = 2000;

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly FrameMover _mover;
    private SqliteConnection? _connection;
    private SqliteCommit? _commit;
    private long? _epoch;
    private bool _disposed;

    /// <summary>A store in the file with this path. It is made if it is not there; its folder has to exist.</summary>
    public SqliteFarmStore(string file, TimeProvider time, ILogger<SqliteFarmStore> logger)
    {
        _file = Path.GetFullPath(file);
        _time = time;
        _mover = new FrameMover(new Moves(this), time, logger);
    }

    /// <inheritdoc/>
    public string Description => $"SQLite {_file}";

    /// <summary>Statements run on each new connection after all others: tests make disks small with it.</summary>
    internal string? AfterOpen { get; set; }

    /// <summary>Moves frames to history in the background.</summary>
    internal FrameMover Mover => _mover;

    /// <summary>Closes the file as after an error; the next call opens it again.</summary>
    internal Task LetGoAsync() => UseAsync(connection =>
    {
        Close();
        return true;
    }, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
    {
        var rows = await UseAsync(connection =>
        {
            SqliteSchema.Prepare(connection, Description, _time);
            var rows = new FarmRows();
            SqliteSchema.Transact(connection, () => TakeLease(connection, owner, rows));
            SqliteLoad.Load(connection, rows);
            return rows;
        }, cancel);
        _mover.Wake();
        return rows;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel)
    {
        var arrays = new FrameArrays(layers);
        var filler = new FrameFiller(arrays);
        foreach (var layer in layers)
        {
            for (var from = 0; await QueryAsync(c => SqliteLoad.ReadFrames(c, layer, from, FramesPerTurn, filler), cancel);)
            {
                from += FramesPerTurn;
            }
        }

        filler.Done();
        return arrays.Whole();
    }

    /// <inheritdoc/>
    public async Task CommitAsync(ChangeSet changes, CancellationToken cancel)
    {
        await UseAsync(connection =>
        {
            var epoch = DemandEpoch();
            connection.Execute("BEGIN IMMEDIATE");
            try
            {
                if (Advance(connection, changes, epoch))
                {
                    (_commit ??= new SqliteCommit(connection)).Write(changes);
                    connection.Execute("COMMIT");
                }
                else
                {
                    connection.Execute("ROLLBACK");
                }
            }
            catch
            {
                if (connection.InTransaction)
                {
                    connection.Execute("ROLLBACK");
                }

                throw;
            }

            return true;
        }, cancel);
        if (changes.ArchivedJobs.Count + changes.DroppedJobs.Count > 0)
        {
            _mover.Wake();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) =>
        QueryAsync<IReadOnlyList<RunRow>>(c => Ask(c, HistorySql.Runs(query), "run", RunTables.Run.Read), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        QueryAsync(
            c => HistorySql.Join(
                Ask(c, HistorySql.Jobs(query), "job_history", HistorySql.ReadJob),
                Ask(c, HistorySql.Layers(query), "layer_history", HistorySql.ReadLayer)),
            cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        QueryAsync<IReadOnlyList<FrameRow>>(
            c => Ask(c, HistorySql.Frames(layer, first, count), "frame_history", RunTables.Frame.Read), cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        await _mover.DisposeAsync();
        await _turn.WaitAsync();
        _disposed = true;
        Close();
        _turn.Release();
    }

    private static List<T> Ask<T>(SqliteConnection connection, SqlText sql, string table, Func<IRowReader, T> read)
    {
        using var statement = connection.PrepareOnce(sql.Sqlite);
        sql.WriteValues(statement);
        return SqliteLoad.ReadAll(statement, table, read);
    }

    /// <summary>Sets <c>batch = n</c>. False if that has been done already.</summary>
    private static bool Advance(SqliteConnection connection, ChangeSet changes, long epoch)
    {
        var advance = connection.Prepare(
            "UPDATE lease SET batch = ?1, engine_ms = ?2, batch_at_ms = ?3 WHERE id = 1 AND epoch = ?4 AND batch = ?1 - 1");
        advance.Long(changes.Sequence);
        advance.Long(changes.Time.EngineMs);
        advance.Long(changes.Time.WallMs);
        advance.Long(epoch);
        advance.Run();
        if (connection.Changes == 1)
        {
            return true;
        }

        ReadLease(connection).DemandStored(changes, epoch);
        return false;
    }

    private void TakeLease(SqliteConnection connection, string owner, FarmRows rows)
    {
        var take = connection.Prepare("UPDATE lease SET epoch = epoch + 1, owner = ?1, taken_at_ms = ?2");
        take.Text(owner);
        take.Long(_time.GetUtcNow().ToUnixTimeMilliseconds());
        take.Run();
        var lease = ReadLease(connection);
        _epoch = lease.Epoch;
        rows.Sequence = lease.Batch;
        rows.EngineMs = lease.EngineMs;
    }

    private static Lease ReadLease(SqliteConnection connection)
    {
        var rows = SqliteLoad.ReadAll(connection.Prepare(Lease.Select), "lease", Lease.Read);
        return rows is [var lease] ? lease : throw Lease.Missing();
    }

    private long DemandEpoch() => _epoch ?? throw new InvalidOperationException("The store was not taken over.");

    private Task<T> QueryAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancel) =>
        _epoch is null
            ? Task.FromException<T>(new StoreUnavailableException($"{Description} is not open yet."))
            : UseAsync(query, cancel);

    /// <summary>Does something with the connection, alone, on a thread that may block; opens the file first if need be.</summary>
    private async Task<T> UseAsync<T>(Func<SqliteConnection, T> action, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => Use(action), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private T Use<T>(Func<SqliteConnection, T> action)
    {
        try
        {
            return action(_connection ??= SqliteFile.Open(_file, AfterOpen));
        }
        catch (StoreDataException)
        {
            throw;
        }
        catch (StoreDeposedException)
        {
            throw;
        }
        catch (Exception e)
        {
            Close();
            throw e is SqliteException error ? SqliteFile.Explain(error, _file) : e;
        }
    }

    private void Close()
    {
        _commit = null;
        _connection?.Dispose();
        _connection = null;
    }

    private sealed class Moves(SqliteFarmStore store) : IFrameMoves
    {
        public Task<FrameMove?> FindMoveAsync(CancellationToken cancel) =>
            store.UseAsync<FrameMove?>(c => SqliteLoad.ReadAll(
                c.Prepare(ArchiveSql.NextMove), "frame_move", r => new FrameMove(r.Uuid(), r.Int(), r.Bool())) is [var move, ..] ? move : null, cancel);

        public Task MoveFramesAsync(FrameMove move, int from, int to, CancellationToken cancel) =>
            TransactAsync(connection =>
            {
                foreach (var sql in move.Keep ? [ArchiveSql.CopyFrames, ArchiveSql.DeleteFrames] : (string[])[ArchiveSql.DeleteFrames])
                {
                    var statement = connection.Prepare(SqlText.ForSqlite(sql));
                    statement.Uuid(move.Layer);
                    statement.Int(from);
                    statement.Int(to);
                    statement.Run();
                }
            }, cancel);

        public Task FinishMoveAsync(FrameMove move, CancellationToken cancel) =>
            TransactAsync(connection =>
            {
                foreach (var sql in (string[])[ArchiveSql.CountFrames, ArchiveSql.MoveDone])
                {
                    var statement = connection.Prepare(SqlText.ForSqlite(sql));
                    statement.Uuid(move.Layer);
                    statement.Run();
                }
            }, cancel);

        private Task<bool> TransactAsync(Action<SqliteConnection> action, CancellationToken cancel) =>
            store.UseAsync(connection =>
            {
                SqliteSchema.Transact(connection, () => action(connection));
                return true;
            }, cancel);
    }
}
