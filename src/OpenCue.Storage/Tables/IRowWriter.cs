namespace OpenCue.Storage.Tables;

/// <summary>Takes the values of a row, one column after the other.</summary>
internal interface IRowWriter
{
    /// <summary>An id.</summary>
    void Uuid(EntityId value);

    /// <summary>A 16-bit number.</summary>
    void Small(short value);

    /// <summary>A 32-bit number.</summary>
    void Int(int value);

    /// <summary>A 64-bit number.</summary>
    void Long(long value);

    /// <summary>A truth value.</summary>
    void Bool(bool value);

    /// <summary>Text that <see cref="StorableText"/> has passed.</summary>
    void Text(string value);

    /// <summary>No value.</summary>
    void Null();
}
