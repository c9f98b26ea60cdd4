using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>A call by gRPC itself, over HTTP/2.</summary>
internal class GrpcCall(HttpContext http, ServerMethod method, RpcServer server) : RpcCall(http, method, server)
{
    private const string Request = "request";
    private const string Response = "response";

    private int _gzipFrom = MessageWriter.NeverGzip;
    private MessageReader? _reader;
    private bool _ended;

    /// <summary>Whether a response message is written, sent or not.</summary>
    protected bool HasWritten { get; private set; }

    protected virtual string ContentType => WireNames.GrpcContentType;

    /// <summary>Where response messages are written.</summary>
    protected virtual IBufferWriter<byte> Target => Http.Response.BodyWriter;

    /// <summary>Where request messages are read.</summary>
    protected virtual PipeReader Source => Http.Request.BodyReader;

    public override void Begin()
    {
        var response = Http.Response;
        response.ContentType = ContentType;
        base.Begin();
        if (Encoding() is { } encoding and not WireNames.Gzip)
        {
            response.Headers.GrpcAcceptEncoding = WireNames.SupportedEncodings;
            throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"{WireNames.Encoding} is \"{encoding}\"; this server takes {WireNames.SupportedEncodings}."));
        }

        if (Options.GzipResponsesFromBytes is { } gzipFrom && AcceptsGzip())
        {
            _gzipFrom = gzipFrom;
            response.Headers.GrpcEncoding = WireNames.Gzip;
        }
    }

    public override ValueTask<T?> ReadOnlyAsync<T>(Marshaller<T> marshaller)
        where T : class => Reader().ReadOnlyAsync(marshaller, DeadlineToken);

    public override void BeginRequestStream()
    {
        // A stream may be silent for hours. Broken connections are found by pings.
        if (Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    public override ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class =>
        Reader().ReadNextAsync(marshaller, cancellationToken.CanBeCanceled ? cancellationToken : CancellationToken);

    public override void WriteOnly<T>(T response, Marshaller<T> marshaller) => Write(response, marshaller, WriteOptions);

    public override async Task WriteNextAsync<T>(
        T response,
        Marshaller<T> marshaller,
        WriteOptions? writeOptions,
        CancellationToken cancellationToken)
    {
        if (_ended)
        {
            throw new InvalidOperationException("The call has ended; no response can be written any more.");
        }

        writeOptions ??= WriteOptions;
        Write(response, marshaller, writeOptions);
        if (writeOptions is null || !writeOptions.Flags.HasFlag(WriteFlags.BufferHint))
        {
            await SendWrittenAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task EndAsync(Status status)
    {
        _ended = true;
        // Nothing sent and nothing to send: headers and trailers are one block ("trailers-only").
        var trailers = HasWritten || Http.Response.HasStarted
            ? Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : Http.Response.Headers;
        if (status.StatusCode == StatusCode.OK)
        {
            trailers.GrpcStatus = "0";
        }
        else
        {
            trailers.GrpcStatus = StatusText(status.StatusCode);
        }

        if (status.Detail is { Length: > 0 } detail)
        {
            trailers.GrpcMessage = PercentEncoding.Encode(detail);
        }

        if (HasTrailers)
        {
            foreach (var (key, value) in Trailers())
            {
                trailers.Append(key, value);
            }
        }

        return Task.CompletedTask;
    }

    protected static string StatusText(StatusCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);

    /// <summary>Sends what is written.</summary>
    protected virtual ValueTask SendWrittenAsync(CancellationToken cancellationToken) => FlushAsync(cancellationToken);

    private MessageReader Reader() =>
        _reader ??= new MessageReader(Source, Request, Encoding(), Options.MaxMessageBytes, Server.Budget);

    private void Write<T>(T response, Marshaller<T> marshaller, WriteOptions? writeOptions)
    {
        var gzipFrom = writeOptions is not null && writeOptions.Flags.HasFlag(WriteFlags.NoCompress) ? MessageWriter.NeverGzip : _gzipFrom;
        MessageWriter.Write(response, marshaller, Target, Response, Options.MaxMessageBytes, gzipFrom);
        HasWritten = true;
    }

    private string? Encoding()
    {
        var encoding = Http.Request.Headers.GrpcEncoding;
        return encoding.Count == 0 || encoding == WireNames.Identity ? null : encoding.ToString();
    }

    private bool AcceptsGzip()
    {
        foreach (var value in Http.Request.Headers.GrpcAcceptEncoding)
        {
            foreach (var encoding in value.AsSpan().Split(','))
            {
                if (value.AsSpan(encoding).Trim().SequenceEqual(WireNames.Gzip))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
