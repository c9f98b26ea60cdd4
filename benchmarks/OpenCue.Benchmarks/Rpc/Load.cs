using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using OpenCue.Benchmarks.Protos;
using OpenCue.Rpc.Client;

namespace OpenCue.Benchmarks.Rpc;

/// <summary>Clients on a few connections that send one request after the other, as fast as they are answered.</summary>
internal abstract class Load : IDisposable
{
    public const int Connections = 4;
    public const int CallsPerConnection = 16;

    /// <returns>Answers per second.</returns>
    public async Task<double> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(
            from connection in Enumerable.Range(0, Connections)
            from _ in Enumerable.Range(0, CallsPerConnection)
            select Task.Run(() => CallsAsync(connection, started, duration, cancellationToken), cancellationToken));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public abstract void Dispose();

    /// <summary>Makes one call on a connection and checks its answer.</summary>
    protected abstract Task CallAsync(int connection, CancellationToken cancellationToken);

    private async Task<long> CallsAsync(int connection, long started, TimeSpan duration, CancellationToken cancellationToken)
    {
        long count = 0;
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await CallAsync(connection, cancellationToken);
            count++;
        }

        return count;
    }
}

/// <summary>Sends bytes by HTTP/2 and expects the same bytes.</summary>
internal sealed class RawLoad(Uri uri, string contentType, byte[] body) : Load
{
    private readonly MediaTypeHeaderValue _contentType = MediaTypeHeaderValue.Parse(contentType);

    private readonly HttpMessageInvoker[] _connections =
    [
        .. Enumerable.Range(0, Connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })),
    ];

    public override void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

    protected override async Task CallAsync(int connection, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = _contentType;
        using var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        using var response = await _connections[connection].SendAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var answer = new byte[body.Length + 1];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken);
        if (!answer.AsSpan(0, length).SequenceEqual(body))
        {
            throw new InvalidOperationException($"{uri} answered HTTP {(int)response.StatusCode} with {length} bytes that are not those sent.");
        }
    }
}

/// <summary>Makes calls through our own client.</summary>
internal sealed class ClientLoad : Load
{
    private readonly EchoMessage _message;
    private readonly RpcChannel[] _channels;
    private readonly EchoInterface.EchoInterfaceClient[] _clients;

    public ClientLoad(string address, EchoMessage message)
    {
        _message = message;
        _channels = [.. Enumerable.Range(0, Connections).Select(_ => new RpcChannel(address))];
        _clients = [.. _channels.Select(channel => new EchoInterface.EchoInterfaceClient(channel))];
    }

    public override void Dispose() => Array.ForEach(_channels, channel => channel.Dispose());

    protected override async Task CallAsync(int connection, CancellationToken cancellationToken)
    {
        var answer = await _clients[connection].EchoAsync(_message, cancellationToken: cancellationToken);
        if (!answer.Equals(_message))
        {
            throw new InvalidOperationException("The service answered another message than the one sent.");
        }
    }
}
