using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>One call being served, whatever the protocol it came by; the service method sees it as its context.</summary>
internal abstract class RpcCall(HttpContext http, ServerMethod method, RpcServer server) : ServerCallContext, IDisposable
{
    // A CancellationTokenSource takes no more; nobody waits for a call of 49 days.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // How much of a refused request, and for how long, is read after all.
    private const int MostDrained = 1024 * 1024;
    private static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(100);

    private DateTime _deadline = DateTime.MaxValue;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private CancellationTokenSource? _deadlineSource;
    private CancellationTokenRegistration _abortRegistration;
    private bool _abortLinked;

    public ServerMethod ServerMethod => method;

    /// <summary>Whether the caller went away, or the server cut the connection.</summary>
    public bool IsAborted => http.RequestAborted.IsCancellationRequested;

    public bool IsDeadlinePassed => _deadlineSource is { IsCancellationRequested: true } && !IsAborted;

    protected HttpContext Http => http;

    protected RpcServer Server => server;

    protected RpcServerOptions Options => server.Options;

    /// <summary>Fires at the deadline; without one, never.</summary>
    protected CancellationToken DeadlineToken => _deadlineSource?.Token ?? CancellationToken.None;

    protected bool HasTrailers => _responseTrailers is { Count: > 0 };

    protected override string MethodCore => method.Info.FullName;

    protected override string HostCore => http.Request.Host.Value ?? "";

    protected override string PeerCore => FormatPeer(http.Connection.RemoteIpAddress, http.Connection.RemotePort);

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override CancellationToken CancellationTokenCore
    {
        get
        {
            if (_deadlineSource is not { } source)
            {
                return http.RequestAborted;
            }

            if (!_abortLinked)
            {
                _abortLinked = true;
                _abortRegistration = http.RequestAborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
            }

            return source.Token;
        }
    }

