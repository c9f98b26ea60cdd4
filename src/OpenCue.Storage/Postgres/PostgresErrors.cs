using System.Net.Sockets;
using Npgsql;

namespace OpenCue.Storage.Postgres;

/// <summary>Says in words, and as the store's own exceptions, what PostgreSQL's errors mean. No message holds a password.</summary>
internal static class PostgresErrors
{
    /// <summary>True for errors of the database, the network or the machine; everything else is a defect of this program.</summary>
    public static bool IsDatabase(Exception e) =>
        e is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <summary>The store's exception for an error of the database.</summary>
    /// <param name="e">The error.</param>
    /// <param name="database">The database, for people.</param>
    /// <param name="table">The table that the statement was about, if known.</param>
    public static Exception Explain(Exception e, string database, string? table = null) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject } error =>
            new StoreDataException(null, null,
                $"{database} holds tables of another program ({error.MessageText}). Give this server a database, or a schema, of its own.", e),
        PostgresException error when IsAboutData(error) =>
            new StoreDataException(error.TableName ?? table, error.Detail, $"{database} refuses the data: {error.MessageText}.", e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } error =>
            new StoreUnavailableException($"{database}: {error.MessageText}. Create it (createdb), or name another one.", e),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } error =>
            new StoreUnavailableException($"{database}: {error.MessageText}. The user has to own the database (ALTER DATABASE ... OWNER TO ...).", e),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            new StoreUnavailableException($"{database} is read-only: a standby, or set so. Name the primary server.", e),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } error =>
            new StoreUnavailableException($"{database} has no room left on its disk ({error.MessageText}).", e),
        PostgresException error =>
            new StoreUnavailableException($"{database}: {error.MessageText} (SQLSTATE {error.SqlState}).", e),
        _ => new StoreUnavailableException($"{database} can't be reached: {Innermost(e)}.", e),
    };

    // 22: data exception, 23: constraint, 54: limit of the program exceeded.
    private static bool IsAboutData(PostgresException e) =>
        e.SqlState.StartsWith("22", StringComparison.Ordinal)
        || e.SqlState.StartsWith("23", StringComparison.Ordinal)
        || e.SqlState.StartsWith("54", StringComparison.Ordinal);

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message.TrimEnd('.');
    }
}
