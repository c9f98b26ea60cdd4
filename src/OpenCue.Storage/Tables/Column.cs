namespace OpenCue.Storage.Tables;

/// <summary>A column of a table: its name, its type, and whether it may be empty.</summary>
internal abstract class Column(string name, ColumnType type, bool nullable, Type? meaning)
{
    /// <summary>Name in both databases.</summary>
    public string Name { get; } = name;

    /// <summary>Type.</summary>
    public ColumnType Type { get; } = type;

    /// <summary>True if the column may be empty.</summary>
    public bool Nullable { get; } = nullable;

    /// <summary>The enumeration whose numbers the column holds, if any; the table <c>meaning</c> names its values.</summary>
    public Type? Meaning { get; } = meaning;
}

/// <summary>A column with the way to get its value from a row.</summary>
internal sealed class Column<TRow>(string name, ColumnType type, bool nullable, Action<IRowWriter, TRow> write, Type? meaning)
    : Column(name, type, nullable, meaning)
{
    /// <summary>Hands this column's value to the writer.</summary>
    public void Write(IRowWriter writer, TRow row) => write(writer, row);
}
