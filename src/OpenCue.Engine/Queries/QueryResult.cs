namespace OpenCue.Engine.Queries;

/// <summary>What a query found.</summary>
/// <param name="Value">The answer.</param>
/// <param name="Sequence">Number of the last batch it saw; that batch is durable.</param>
/// <param name="Stale">True if the store is away: this is the last durable state, and commands are waiting.</param>
public readonly record struct QueryResult<T>(T Value, long Sequence, bool Stale);
