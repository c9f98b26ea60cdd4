using Npgsql;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>The columns of a result's current row, one after the other.</summary>
internal sealed class ResultReader(NpgsqlDataReader result) : IRowReader
{
    private int _column;

    /// <summary>Starts a row.</summary>
    public void StartRow() => _column = 0;

    public EntityId Uuid() => EntityId.FromGuid(result.GetGuid(_column++));

    public short Small() => result.GetInt16(_column++);

    public int Int() => result.GetInt32(_column++);

    public long Long() => result.GetInt64(_column++);

    public bool Bool() => result.GetBoolean(_column++);

    public string Text() => result.GetString(_column++);

    public bool TryNull()
    {
        if (!result.IsDBNull(_column))
        {
            return false;
        }

        _column++;
        return true;
    }
}
