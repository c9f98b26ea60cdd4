namespace OpenCue.Engine;

/// <summary>Whose report it is: the host's name as reported. Reports with the same key replace each other while they wait.</summary>
/// <param name="Host">The name; case does not matter.</param>
public readonly record struct ReportKey(string Host)
{
    /// <inheritdoc/>
    public bool Equals(ReportKey other) => string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Host);
}

/// <summary>Kinds of reports.</summary>
public enum ReportKind
{
    /// <summary>The state of a host; the next one says it all again.</summary>
    State,

    /// <summary>A host started: never dropped for a state report.</summary>
    Boot,
}
