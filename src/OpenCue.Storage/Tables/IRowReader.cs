namespace OpenCue.Storage.Tables;

/// <summary>Gives the values of a row, one column after the other, in the order of the table's columns.</summary>
internal interface IRowReader
{
    /// <summary>An id.</summary>
    EntityId Uuid();

    /// <summary>A 16-bit number.</summary>
    short Small();

    /// <summary>A 32-bit number.</summary>
    int Int();

    /// <summary>A 64-bit number.</summary>
    long Long();

    /// <summary>A truth value.</summary>
    bool Bool();

    /// <summary>Text.</summary>
    string Text();

    /// <summary>True, and one column further, if the next column has no value; else nothing happens.</summary>
    bool TryNull();
}

/// <summary>Columns that may be empty, and lists.</summary>
internal static class RowReaderExtensions
{
    public static EntityId? UuidOrNull(this IRowReader reader) => reader.TryNull() ? null : reader.Uuid();

    public static TEnum Enum<TEnum>(this IRowReader reader)
        where TEnum : struct, Enum => EnumNumber.To<TEnum>(reader.Small());

    public static TEnum? EnumOrNull<TEnum>(this IRowReader reader)
        where TEnum : struct, Enum => reader.TryNull() ? null : reader.Enum<TEnum>();

    public static int? IntOrNull(this IRowReader reader) => reader.TryNull() ? null : reader.Int();

    public static long? LongOrNull(this IRowReader reader) => reader.TryNull() ? null : reader.Long();

    public static string? TextOrNull(this IRowReader reader) => reader.TryNull() ? null : reader.Text();

    public static Resources Resources(this IRowReader reader) => new(reader.Int(), reader.Long(), reader.Int(), reader.Long());
}
