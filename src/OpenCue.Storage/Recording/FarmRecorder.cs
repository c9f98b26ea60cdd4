using Npgsql;
using OpenCue.Storage.History;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;
using OpenCue.Storage.Sqlite.Native;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Recording;

/// <summary>
/// Reads a stretch of time out of a cuebot's database, without taking the farm over: a server that uses a PostgreSQL goes on undisturbed. A
/// SQLite file is its server's alone as long as that runs; stop it, or read a copy.
/// </summary>
public static class FarmRecorder
{
    private const int BusyTimeoutMs = 2000;

    /// <summary>Reads from a SQLite file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fromMs">Jobs submitted from then on, ms since 1970.</param>
    /// <param name="toMs">And before then.</param>
    /// <exception cref="StoreUnavailableException">The file can't be read now, or is none.</exception>
    /// <exception cref="StoreDataException">It is no cuebot's database, or damaged.</exception>
    public static FarmRecord ReadSqlite(string file, long fromMs, long toMs)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
        {
            throw new StoreUnavailableException($"There is no file {file}. A cuebot's data folder has cue.db, or whatever its settings name.");
        }

        try
        {
            SqliteLibrary.Demand();
            using var connection = SqliteConnection.Open(file, BusyTimeoutMs);
            connection.Execute("PRAGMA query_only = ON; BEGIN");
            return Read(new Sqlite(connection), fromMs, toMs);
        }
        catch (SqliteException e) when (e.IsBusy)
        {
            throw new StoreUnavailableException(
                $"{file} is in use by its server. Stop that for a moment, or read a copy: the file with the one beside it that ends in -wal, or a backup.", e);
        }
        catch (SqliteException e)
        {
            throw e.Message.Contains("no such table", StringComparison.Ordinal) || e.Message.Contains("no such column", StringComparison.Ordinal)
                ? NoFarm(file, e)
                : SqliteFile.Explain(e, file);
        }
    }

    /// <summary>Reads from a PostgreSQL database.</summary>
    /// <param name="connectionString">As Npgsql wants it.</param>
    /// <param name="fromMs">Jobs submitted from then on, ms since 1970.</param>
    /// <param name="toMs">And before then.</param>
    /// <exception cref="StoreUnavailableException">The database can't be reached.</exception>
    /// <exception cref="StoreDataException">It is no cuebot's database.</exception>
    public static FarmRecord ReadPostgres(string connectionString, long fromMs, long toMs)
    {
        var settings = PostgresSource.Parse(connectionString);
        settings.CommandTimeout = 0;
        settings.ApplicationName = "cue-sim";
        var description = $"PostgreSQL host={settings.Host} port={settings.Port} database={settings.Database} user={settings.Username}";
        try
        {
            using var source = PostgresSource.Create(settings, description, allowUnsafe: true, null);
            using var connection = source.OpenConnection();

            // All questions see the same moment.
            using var transaction = connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
            return Read(new Postgres(connection), fromMs, toMs);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw NoFarm(description, e);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw PostgresErrors.Explain(e, description);
        }
    }

    private static FarmRecord Read(IDatabase database, long fromMs, long toMs)
    {
        var sql = new RecordingSql(fromMs, toMs);
        return new FarmRecord
        {
            Facilities = All(database, ShowTables.Facility),
            Allocations = All(database, ShowTables.Allocation),
            Hosts = [.. All(database, HostTables.Host).OrderBy(h => h.Name, StringComparer.Ordinal)],
            Shows = [.. All(database, ShowTables.Show).OrderBy(s => s.Name, StringComparer.Ordinal)],
            Groups = [.. All(database, ShowTables.Group).OrderBy(g => g.Name, StringComparer.Ordinal)],
            Subscriptions = All(database, ShowTables.Subscription),
            Limits = [.. All(database, ShowTables.Limit).OrderBy(l => l.Name, StringComparer.Ordinal)],
            Jobs = [.. database.Ask(sql.Jobs(), "job", RecordingSql.ReadJob).OrderBy(j => j.Row.SubmittedAtMs).ThenBy(j => j.Row.Id)],
            Layers = [.. database.Ask(sql.Layers(), "layer", JobTables.Layer.Read).OrderBy(l => l.DispatchOrder).ThenBy(l => l.Id)],
            Depends = [.. database.Ask(sql.Depends(), "depend", RunTables.Depend.Read).OrderBy(d => d.Id)],
            Runs = [.. database.Ask(sql.Runs(), "run", RunTables.Run.Read).OrderBy(r => r.EndedAtMs).ThenBy(r => r.Id)],
        };
    }

    private static List<TRow> All<TRow>(IDatabase database, Table<TRow> table) =>
        database.Ask(new SqlText().Add(table.SelectAll()), table.Name, table.Read);

    private static StoreDataException NoFarm(string database, Exception e) => new(
        null, null, $"{database} is no database of this version of cuebot: {e.Message}. Start cuebot on it once, so that it brings it up to date.", e);

    private interface IDatabase
    {
        List<T> Ask<T>(SqlText sql, string table, Func<IRowReader, T> read);
    }

    private sealed class Sqlite(SqliteConnection connection) : IDatabase
    {
        public List<T> Ask<T>(SqlText sql, string table, Func<IRowReader, T> read)
        {
            using var statement = connection.PrepareOnce(sql.Sqlite);
            sql.WriteValues(statement);
            return SqliteLoad.ReadAll(statement, table, read);
        }
    }

    private sealed class Postgres(NpgsqlConnection connection) : IDatabase
    {
        public List<T> Ask<T>(SqlText sql, string table, Func<IRowReader, T> read)
        {
            using var command = new NpgsqlCommand(sql.Postgres, connection);
            sql.WriteValues(new ParameterWriter(command.Parameters));
            using var result = command.ExecuteReader();
            var reader = new ResultReader(result);
            var rows = new List<T>();
            while (result.Read())
            {
                reader.StartRow();
                rows.Add(read(reader));
            }

            return rows;
        }
    }
}
