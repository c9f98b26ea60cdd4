namespace OpenCue.Storage.Sqlite.Native;

/// <summary>An error of the SQLite library. Stays inside the store, which turns it into one of the store's own exceptions.</summary>
internal sealed class SqliteException(int code, string message) : Exception(message)
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>The primary result code.</summary>
    public int Primary => Code & 0xFF;

    /// <summary>SQLITE_BUSY: somebody else has the file.</summary>
    public bool IsBusy => Primary is 5 or 6;

    /// <summary>SQLITE_FULL.</summary>
    public bool IsDiskFull => Primary == 13;

    /// <summary>SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY.</summary>
    public bool IsNoAccess => Primary is 14 or 3 or 8;

    /// <summary>SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT.</summary>
    public bool IsDamaged => Primary is 11 or 26 or 24;

    /// <summary>SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG: about the data, not about the disk.</summary>
    public bool IsAboutData => Primary is 19 or 20 or 18;
}
