using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>
/// A call by JSON, in the routes and shapes of OpenCue's REST gateway: names in lower camel case, fields without a value
/// written too, 64-bit numbers as strings; an error is its HTTP status and an object with code, message and details.
/// Several responses come as lines of <c>{"result": ...}</c>, an error among them as <c>{"error": ...}</c>.
/// </summary>
internal sealed class JsonCall(HttpContext http, ServerMethod method, RpcServer server) : RpcCall(http, method, server)
{
    private const string MetadataPrefix = "Grpc-Metadata-";
    private const string TrailerPrefix = "Grpc-Trailer-";
    private const byte NewLine = (byte)'\n';

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly PooledBuffer _output = new();

    private bool IsStream => ServerMethod.Info.Type is MethodType.ServerStreaming or MethodType.DuplexStreaming;

    public override void Begin()
    {
        Server.CrossOrigin.Apply(Http);
        base.Begin();
        if (Http.Request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != WireNames.Identity)
        {
            throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"Content-Encoding is \"{encoding}\"; JSON requests are taken uncompressed only."));
        }
    }

    public override async ValueTask<T?> ReadOnlyAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        if (JsonMessage<T>.Descriptor(marshaller) is not { } descriptor)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, $"{Method} has no protobuf messages; it cannot be called with JSON."));
        }

        using var body = new PooledBuffer();
        await ReadBodyAsync(body, Options.MaxMessageBytes, DeadlineToken).ConfigureAwait(false);
        try
        {
            var text = StrictUtf8.GetString(body.WrittenSpan);
            return (T)Parser.Parse(string.IsNullOrWhiteSpace(text) ? "{}" : text, descriptor);
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"The request is no {descriptor.FullName} in JSON: {e.Message}",
                e));
        }
    }

    public override void BeginRequestStream() =>
        throw new RpcException(new Status(
            StatusCode.Unimplemented,
            $"{Method} takes a stream of requests, which JSON cannot carry; call it with gRPC."));

    public override ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class =>
        throw new InvalidOperationException("A JSON call has one request.");

    public override void WriteOnly<T>(T response, Marshaller<T> marshaller) => WriteMessage(response);

    public override async Task WriteNextAsync<T>(
        T response,
        Marshaller<T> marshaller,
        WriteOptions? writeOptions,
        CancellationToken cancellationToken)
    {
        _output.Write("{\"result\":"u8);
        WriteMessage(response);
        _output.Write("}\n"u8);
        if (!Http.Response.HasStarted)
        {
            Http.Response.ContentType = WireNames.JsonLinesContentType;
        }

        CopyOutput();
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task EndAsync(Status status)
    {
        var response = Http.Response;
        if (response.HasStarted)
        {
            if (status.StatusCode != StatusCode.OK)
            {
                _output.Clear();
                _output.Write("{\"error\":"u8);
                WriteError(status);
                _output.Write("}\n"u8);
                CopyOutput();
            }

            return;
        }

        foreach (var (key, value) in Trailers())
        {
            response.Headers.Append(TrailerPrefix + key, value);
        }

        response.StatusCode = HttpStatuses.Of(status.StatusCode);
        response.ContentType = WireNames.JsonContentType;
        if (status.StatusCode != StatusCode.OK)
        {
            _output.Clear();
            WriteError(status);
        }
        else if (IsStream)
        {
            response.ContentType = WireNames.JsonLinesContentType;
        }

        response.ContentLength = _output.WrittenCount;
        CopyOutput();
        await response.BodyWriter.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        base.Dispose();
        _output.Dispose();
    }

    protected override string HeaderName(string key) => MetadataPrefix + key;

    protected override string MetadataKey(string headerName) =>
        headerName.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) ? headerName[MetadataPrefix.Length..] : headerName;

    protected override Task StartResponseAsync()
    {
        // The headers of a single answer carry its HTTP status, which is not known yet: they leave with it.
        if (!IsStream)
        {
            return Task.CompletedTask;
        }

        Http.Response.ContentType = WireNames.JsonLinesContentType;
        return base.StartResponseAsync();
    }

    private void WriteMessage<T>(T response)
    {
        if (response is not IMessage message)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, $"{Method} has no protobuf messages; it cannot be called with JSON."));
        }

        var before = _output.WrittenCount;
        JsonMessageWriter.Write(message, _output);
        var length = _output.WrittenCount - before;
        if (length > Options.MaxMessageBytes)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"The response has {length} bytes, more than the {Options.MaxMessageBytes} that MaxMessageBytes allows."));
        }
    }

    private void WriteError(Status status)
    {
        using var json = new Utf8JsonWriter((IBufferWriter<byte>)_output, JsonMessageWriter.WriterOptions);
        json.WriteStartObject();
        json.WriteNumber("code", (int)status.StatusCode);
        json.WriteString("message", status.Detail);
        json.WriteStartArray("details");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void CopyOutput()
    {
        var target = Http.Response.BodyWriter;
        target.Write(_output.WrittenSpan);
        _output.Clear();
    }
}
