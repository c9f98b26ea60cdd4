using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Client;

/// <summary>A server's answer that has begun: its head is here, its messages and its status follow.</summary>
internal sealed class Answer : IDisposable
{
    private readonly ServerAddress _address;
    private readonly HttpResponseMessage _http;
    private readonly PipeReader _pipe;

    private Answer(ServerAddress address, HttpResponseMessage http, PipeReader pipe, MessageReader reader)
    {
        _address = address;
        _http = http;
        _pipe = pipe;
        Reader = reader;
    }

    public ServerAddress Address => _address;

    public MessageReader Reader { get; }

    private bool IsTrailersOnly => _http.Headers.Contains(WireNames.Status);

    /// <summary>Looks at the head of an answer; what is no gRPC ends in an exception.</summary>
    public static async Task<Answer> OpenAsync(ServerAddress address, HttpResponseMessage http, int limit, CancellationToken cancellationToken)
    {
        try
        {
            var encoding = CheckHead(address, http);
            var body = await http.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var pipe = PipeReader.Create(body);
            return new Answer(address, http, pipe, new MessageReader(pipe, "response", encoding, limit, null));
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public Metadata Headers() => ReadMetadata(_http.Headers);

    public Metadata Trailers() => ReadMetadata(IsTrailersOnly ? _http.Headers : _http.TrailingHeaders);

    /// <summary>The status, once all messages are read.</summary>
    public Status Status()
    {
        var headers = IsTrailersOnly ? _http.Headers : _http.TrailingHeaders;
        if (Find(headers, WireNames.Status) is not { } text
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            throw Refuse(_address, StatusCode.Internal, "its answer ended without a status");
        }

        var detail = Find(headers, WireNames.Message) is { } message ? PercentEncoding.Decode(message) : "";
        return Enum.IsDefined((StatusCode)code)
            ? new Status((StatusCode)code, detail)
            : new Status(StatusCode.Unknown, $"{detail} (status {code}, which gRPC does not have)");
    }

    /// <summary>Resets the stream, whatever is being read from it.</summary>
    public void Abort() => _http.Dispose();

    public void Dispose()
    {
        _pipe.Complete();
        _http.Dispose();
    }

    /// <returns>The encoding of compressed messages, or null.</returns>
    private static string? CheckHead(ServerAddress address, HttpResponseMessage http)
    {
        if (http.StatusCode != HttpStatusCode.OK)
        {
            var status = (int)http.StatusCode;
            throw Refuse(address, HttpStatuses.ToStatusCode(status), $"it answered HTTP {status} instead of gRPC");
        }

        var type = http.Content.Headers.ContentType;
        if (type?.MediaType is not { } name || !name.StartsWith(WireNames.GrpcContentType, StringComparison.Ordinal))
        {
            throw Refuse(address, StatusCode.Unknown, $"it answered with the content type \"{type}\" instead of gRPC");
        }

        var encoding = Find(http.Headers, WireNames.Encoding);
        return encoding is null or WireNames.Identity or WireNames.Gzip
            ? encoding
            : throw Refuse(address, StatusCode.Internal, $"it answered in the encoding \"{encoding}\", which was not offered");
    }

    private static string? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static Metadata ReadMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                MetadataCodec.AddHeader(metadata, name, value);
            }
        }

        return metadata;
    }

    private static RpcTransportException Refuse(ServerAddress address, StatusCode code, string what) =>
        new(new Status(code, $"{address}: {what}."), requestSent: true, address.ToString());
}
