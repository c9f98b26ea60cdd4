using System.Reflection;
using System.Runtime.InteropServices;

namespace OpenCue.Storage.Sqlite.Native;

/// <summary>
/// The few functions of SQLite's C interface that the store needs, from the library of the operating system: it is patched with the system,
/// and no copy of it has to be shipped.
/// </summary>
internal static unsafe partial class SqliteLibrary
{
    public const int Ok = 0;
    public const int Row = 100;
    public const int Done = 101;

    public const int OpenReadWrite = 0x2;
    public const int OpenCreate = 0x4;

    /// <summary>No locks inside the library: a connection is used by one thread at a time.</summary>
    public const int OpenNoMutex = 0x8000;

    /// <summary>A statement that is kept and used again and again.</summary>
    public const uint PreparePersistent = 1;

    /// <summary>Tells the library to copy a bound text at once.</summary>
    public const nint Transient = -1;

    /// <summary>STRICT tables came with 3.37.</summary>
    private const int OldestVersion = 3_037_000;

    private const string Name = "sqlite3";

    static SqliteLibrary() => NativeLibrary.SetDllImportResolver(typeof(SqliteLibrary).Assembly, Find);

    /// <summary>Throws <see cref="StoreUnavailableException"/>, with the way out, if the library is missing or too old.</summary>
    public static void Demand()
    {
        int version;
        try
        {
            version = LibVersionNumber();
        }
        catch (DllNotFoundException e)
        {
            throw new StoreUnavailableException("The SQLite library is not installed on this machine (on Debian: apt-get install libsqlite3-0).", e);
        }

        if (version < OldestVersion)
        {
            throw new StoreUnavailableException(
                $"The SQLite library of this machine is version {version / 1_000_000}.{version / 1000 % 1000}; 3.37 or newer is needed.");
        }
    }

    [LibraryImport(Name, EntryPoint = "sqlite3_libversion_number")]
    public static partial int LibVersionNumber();

    [LibraryImport(Name, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string file, out nint db, int flags, string? vfs);

    [LibraryImport(Name, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(nint db);

    [LibraryImport(Name, EntryPoint = "sqlite3_extended_result_codes")]
    public static partial int ExtendedResultCodes(nint db, int on);

    [LibraryImport(Name, EntryPoint = "sqlite3_busy_timeout")]
    public static partial int BusyTimeout(nint db, int ms);

    [LibraryImport(Name, EntryPoint = "sqlite3_errmsg")]
    public static partial byte* ErrorMessage(nint db);

    [LibraryImport(Name, EntryPoint = "sqlite3_changes")]
    public static partial int Changes(nint db);

    [LibraryImport(Name, EntryPoint = "sqlite3_get_autocommit")]
    public static partial int GetAutocommit(nint db);

    [LibraryImport(Name, EntryPoint = "sqlite3_prepare_v3")]
    public static partial int Prepare(nint db, byte* sql, int bytes, uint flags, out nint statement, out byte* tail);

    [LibraryImport(Name, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Name, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    [LibraryImport(Name, EntryPoint = "sqlite3_finalize")]
    public static partial int Finalize(nint statement);

    // These do next to nothing, a million times: going without the transition into native code halves their cost.
    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "sqlite3_bind_int64")]
    public static partial int BindInt64(nint statement, int index, long value);

    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "sqlite3_bind_null")]
    public static partial int BindNull(nint statement, int index);

    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "sqlite3_column_int64")]
    public static partial long ColumnInt64(nint statement, int index);

    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "sqlite3_column_type")]
    public static partial int ColumnType(nint statement, int index);

    [LibraryImport(Name, EntryPoint = "sqlite3_column_count")]
    public static partial int ColumnCount(nint statement);

    [LibraryImport(Name, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(nint statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(Name, EntryPoint = "sqlite3_column_text")]
    public static partial byte* ColumnText(nint statement, int index);

    [LibraryImport(Name, EntryPoint = "sqlite3_column_bytes")]
    public static partial int ColumnBytes(nint statement, int index);

    // The library goes by another name on each operating system; Debian has the plain one only in its development package.
    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name == Name)
        {
            foreach (var candidate in (ReadOnlySpan<string>)["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll"])
            {
                if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
                {
                    return handle;
                }
            }
        }

        return 0;
    }
}
