using System.Net;
using System.Net.Http.Headers;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Client;

/// <summary>
/// The body of one attempt of a call. It knows whether its first byte was asked for, which is the line between "surely not
/// done" and "unknown".
/// </summary>
internal sealed class RequestContent : HttpContent
{
    private static readonly MediaTypeHeaderValue GrpcMediaType = new(WireNames.GrpcContentType);

    private readonly RequestBody _body;
    private int _state;

    public RequestContent(RequestBody body)
    {
        _body = body;
        Headers.ContentType = GrpcMediaType;
    }

    /// <summary>Whether a part of the request may have left. Once this is false, none will leave any more.</summary>
    public bool SealUnlessSent() => Interlocked.CompareExchange(ref _state, State.Sealed, State.Untouched) == State.Sent;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, State.Sent, State.Untouched) == State.Sealed)
        {
            throw new OperationCanceledException("The call was given up before its request was sent.");
        }

        using var lease = _body.Lease();
        await stream.WriteAsync(lease.Memory, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static class State
    {
        public const int Untouched = 0;
        public const int Sent = 1;
        public const int Sealed = 2;
    }
}
