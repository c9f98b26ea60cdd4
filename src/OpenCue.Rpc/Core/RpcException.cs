namespace Grpc.Core;

/// <summary>
/// A call that did not end with OK. Thrown by a client's call; thrown by a service method it decides the status
/// (and the trailers) that the caller gets.
/// </summary>
#pragma warning disable CA1032 // An exception of this kind without a status would mean nothing.
public class RpcException : Exception
#pragma warning restore CA1032
{
    /// <summary>Makes the exception from a status.</summary>
    /// <param name="status">How the call ended.</param>
    public RpcException(Status status)
        : this(status, Metadata.Empty, status.ToString())
    {
    }

    /// <summary>Makes the exception from a status, with a message of its own.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="message">The exception's message; only <see cref="Status.Detail"/> travels.</param>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>Makes the exception from a status and the trailers that came, or go, with it.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">The call's trailing metadata.</param>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>Makes the exception from a status and trailers, with a message of its own.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">The call's trailing metadata.</param>
    /// <param name="message">The exception's message; only <see cref="Status.Detail"/> travels.</param>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>The call's trailing metadata.</summary>
    public Metadata Trailers { get; }
}
