using Npgsql;
using NpgsqlTypes;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>
/// Collects rows as one array a column, so that a statement takes any number of rows with the same few parameters:
/// <c>INSERT ... SELECT * FROM unnest($1, $2, ...)</c>. The arrays are kept and used again.
/// </summary>
internal sealed class ArrayWriter : IRowWriter
{
    private readonly ArrayColumn[] _columns;
    private int _next;

    public ArrayWriter(IEnumerable<Column> columns) => _columns = [.. columns.Select(ArrayColumn.For)];

    /// <summary>The columns, by bit, that hold in all rows what they hold usually: nothing, 0, false or an empty text.</summary>
    public ulong UsualColumns
    {
        get
        {
            var usual = 0UL;
            for (var i = 0; i < _columns.Length; i++)
            {
                usual |= _columns[i].IsUsual ? 1UL << i : 0;
            }

            return usual;
        }
    }

    /// <summary>
    /// Adds the arrays to a command's parameters, one a column, but for the columns given by bit. They stay valid until <see cref="Clear"/>.
    /// </summary>
    public void AddParameters(NpgsqlParameterCollection parameters, ulong leftOut)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if ((leftOut & (1UL << i)) == 0)
            {
                parameters.Add(_columns[i].ToParameter());
            }
        }
    }

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        _next = 0;
        foreach (var column in _columns)
        {
            column.Clear();
        }
    }

    /// <summary>Starts a row.</summary>
    public void StartRow() => _next = 0;

    public void Uuid(EntityId value) => _columns[_next++].Add(value.ToGuid());

    public void Small(short value) => _columns[_next++].Add(value);

    public void Int(int value) => _columns[_next++].Add(value);

    public void Long(long value) => _columns[_next++].Add(value);

    public void Bool(bool value) => _columns[_next++].Add(value);

    public void Text(string value) => ((TextColumn)_columns[_next++]).Add(value);

    public void Null() => _columns[_next++].AddNull();

    private abstract class ArrayColumn
    {
        /// <summary>True if all values are the usual one.</summary>
        public bool IsUsual { get; protected set; } = true;

        public abstract NpgsqlParameter ToParameter();

        public static ArrayColumn For(Column column) => column switch
        {
            { Type: ColumnType.Uuid } => Make<Guid>(column, NpgsqlDbType.Uuid),
            { Type: ColumnType.Small } => Make<short>(column, NpgsqlDbType.Smallint),
            { Type: ColumnType.Int } => Make<int>(column, NpgsqlDbType.Integer),
            { Type: ColumnType.Long } => Make<long>(column, NpgsqlDbType.Bigint),
            { Type: ColumnType.Bool } => Make<bool>(column, NpgsqlDbType.Boolean),
            { Type: ColumnType.Text } => new TextColumn(column.Nullable),
            _ => throw new ArgumentOutOfRangeException(nameof(column), column.Type, null),
        };

        public abstract void Clear();

        public abstract void AddNull();

        public void Add<T>(T value)
            where T : struct
        {
            if (this is ValueColumn<T> values)
            {
                values.Add(value);
            }
            else
            {
                ((NullableColumn<T>)this).Add(value);
            }
        }

        private static ArrayColumn Make<T>(Column column, NpgsqlDbType type)
            where T : struct =>
            column.Nullable ? new NullableColumn<T>(type) : new ValueColumn<T>(type);
    }

    private sealed class ValueColumn<T>(NpgsqlDbType type) : ArrayColumn
        where T : struct
    {
        private readonly List<T> _values = [];

        public override NpgsqlParameter ToParameter() =>
            new NpgsqlParameter<List<T>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | type };

        public override void Clear()
        {
            IsUsual = true;
            _values.Clear();
        }

        public override void AddNull() => throw new InvalidOperationException("This column may not be empty.");

        public void Add(T value)
        {
            IsUsual = IsUsual && EqualityComparer<T>.Default.Equals(value, default);
            _values.Add(value);
        }
    }

    private sealed class NullableColumn<T>(NpgsqlDbType type) : ArrayColumn
        where T : struct
    {
        private readonly List<T?> _values = [];

        public override NpgsqlParameter ToParameter() =>
            new NpgsqlParameter<List<T?>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | type };

        public override void Clear()
        {
            IsUsual = true;
            _values.Clear();
        }

        public override void AddNull() => _values.Add(null);

        public void Add(T value)
        {
            IsUsual = false;
            _values.Add(value);
        }
    }

    private sealed class TextColumn(bool nullable) : ArrayColumn
    {
        private readonly List<string?> _values = [];

        public override NpgsqlParameter ToParameter() =>
            new NpgsqlParameter<List<string?>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

        public override void Clear()
        {
            IsUsual = true;
            _values.Clear();
        }

        public override void AddNull() => _values.Add(null);

        public void Add(string value)
        {
            IsUsual = IsUsual && !nullable && value.Length == 0;
            _values.Add(value);
        }
    }
}
