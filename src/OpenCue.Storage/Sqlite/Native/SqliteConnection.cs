using System.Runtime.InteropServices;
using System.Text;

namespace OpenCue.Storage.Sqlite.Native;

/// <summary>An open database file. Used by one thread at a time.</summary>
internal sealed unsafe class SqliteConnection : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private nint _db;

    private SqliteConnection(nint db) => _db = db;

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => SqliteLibrary.Changes(_db);

    /// <summary>True between BEGIN and the end of the transaction.</summary>
    public bool InTransaction => SqliteLibrary.GetAutocommit(_db) == 0;

    /// <summary>Opens the file, and makes it if it is not there.</summary>
    public static SqliteConnection Open(string file, int busyTimeoutMs)
    {
        var code = SqliteLibrary.Open(
            file, out var db, SqliteLibrary.OpenReadWrite | SqliteLibrary.OpenCreate | SqliteLibrary.OpenNoMutex, null);
        if (code != SqliteLibrary.Ok)
        {
            var message = db == 0 ? "out of memory" : MessageOf(db);
            _ = SqliteLibrary.Close(db);
            throw new SqliteException(code, message);
        }

        _ = SqliteLibrary.ExtendedResultCodes(db, 1);
        _ = SqliteLibrary.BusyTimeout(db, busyTimeoutMs);
        return new SqliteConnection(db);
    }

    /// <summary>A statement, prepared once for the life of the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = PrepareOnce(sql));
        }

        return statement;
    }

    /// <summary>A statement for one use; the caller disposes it.</summary>
    public SqliteStatement PrepareOnce(string sql) => new(this, PrepareFirst(Encoding.UTF8.GetBytes(sql + '\0'), 0, out _));

    /// <summary>Runs any number of statements whose rows nobody wants.</summary>
    public void Execute(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql + '\0');
        var at = 0;
        while (at < bytes.Length - 1)
        {
            var handle = PrepareFirst(bytes, at, out at);
            if (handle != 0)
            {
                using var statement = new SqliteStatement(this, handle);
                while (statement.Step())
                {
                }
            }
        }
    }

    /// <summary>The first column of the first row as text; null if there is no row.</summary>
    public string? Ask(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Throws the error that the last call left behind.</summary>
    public void Throw(int code) => throw new SqliteException(code, MessageOf(_db));

    /// <summary>Closes the file. What was not committed is rolled back.</summary>
    public void Dispose()
    {
        if (_db != 0)
        {
            foreach (var statement in _statements.Values)
            {
                statement.Dispose();
            }

            _statements.Clear();
            _ = SqliteLibrary.Close(_db);
            _db = 0;
        }
    }

    private nint PrepareFirst(byte[] sql, int from, out int next)
    {
        fixed (byte* text = sql)
        {
            var code = SqliteLibrary.Prepare(
                _db, text + from, sql.Length - from, SqliteLibrary.PreparePersistent, out var handle, out var tail);
            if (code != SqliteLibrary.Ok)
            {
                Throw(code);
            }

            next = (int)(tail - text);
            return handle;
        }
    }

    private static string MessageOf(nint db) => Marshal.PtrToStringUTF8((nint)SqliteLibrary.ErrorMessage(db)) ?? "unknown error";
}
