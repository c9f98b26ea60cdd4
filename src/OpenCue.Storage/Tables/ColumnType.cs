namespace OpenCue.Storage.Tables;

/// <summary>The type of a column, common to both databases.</summary>
internal enum ColumnType
{
    /// <summary>A 128-bit id: PostgreSQL uuid, SQLite text of 36 characters.</summary>
    Uuid,

    /// <summary>16 bits: PostgreSQL smallint, SQLite integer. Enumerations and small counts.</summary>
    Small,

    /// <summary>32 bits: PostgreSQL integer, SQLite integer.</summary>
    Int,

    /// <summary>64 bits: PostgreSQL bigint, SQLite integer.</summary>
    Long,

    /// <summary>True or false: PostgreSQL boolean, SQLite integer 1 or 0.</summary>
    Bool,

    /// <summary>Text; lists are JSON in text.</summary>
    Text,
}
