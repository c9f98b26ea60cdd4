namespace Grpc.Core;

/// <summary>A status code with the sentence that explains it.</summary>
public readonly struct Status : IEquatable<Status>
{
    /// <summary>Makes a status.</summary>
    /// <param name="statusCode">The code.</param>
    /// <param name="detail">What happened, for a person; travels to the caller.</param>
    public Status(StatusCode statusCode, string? detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>Makes a status that remembers the local exception behind it.</summary>
    /// <param name="statusCode">The code.</param>
    /// <param name="detail">What happened, for a person; travels to the caller.</param>
    /// <param name="debugException">The cause on this machine; it never travels.</param>
    public Status(StatusCode statusCode, string? detail, Exception? debugException)
    {
        StatusCode = statusCode;
        Detail = detail ?? "";
        DebugException = debugException;
    }

    /// <summary>OK without a detail.</summary>
    public static Status DefaultSuccess { get; } = new(StatusCode.OK, "");

    /// <summary>CANCELLED without a detail.</summary>
    public static Status DefaultCancelled { get; } = new(StatusCode.Cancelled, "");

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>What happened, for a person. Never null in a status made by a constructor.</summary>
    public string Detail { get; }

    /// <summary>The cause on this machine, if there is one.</summary>
    public Exception? DebugException { get; }

    /// <summary>Two statuses are equal when their codes and details are.</summary>
    public static bool operator ==(Status left, Status right) => left.Equals(right);

    /// <summary>Two statuses differ when their codes or details do.</summary>
    public static bool operator !=(Status left, Status right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Status other) => StatusCode == other.StatusCode && Detail == other.Detail;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Status other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StatusCode, Detail);

    /// <inheritdoc/>
    public override string ToString() =>
        DebugException is null
            ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
            : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}
