using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>
/// A call by gRPC-Web: a browser can neither use HTTP/2 as it likes nor read trailers, so the trailers are the last frame
/// of the body; in the text form, the body is base64 besides.
/// </summary>
internal sealed class GrpcWebCall(HttpContext http, ServerMethod method, RpcServer server, bool isText) : GrpcCall(http, method, server)
{
    private readonly PooledBuffer _text = new();
    private readonly PooledBuffer _decodedRequest = new();
    private bool _isDecoded;

    protected override string ContentType => isText ? WireNames.GrpcWebTextContentType : WireNames.GrpcWebContentType;

    protected override PipeReader Source =>
        isText ? PipeReader.Create(new ReadOnlySequence<byte>(_decodedRequest.WrittenMemory)) : base.Source;

    protected override IBufferWriter<byte> Target => isText ? _text : base.Target;

    public override void Begin()
    {
        Server.CrossOrigin.Apply(Http);
        base.Begin();
    }

    public override async ValueTask<T?> ReadOnlyAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        await DecodeRequestAsync(DeadlineToken).ConfigureAwait(false);
        return await base.ReadOnlyAsync(marshaller).ConfigureAwait(false);
    }

    public override async ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class
    {
        await DecodeRequestAsync(cancellationToken).ConfigureAwait(false);
        return await base.ReadNextAsync(marshaller, cancellationToken).ConfigureAwait(false);
    }

    public override async Task EndAsync(Status status)
    {
        var trailers = new StringBuilder();
        trailers.Append(WireNames.Status).Append(": ").Append(StatusText(status.StatusCode)).Append("\r\n");
        if (status.Detail is { Length: > 0 } detail)
        {
            trailers.Append(WireNames.Message).Append(": ").Append(PercentEncoding.Encode(detail)).Append("\r\n");
        }

        foreach (var (key, value) in Trailers())
        {
            trailers.Append(key).Append(": ").Append(value).Append("\r\n");
        }

        var block = Encoding.ASCII.GetBytes(trailers.ToString());
        var target = Target;
        var prefix = target.GetSpan(WireNames.PrefixLength);
        prefix[0] = WireNames.TrailersFlag;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)block.Length);
        target.Advance(WireNames.PrefixLength);
        target.Write(block);
        await SendWrittenAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        base.Dispose();
        _text.Dispose();
        _decodedRequest.Dispose();
    }

    protected override ValueTask SendWrittenAsync(CancellationToken cancellationToken)
    {
        if (isText)
        {
            var written = _text.WrittenSpan;
            var output = Http.Response.BodyWriter;
            var encoded = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(written.Length));
            Base64.EncodeToUtf8(written, encoded, out _, out var length);
            output.Advance(length);
            _text.Clear();
        }

        return base.SendWrittenAsync(cancellationToken);
    }

    // A request in the text form is read to its end first: it may be several pieces of base64, each with its own padding.
    private async ValueTask DecodeRequestAsync(CancellationToken cancellationToken)
    {
        if (!isText || _isDecoded)
        {
            return;
        }

        _isDecoded = true;
        using var body = new PooledBuffer();
        var limit = ((long)Options.MaxMessageBytes + WireNames.PrefixLength + 2) / 3 * 4;
        await ReadBodyAsync(body, limit, cancellationToken).ConfigureAwait(false);
        DecodeBase64(body.WrittenSpan, _decodedRequest);
    }

    private static void DecodeBase64(ReadOnlySpan<byte> text, PooledBuffer target)
    {
        while (!text.IsEmpty)
        {
            // Everything up to the first padding decodes in one go; what follows is the next piece.
            var padding = text.IndexOf((byte)'=');
            var end = padding < 0 ? text.Length : Math.Min((padding + 4) / 4 * 4, text.Length);
            var piece = text[..end];
            var room = target.GetSpan(Base64.GetMaxDecodedFromUtf8Length(piece.Length));
            if (Base64.DecodeFromUtf8(piece, room, out _, out var length) != OperationStatus.Done)
            {
                throw new RpcException(new Status(
                    StatusCode.Internal,
                    $"The request is no base64, which {WireNames.GrpcWebTextContentType} must be."));
            }

            target.Advance(length);
            text = text[end..];
        }
    }
}
