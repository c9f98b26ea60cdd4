namespace OpenCue.Rpc.Server;

/// <summary>
/// Thrown by a service method that wants the answer HTTP 503 without any gRPC status. OpenCue's Rust agent repeats a report
/// after HTTP 503 and ends itself after a gRPC error status.
/// </summary>
public sealed class RpcHttpUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    public RpcHttpUnavailableException()
        : this("The server cannot answer now.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why, for the log.</param>
    public RpcHttpUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why, for the log.</param>
    /// <param name="innerException">The cause.</param>
    public RpcHttpUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
