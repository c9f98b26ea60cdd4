namespace OpenCue.Storage.Tables;

/// <summary>Describes a table, column by column, in the order in which the row is read back.</summary>
internal sealed class TableBuilder<TRow>(string name)
{
    private readonly List<Column<TRow>> _columns = [];
    private int _keyColumns;
    private Func<TRow, string> _identify = _ => "";

    /// <summary>Says that the columns so far are the primary key, and how a message names a row.</summary>
    public TableBuilder<TRow> Key(Func<TRow, string> identify)
    {
        _keyColumns = _columns.Count;
        _identify = identify;
        return this;
    }

    public TableBuilder<TRow> Uuid(string column, Func<TRow, EntityId> get) =>
        Add(column, ColumnType.Uuid, false, (w, r) => w.Uuid(get(r)));

    public TableBuilder<TRow> UuidOrNull(string column, Func<TRow, EntityId?> get) =>
        Add(column, ColumnType.Uuid, true, (w, r) =>
        {
            if (get(r) is { } id)
            {
                w.Uuid(id);
            }
            else
            {
                w.Null();
            }
        });

    public TableBuilder<TRow> Small(string column, Func<TRow, short> get) =>
        Add(column, ColumnType.Small, false, (w, r) => w.Small(get(r)));

    /// <summary>An enumeration, by its number; the table <c>meaning</c> names the values for people.</summary>
    public TableBuilder<TRow> Enum<TEnum>(string column, Func<TRow, TEnum> get)
        where TEnum : struct, Enum =>
        Add(column, ColumnType.Small, false, (w, r) => w.Small(EnumNumber.Of(get(r))), typeof(TEnum));

    /// <summary>As <see cref="Enum"/>, and may be empty.</summary>
    public TableBuilder<TRow> EnumOrNull<TEnum>(string column, Func<TRow, TEnum?> get)
        where TEnum : struct, Enum =>
        Add(column, ColumnType.Small, true, (w, r) =>
        {
            if (get(r) is { } value)
            {
                w.Small(EnumNumber.Of(value));
            }
            else
            {
                w.Null();
            }
        }, typeof(TEnum));

    public TableBuilder<TRow> Int(string column, Func<TRow, int> get) =>
        Add(column, ColumnType.Int, false, (w, r) => w.Int(get(r)));

    public TableBuilder<TRow> IntOrNull(string column, Func<TRow, int?> get) =>
        Add(column, ColumnType.Int, true, (w, r) =>
        {
            if (get(r) is { } value)
            {
                w.Int(value);
            }
            else
            {
                w.Null();
            }
        });

    public TableBuilder<TRow> Long(string column, Func<TRow, long> get) =>
        Add(column, ColumnType.Long, false, (w, r) => w.Long(get(r)));

    public TableBuilder<TRow> LongOrNull(string column, Func<TRow, long?> get) =>
        Add(column, ColumnType.Long, true, (w, r) =>
        {
            if (get(r) is { } value)
            {
                w.Long(value);
            }
            else
            {
                w.Null();
            }
        });

    public TableBuilder<TRow> Bool(string column, Func<TRow, bool> get) =>
        Add(column, ColumnType.Bool, false, (w, r) => w.Bool(get(r)));

    public TableBuilder<TRow> Text(string column, Func<TRow, string> get) =>
        Add(column, ColumnType.Text, false, (w, r) => w.Text(StorableText.Check(get(r))));

    public TableBuilder<TRow> TextOrNull(string column, Func<TRow, string?> get) =>
        Add(column, ColumnType.Text, true, (w, r) =>
        {
            if (get(r) is { } text)
            {
                w.Text(StorableText.Check(text));
            }
            else
            {
                w.Null();
            }
        });

    /// <summary>Four columns: core points, memory, GPUs, GPU memory.</summary>
    public TableBuilder<TRow> Resources(string prefix, Func<TRow, Resources> get) =>
        Int(prefix + "_core_points", r => get(r).CorePoints)
            .Long(prefix + "_memory_kib", r => get(r).MemoryKib)
            .Int(prefix + "_gpus", r => get(r).Gpus)
            .Long(prefix + "_gpu_memory_kib", r => get(r).GpuMemoryKib);

    /// <summary>The finished table. <paramref name="read"/> reads the columns in the order in which they were described.</summary>
    public Table<TRow> Build(Func<IRowReader, TRow> read) => new(name, _columns, _keyColumns, _identify, read);

    private TableBuilder<TRow> Add(string column, ColumnType type, bool nullable, Action<IRowWriter, TRow> write, Type? meaning = null)
    {
        _columns.Add(new Column<TRow>(column, type, nullable, write, meaning));
        return this;
    }
}
