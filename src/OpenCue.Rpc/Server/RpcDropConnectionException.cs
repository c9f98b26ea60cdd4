namespace OpenCue.Rpc.Server;

/// <summary>
/// Thrown by a service method that must not answer at all: the connection is cut, as if the server had died. Agents whose
/// retry looks only at the transport send the report again; every other call on the same connection fails too.
/// </summary>
public sealed class RpcDropConnectionException : Exception
{
    /// <summary>Makes the exception.</summary>
    public RpcDropConnectionException()
        : this("The connection is dropped without an answer.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why, for the log.</param>
    public RpcDropConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why, for the log.</param>
    /// <param name="innerException">The cause.</param>
    public RpcDropConnectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
