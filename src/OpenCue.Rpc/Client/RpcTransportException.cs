using Grpc.Core;

namespace OpenCue.Rpc.Client;

/// <summary>
/// A call that ended without the server's own status: no connection, a broken one, a passed deadline, a cancellation, an
/// answer that is no gRPC. A plain <see cref="RpcException"/> is the server's word; with this one it may be unknown
/// whether the call was done.
/// </summary>
#pragma warning disable CA1032 // Without a status and the knowledge of what was sent it would mean nothing.
public sealed class RpcTransportException : RpcException
#pragma warning restore CA1032
{
    /// <summary>Makes the exception.</summary>
    /// <param name="status">The status in gRPC's terms.</param>
    /// <param name="requestSent">Whether a part of the request may have left this process.</param>
    /// <param name="address">The last address tried; null when none was.</param>
    public RpcTransportException(Status status, bool requestSent, string? address)
        : base(status)
    {
        RequestSent = requestSent;
        Address = address;
    }

    /// <summary>
    /// False when the request surely never left this process, so that it was surely not done; true when it may have
    /// left, so that the outcome is unknown.
    /// </summary>
    public bool RequestSent { get; }

    /// <summary>The last address tried; null when none was.</summary>
    public string? Address { get; }
}
