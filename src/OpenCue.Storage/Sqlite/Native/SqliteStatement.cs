using System.Buffers;
using System.Buffers.Text;
using System.Text;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Sqlite.Native;

/// <summary>A prepared statement: values go in one after the other, rows come out column by column.</summary>
internal sealed unsafe class SqliteStatement(SqliteConnection connection, nint handle) : IRowWriter, IRowReader, IDisposable
{
    private const int UuidLength = 36;
    private const int NullType = 5;

    // Frames come by the thousand with the same layer: its id is turned into text, or back, once.
    private readonly byte[] _lastUuidText = "00000000-0000-0000-0000-000000000000"u8.ToArray();
    private EntityId _lastUuid = EntityId.None;
    private nint _handle = handle;
    private int _parameter;
    private int _column;

    /// <summary>Number of columns of its rows.</summary>
    public int Columns => SqliteLibrary.ColumnCount(_handle);

    /// <summary>Runs a statement that gives no rows, and makes it ready for the next values.</summary>
    public void Run()
    {
        try
        {
            while (Step())
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>True if there is a (further) row.</summary>
    public bool Step()
    {
        _column = 0;
        var code = SqliteLibrary.Step(_handle);
        if (code is not (SqliteLibrary.Row or SqliteLibrary.Done))
        {
            connection.Throw(code);
        }

        return code == SqliteLibrary.Row;
    }

    /// <summary>Ends the statement's run, so that it holds no lock and takes new values.</summary>
    public void Reset()
    {
        // The code repeats the error of the step, which has been thrown already.
        _ = SqliteLibrary.Reset(_handle);
        _parameter = 0;
    }

    public void Uuid(EntityId value)
    {
        if (value != _lastUuid)
        {
            Utf8Formatter.TryFormat(value.ToGuid(), _lastUuidText, out _);
            _lastUuid = value;
        }

        fixed (byte* text = _lastUuidText)
        {
            Check(SqliteLibrary.BindText(_handle, ++_parameter, text, UuidLength, SqliteLibrary.Transient));
        }
    }

    public void Small(short value) => Long(value);

    public void Int(int value) => Long(value);

    public void Long(long value) => Check(SqliteLibrary.BindInt64(_handle, ++_parameter, value));

    public void Bool(bool value) => Long(value ? 1 : 0);

    public void Text(string value)
    {
        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = size > 512 ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> buffer = rented is null ? stackalloc byte[512] : rented;
        var length = Encoding.UTF8.GetBytes(value, buffer);
        fixed (byte* text = buffer)
        {
            Check(SqliteLibrary.BindText(_handle, ++_parameter, text, length, SqliteLibrary.Transient));
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Null() => Check(SqliteLibrary.BindNull(_handle, ++_parameter));

    EntityId IRowReader.Uuid()
    {
        var text = Bytes(_column++);
        if (text.SequenceEqual(_lastUuidText))
        {
            return _lastUuid;
        }

        if (text.Length != UuidLength || !Utf8Parser.TryParse(text, out Guid guid, out var used) || used != UuidLength)
        {
            throw new InvalidDataException($"'{Encoding.UTF8.GetString(text)}' is not an id");
        }

        text.CopyTo(_lastUuidText);
        return _lastUuid = EntityId.FromGuid(guid);
    }

    short IRowReader.Small() => checked((short)SqliteLibrary.ColumnInt64(_handle, _column++));

    int IRowReader.Int() => checked((int)SqliteLibrary.ColumnInt64(_handle, _column++));

    long IRowReader.Long() => SqliteLibrary.ColumnInt64(_handle, _column++);

    bool IRowReader.Bool() => SqliteLibrary.ColumnInt64(_handle, _column++) != 0;

    string IRowReader.Text() => Text(_column++);

    bool IRowReader.TryNull()
    {
        if (!IsNull(_column))
        {
            return false;
        }

        _column++;
        return true;
    }

    /// <summary>True if a column of the current row has no value.</summary>
    public bool IsNull(int column) => SqliteLibrary.ColumnType(_handle, column) == NullType;

    /// <summary>A column of the current row as text.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = SqliteLibrary.Finalize(_handle);
            _handle = 0;
        }
    }

    private ReadOnlySpan<byte> Bytes(int column)
    {
        // The order matters: asking for the text first fixes the encoding of the bytes that are counted.
        var text = SqliteLibrary.ColumnText(_handle, column);
        return new ReadOnlySpan<byte>(text, SqliteLibrary.ColumnBytes(_handle, column));
    }

    private void Check(int code)
    {
        if (code != SqliteLibrary.Ok)
        {
            connection.Throw(code);
        }
    }
}
