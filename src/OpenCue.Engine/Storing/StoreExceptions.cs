namespace OpenCue.Engine.Storing;

/// <summary>
/// The store can't be reached or can't work now: no connection, disk full, file locked. Nothing is known to be wrong with the data, and it is not
/// known whether a commit that was under way happened. The engine tries again.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another server has taken over the store's lease: this one must not act any more.</summary>
public sealed class StoreDeposedException(string message) : Exception(message);

/// <summary>
/// The store refuses data: a constraint, a value it can't hold, a row that can't be read. Trying again would not help. Nothing was committed.
/// </summary>
public sealed class StoreDataException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="table">The table, if known.</param>
    /// <param name="row">The row or its id, if known, as text for a log.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">What the database said.</param>
    public StoreDataException(string? table, string? row, string message, Exception? inner = null)
        : base(message, inner)
    {
        Table = table;
        Row = row;
    }

    /// <summary>The table, if known.</summary>
    public string? Table { get; }

    /// <summary>The row or its id, if known.</summary>
    public string? Row { get; }
}
