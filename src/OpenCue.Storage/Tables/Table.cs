namespace OpenCue.Storage.Tables;

/// <summary>
/// One table, described once for both databases: its columns with the way to get them from a row, and the way back. The statements are made from
/// this; only the migrations, written in SQL, say the same again, and a test compares the two.
/// </summary>
internal abstract class Table(string name, IReadOnlyList<Column> columns, int keyColumns)
{
    /// <summary>Name in both databases.</summary>
    public string Name { get; } = name;

    /// <summary>All columns, the key first.</summary>
    public IReadOnlyList<Column> Columns { get; } = columns;

    /// <summary>How many columns, from the first, are the primary key.</summary>
    public int KeyColumns { get; } = keyColumns;

    /// <summary>The type of its rows.</summary>
    public abstract Type RowType { get; }

    /// <summary>The names of all columns, with commas.</summary>
    public string ColumnNames => string.Join(", ", Columns.Select(c => c.Name));

    /// <summary>The part of an upsert after VALUES or SELECT: what happens to a row that is there already.</summary>
    public string OnConflict =>
        $"ON CONFLICT ({string.Join(", ", Columns.Take(KeyColumns).Select(c => c.Name))}) DO UPDATE SET "
        + string.Join(", ", Columns.Skip(KeyColumns).Select(c => $"{c.Name} = excluded.{c.Name}"));

    /// <summary>A query for all rows.</summary>
    public string SelectAll(string? where = null) => $"SELECT {ColumnNames} FROM {Name}{(where is null ? "" : " WHERE " + where)}";
}

/// <summary>A table whose rows are of type <typeparamref name="TRow"/>.</summary>
internal sealed class Table<TRow>(
    string name, IReadOnlyList<Column<TRow>> columns, int keyColumns, Func<TRow, string> identify, Func<IRowReader, TRow> read)
    : Table(name, columns, keyColumns)
{
    public override Type RowType => typeof(TRow);

    /// <summary>How a message names the row.</summary>
    public string Identify(TRow row) => identify(row);

    /// <summary>The row that comes next in the reader.</summary>
    public TRow Read(IRowReader reader) => read(reader);

    /// <summary>Hands all values of the row to the writer. A value that can't be stored throws <see cref="StoreDataException"/>.</summary>
    public void Write(IRowWriter writer, TRow row)
    {
        foreach (var column in columns)
        {
            try
            {
                column.Write(writer, row);
            }
            catch (UnstorableTextException e)
            {
                throw new StoreDataException(Name, identify(row), $"column {column.Name}: {e.Message}");
            }
        }
    }
}
