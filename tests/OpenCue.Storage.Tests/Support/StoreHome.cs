using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;
using OpenCue.Storage.Sqlite.Native;

namespace OpenCue.Storage.Tests.Support;

/// <summary>A place where a farm is kept, empty at first: stores are opened on it, one after the other or at once.</summary>
public abstract class StoreHome : IAsyncDisposable
{
    /// <summary>A store as another server would open it.</summary>
    public abstract IFarmStore Open();

    /// <summary>All rows of a query, columns as text. Close the stores first.</summary>
    public abstract Task<List<string[]>> AskAsync(string sql);

    /// <summary>Has a store give up what keeps others from opening the place, as it does after an error.</summary>
    public virtual Task LetGoAsync(IFarmStore store) => Task.CompletedTask;

    /// <summary>Waits until a store has moved the frames of archived jobs.</summary>
    public static async Task WaitForMovesAsync(IFarmStore store)
    {
        var mover = store switch
        {
            SqliteFarmStore sqlite => sqlite.Mover,
            PostgresFarmStore postgres => postgres.Mover,
            _ => null,
        };
        while (mover is { IsIdle: false })
        {
            await Task.Delay(5);
        }
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A database in memory.</summary>
public sealed class MemoryHome : StoreHome
{
    private readonly MemoryDatabase _database = new();

    /// <inheritdoc/>
    public override IFarmStore Open() => new MemoryStore(_database);

    /// <inheritdoc/>
    public override Task<List<string[]>> AskAsync(string sql) => throw new NotSupportedException("There is no SQL in memory.");

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A folder for an SQLite file.</summary>
public sealed class SqliteHome : StoreHome
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-sqlite-").FullName;

    /// <summary>The file.</summary>
    public string File => Path.Combine(_folder, "cue.db");

    /// <inheritdoc/>
    public override IFarmStore Open() => OpenSqlite();

    /// <inheritdoc/>
    public override Task LetGoAsync(IFarmStore store) => ((SqliteFarmStore)store).LetGoAsync();

    /// <summary>As <see cref="Open"/>.</summary>
    public SqliteFarmStore OpenSqlite() => new(File, TimeProvider.System, NullLogger<SqliteFarmStore>.Instance);

    /// <inheritdoc/>
    public override Task<List<string[]>> AskAsync(string sql)
    {
        using var connection = SqliteConnection.Open(File, 0);
        using var statement = connection.PrepareOnce(sql);
        var rows = new List<string[]>();
        while (statement.Step())
        {
            rows.Add([.. Enumerable.Range(0, statement.Columns).Select(i => statement.IsNull(i) ? "NULL" : statement.Text(i))]);
        }

        return Task.FromResult(rows);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database in the private PostgreSQL.</summary>
public sealed class PostgresHome(string connectionString) : StoreHome
{
    /// <summary>Its connection string.</summary>
    public string ConnectionString { get; } = connectionString;

    /// <summary>A new database.</summary>
    public static async Task<PostgresHome> CreateAsync(PostgresServer server) =>
        new(await (await server.GetAsync()).CreateDatabaseAsync());

    /// <inheritdoc/>
    public override IFarmStore Open() => OpenPostgres();

    /// <summary>As <see cref="Open"/>.</summary>
    public PostgresFarmStore OpenPostgres(string more = "", bool allowUnsafe = false) =>
        new(ConnectionString + more, allowUnsafe, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);

    /// <inheritdoc/>
    public override async Task<List<string[]>> AskAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "NULL" : reader.GetString(i))]);
        }

        return rows;
    }

    /// <summary>A connection of one's own.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
