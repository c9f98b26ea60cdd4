using OpenCue.Storage.Sqlite.Native;

namespace OpenCue.Storage.Sqlite;

/// <summary>Opens the file the one safe way, and says in words what SQLite's errors mean.</summary>
internal static class SqliteFile
{
    /// <summary>How long somebody else may hold the file, for a backup perhaps, before it counts as taken.</summary>
    private const int BusyTimeoutMs = 2000;

    // Checkpoints run inside commits: seldom and bigger ones cost less. The log file stays below 64 MiB, the page cache is 64 MiB.
    private const string Settings = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -65536;
        PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = OFF;
        """;

    /// <summary>Opens and locks the file, and makes durable what a crash or an error left in its log.</summary>
    public static SqliteConnection Open(string file, string? afterOpen)
    {
        SqliteLibrary.Demand();
        var connection = SqliteConnection.Open(file, BusyTimeoutMs);
        try
        {
            connection.Execute(Settings);
            Demand(connection, file, "journal_mode = WAL", "wal", "write-ahead logging");
            Demand(connection, file, "locking_mode", "exclusive", "locks");
            Demand(connection, file, "synchronous", "2", "full flushes");

            // A commit whose flush failed may still be read back from the log, though it is on no disk. Copying the log into the file writes it
            // anew and flushes it, and fails if that is not possible.
            if (connection.Ask("PRAGMA wal_checkpoint(TRUNCATE)") is not "0")
            {
                throw new StoreUnavailableException($"The log of {file} could not be copied into it; it is tried again.");
            }

            if (afterOpen is not null)
            {
                connection.Execute(afterOpen);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The store's exception for an error of SQLite, with the way out.</summary>
    public static Exception Explain(SqliteException e, string file)
    {
        if (e.IsDamaged)
        {
            return new StoreDataException(null, null, $"{file} is damaged or is no SQLite database ({e.Message}). Restore it from a backup.", e);
        }

        if (e.IsAboutData)
        {
            return new StoreDataException(null, null, $"{file} refuses the data: {e.Message}.", e);
        }

        var folder = Path.GetDirectoryName(file)!;
        return new StoreUnavailableException(
            e.IsBusy
                ? $"{file} is in use by another process. A SQLite store serves one server at a time: stop the other one, or choose another data folder."
            : e.IsDiskFull ? $"There is no room left for {file}. Nothing is acknowledged until there is."
            : !e.IsNoAccess ? $"{file} can't be read or written: {e.Message}."
            : Directory.Exists(folder) ? $"{file} can't be opened for writing ({e.Message}). Check the permissions of the file and of its folder."
            : $"{file} can't be opened: the folder {folder} does not exist.",
            e);
    }

    private static void Demand(SqliteConnection connection, string file, string pragma, string expected, string what)
    {
        if (connection.Ask("PRAGMA " + pragma) is var answer && answer != expected)
        {
            throw new StoreUnavailableException(
                $"{file} can't be opened safely: PRAGMA {pragma} answers '{answer}' instead of '{expected}'. "
                + $"Its file system may not support {what}; choose a data folder on a local disk.");
        }
    }
}
