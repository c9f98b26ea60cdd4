using System.Text;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.History;

/// <summary>
/// A statement that is put together, with its values, for either database. Parameters are written <c>$1</c>, <c>$2</c> ...; SQLite reads them as
/// <c>?1</c>, <c>?2</c>.
/// </summary>
internal sealed class SqlText
{
    private readonly StringBuilder _text = new();
    private readonly List<Action<IRowWriter>> _values = [];

    /// <summary>The statement for PostgreSQL.</summary>
    public string Postgres => _text.ToString();

    /// <summary>The statement for SQLite.</summary>
    public string Sqlite => ForSqlite(Postgres);

    /// <summary>PostgreSQL's way to write parameters in SQLite's.</summary>
    public static string ForSqlite(string sql) => sql.Replace('$', '?');

    public SqlText Add(string sql)
    {
        _text.Append(sql);
        return this;
    }

    /// <summary>The place of a value.</summary>
    public string Value(EntityId value) => Place(w => w.Uuid(value));

    /// <inheritdoc cref="Value(EntityId)"/>
    public string Value(int value) => Place(w => w.Int(value));

    /// <inheritdoc cref="Value(EntityId)"/>
    public string Value(long value) => Place(w => w.Long(value));

    /// <inheritdoc cref="Value(EntityId)"/>
    public string Value(string value) => Place(w => w.Text(value));

    /// <summary>Hands all values over, in the order of their numbers.</summary>
    public void WriteValues(IRowWriter writer)
    {
        foreach (var value in _values)
        {
            value(writer);
        }
    }

    private string Place(Action<IRowWriter> write)
    {
        _values.Add(write);
        return $"${_values.Count}";
    }
}