    /// <summary>Looks at the request's headers, before anything of its body.</summary>
    /// <exception cref="RpcException">They ask for something that this server does not do.</exception>
    public virtual void Begin()
    {
        // Messages have their own limit, and streams have none.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        var header = http.Request.Headers.GrpcTimeout;
        if (header.Count == 0)
        {
            return;
        }

        if (header.Count > 1 || !GrpcTimeout.TryParse(header[0]!, out var timeout))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"{WireNames.Timeout} is \"{header}\"; it must be up to eight digits and one of the units H, M, S, m, u, n."));
        }

        SetDeadline(timeout);
        if (timeout <= TimeSpan.Zero)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline had passed when the call arrived."));
        }
    }

    /// <summary>Reads the one request of the call.</summary>
    public abstract ValueTask<T?> ReadOnlyAsync<T>(Marshaller<T> marshaller)
        where T : class;

    /// <summary>Called before the first of several requests is read.</summary>
    public abstract void BeginRequestStream();

    /// <summary>Reads the next of several requests; null is their end.</summary>
    public abstract ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class;

    /// <summary>Writes the one response of the call; it leaves with the status.</summary>
    public abstract void WriteOnly<T>(T response, Marshaller<T> marshaller)
        where T : class;

    /// <summary>Writes one of several responses and sends it.</summary>
    public abstract Task WriteNextAsync<T>(T response, Marshaller<T> marshaller, WriteOptions? writeOptions, CancellationToken cancellationToken)
        where T : class;

    /// <summary>Ends the response with a status.</summary>
    public abstract Task EndAsync(Status status);

    /// <summary>
    /// Reads the rest of a request that was refused early, if it is small and comes at once. Kestrel keeps a stream that was
    /// answered before its end for seconds and counts it against its connection, where other calls would pay for it.
    /// </summary>
    public async ValueTask DrainRequestAsync()
    {
        if (method.Info.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming || IsAborted)
        {
            return;
        }

        var body = http.Request.BodyReader;
        CancellationTokenSource? patience = null;
        try
        {
            for (long drained = 0; drained <= MostDrained;)
            {
                if (!body.TryRead(out var read))
                {
                    patience ??= new CancellationTokenSource(DrainTime, server.Time);
                    read = await body.ReadAsync(patience.Token).ConfigureAwait(false);
                }

                drained += read.Buffer.Length;
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // It did not come at once, or its sender is gone; the answer does not depend on it.
        }
        finally
        {
            patience?.Dispose();
        }
    }

    /// <summary>Cuts the connection without an answer.</summary>
    public void DropConnection()
    {
        if (http.Features.Get<IConnectionLifetimeFeature>() is { } connection)
        {
            connection.Abort();
        }
        else
        {
            http.Abort();
        }
    }

    /// <summary>Answers HTTP 503 and nothing else.</summary>
    public void AnswerHttpUnavailable()
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentLength = 0;
    }

    public void Abort() => http.Abort();

    public virtual void Dispose()
    {
        _abortRegistration.Dispose();
        _deadlineSource?.Dispose();
    }

    internal static string FormatPeer(IPAddress? address, int port)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"ipv6:[{address}]:{port}" : $"ipv4:{address}:{port}";
    }

    /// <summary>The name under which metadata goes into a header of the response.</summary>
    protected virtual string HeaderName(string key) => key;

    /// <summary>The metadata key of a request header.</summary>
    protected virtual string MetadataKey(string headerName) => headerName;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (http.Response.HasStarted)
        {
            throw new InvalidOperationException("The response headers have left already.");
        }

        foreach (var entry in responseHeaders)
        {
            if (MetadataCodec.IsReserved(entry.Key))
            {
                throw new ArgumentException($"The metadata key \"{entry.Key}\" belongs to the protocol.", nameof(responseHeaders));
            }

            http.Response.Headers.Append(HeaderName(entry.Key), MetadataCodec.HeaderValue(entry));
        }

        return StartResponseAsync();
    }

    /// <summary>Sends the response headers.</summary>
    protected virtual async Task StartResponseAsync()
    {
        await http.Response.StartAsync(CancellationToken).ConfigureAwait(false);
        await http.Response.BodyWriter.FlushAsync(CancellationToken).ConfigureAwait(false);
    }

    /// <summary>The trailers that the service method set, but for keys that belong to the protocol.</summary>
    protected IEnumerable<(string Key, string Value)> Trailers()
    {
        foreach (var entry in ResponseTrailersCore)
        {
            if (!MetadataCodec.IsReserved(entry.Key))
            {
                yield return (entry.Key, MetadataCodec.HeaderValue(entry));
            }
        }
    }

    /// <summary>Sends what is written; the token and the call's own end give it up.</summary>
    protected async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var callToken = CancellationToken;
        if (!cancellationToken.CanBeCanceled || cancellationToken == callToken)
        {
            await FlushCoreAsync(callToken).ConfigureAwait(false);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(callToken, cancellationToken);
        await FlushCoreAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>Reads the whole body, where it is not a sequence of messages.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the body is larger than the limit.</exception>
    protected async ValueTask ReadBodyAsync(PooledBuffer target, long limit, CancellationToken cancellationToken)
    {
        var body = http.Request.BodyReader;
        long held = 0;
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
                var length = read.Buffer.Length;
                if (target.WrittenCount + length > limit)
                {
                    body.AdvanceTo(read.Buffer.End);
                    throw new RpcException(new Status(
                        StatusCode.ResourceExhausted,
                        $"The request is larger than MaxMessageBytes allows, {Options.MaxMessageBytes} bytes."));
                }

                foreach (var segment in read.Buffer)
                {
                    target.Write(segment.Span);
                }

                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                server.Budget.Hold(ref held, target.WrittenCount);
            }
        }
        finally
        {
            server.Budget.Release(held);
        }
    }

    private async ValueTask FlushCoreAsync(CancellationToken cancellationToken)
    {
        var flush = await http.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (flush.IsCompleted)
        {
            throw new OperationCanceledException("The caller takes no more responses.");
        }
    }

    private void SetDeadline(TimeSpan timeout)
    {
        var now = server.Time.GetUtcNow().UtcDateTime;
        _deadline = timeout < DateTime.MaxValue - now ? DateTime.SpecifyKind(now + timeout, DateTimeKind.Utc) : DateTime.MaxValue;
        if (timeout > TimeSpan.Zero && timeout <= LongestTimer)
        {
            _deadlineSource = new CancellationTokenSource(timeout, server.Time);
        }
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in http.Request.Headers)
        {
            foreach (var value in values)
            {
                MetadataCodec.AddHeader(metadata, MetadataKey(name), value);
            }
        }

        return metadata;
    }
}
