using System.Net;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>The calls of a server: which methods there are, how many calls are in flight. A singleton made by <see cref="RpcServiceExtensions.AddRpc"/>.</summary>
public sealed partial class RpcServer
{
    private readonly ILogger<RpcServer> _logger;
    private readonly IRpcExceptionMapper? _mapper;
    private readonly Dictionary<string, ServerMethod> _methods = new(StringComparer.Ordinal);
    private readonly List<ServiceDescriptor> _descriptors = [];
    private readonly Lock _mapping = new();
    private readonly CancellationTokenSource _stopping;
    private int _callsInFlight;

    /// <summary>Made by the container.</summary>
    /// <param name="options">What the server allows and offers.</param>
    /// <param name="lifetime">Tells when the server stops.</param>
    /// <param name="logger">Where failures of service methods go.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <param name="mapper">Makes statuses of exceptions; null knows none.</param>
    public RpcServer(
        IOptions<RpcServerOptions> options,
        IHostApplicationLifetime lifetime,
        ILogger<RpcServer> logger,
        TimeProvider time,
        IRpcExceptionMapper? mapper = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(lifetime);
        Options = options.Value;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        Time = time;
        Budget = new MessageBudget(Options.MaxBufferedBytes);
        CrossOrigin = new CrossOrigin(Options.AllowedOrigins);
        _logger = logger;
        _mapper = mapper;
    }

    /// <summary>How many calls are being served now.</summary>
    public int CallsInFlight => Volatile.Read(ref _callsInFlight);

    /// <summary>How many bytes half-received large requests hold now.</summary>
    public long BufferedBytes => Budget.Held;

    /// <summary>
    /// Fires when the server begins to stop: when the host does, or when <see cref="BeginStopping"/> is called. A method
    /// that sends a stream for as long as it is wanted should end then.
    /// </summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The methods mapped so far, by path.</summary>
    public IReadOnlyList<RpcMethodInfo> Methods
    {
        get
        {
            lock (_mapping)
            {
                return [.. _methods.Values.Select(method => method.Info).OrderBy(info => info.FullName, StringComparer.Ordinal)];
            }
        }
    }

    internal RpcServerOptions Options { get; }

    internal TimeProvider Time { get; }

    internal MessageBudget Budget { get; }

    internal CrossOrigin CrossOrigin { get; }

    /// <summary>The services mapped so far that have a descriptor.</summary>
    internal IReadOnlyList<ServiceDescriptor> Descriptors
    {
        get
        {
            lock (_mapping)
            {
                return [.. _descriptors];
            }
        }
    }

    /// <summary>
    /// From now on, new calls get what <see cref="RpcServerOptions.WhileStopping"/> says, and health checks hear that nothing
    /// is served. For a server that settles its work before the host closes its ports; the host's own stop does it too.
    /// </summary>
    public void BeginStopping() => _stopping.Cancel();

    internal void Add(IReadOnlyList<ServerMethod> methods, ServiceDescriptor? descriptor)
    {
        lock (_mapping)
        {
            foreach (var method in methods)
            {
                if (!_methods.TryAdd(method.Info.FullName, method))
                {
                    throw new InvalidOperationException($"{method.Info.FullName} is mapped twice.");
                }
            }

            if (descriptor is not null)
            {
                _descriptors.Add(descriptor);
            }
        }
    }

    /// <summary>Serves a call of a mapped method.</summary>
    internal Task HandleAsync(HttpContext http, ServerMethod method)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            CrossOrigin.AnswerPreflight(http);
            return Task.CompletedTask;
        }

        switch (RpcContentTypes.Parse(http.Request.ContentType))
        {
            case RpcContentType.Grpc when HttpProtocol.IsHttp2(http.Request.Protocol) || HttpProtocol.IsHttp3(http.Request.Protocol):
                return RunAsync(new GrpcCall(http, method, this));
            case RpcContentType.Grpc:
                http.Response.Headers.Upgrade = "h2c";
                return RefuseAsync(http, HttpStatusCode.UpgradeRequired, "gRPC needs HTTP/2; over HTTP/1.1, call with gRPC-Web or JSON.");
            case RpcContentType.GrpcWeb:
                return RunAsync(new GrpcWebCall(http, method, this, isText: false));
            case RpcContentType.GrpcWebText:
                return RunAsync(new GrpcWebCall(http, method, this, isText: true));
            case RpcContentType.Json:
                return RunAsync(new JsonCall(http, method, this));
            case RpcContentType.None:
            default:
                return RefuseAsync(
                    http,
                    HttpStatusCode.UnsupportedMediaType,
                    $"Content-Type is \"{http.Request.ContentType}\"; {RpcContentTypes.Supported} are served here.");
        }
    }

    /// <summary>Answers UNIMPLEMENTED to calls of methods that are not mapped.</summary>
    internal Task HandleUnknownAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value ?? "/";
        var slash = path.LastIndexOf('/');
        var service = slash > 0 ? path[1..slash] : "";
        var isCall = HttpMethods.IsPost(http.Request.Method) && RpcContentTypes.Parse(http.Request.ContentType) switch
        {
            RpcContentType.None => false,
            // Other things take JSON too; a service of ours has a package.
            RpcContentType.Json => service.Contains('.') && !service.Contains('/'),
            _ => true,
        };
        if (!isCall)
        {
            return next(http);
        }

        return HandleAsync(http, new UnknownMethod(service, path[(slash + 1)..]));
    }

    private static Task RefuseAsync(HttpContext http, HttpStatusCode status, string reason)
    {
        http.Response.StatusCode = (int)status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(reason + "\n");
    }

    private async Task RunAsync(RpcCall call)
    {
        var started = Time.GetTimestamp();
        Interlocked.Increment(ref _callsInFlight);
        var status = Status.DefaultCancelled;
        try
        {
            status = await InvokeAsync(call).ConfigureAwait(false) ?? status;
        }
        finally
        {
            Interlocked.Decrement(ref _callsInFlight);
            if (Options.CallEnded is { } ended)
            {
                TellEnd(ended, new RpcCallEnd(call.ServerMethod.Info, call, status, Time.GetElapsedTime(started)));
            }

            call.Dispose();
        }
    }

    /// <returns>The status answered; null when there was no answer.</returns>
    private async Task<Status?> InvokeAsync(RpcCall call)
    {
        Status status;
        try
        {
            call.Begin();
            if (Stopping.IsCancellationRequested)
            {
                CheckStopping(call.ServerMethod);
            }

            await call.ServerMethod.InvokeAsync(call).ConfigureAwait(false);
            status = call.Status;
        }
        catch (RpcDropConnectionException e)
        {
            LogDropped(call.Method, call.Peer, e.Message);
            call.DropConnection();
            return null;
        }
        catch (RpcHttpUnavailableException e)
        {
            LogHttpUnavailable(call.Method, call.Peer, e.Message);
            call.AnswerHttpUnavailable();
            return new Status(StatusCode.Unavailable, e.Message);
        }
        catch (BrokenMessageException e)
        {
            LogFailed(e, call.Method, call.Peer);
            call.Abort();
            return null;
        }
        catch (Exception e)
        {
            status = StatusOf(e, call);
            await call.DrainRequestAsync().ConfigureAwait(false);
        }

        try
        {
            await call.EndAsync(status).ConfigureAwait(false);
            return status;
        }
        catch (Exception e) when (call.IsAborted)
        {
            LogCallerGone(e, call.Method, call.Peer);
            return null;
        }
    }

    private static void CheckStopping(ServerMethod method)
    {
        switch (method.WhileStopping)
        {
            case RpcWhileStopping.Serve:
                return;
            case RpcWhileStopping.DropConnection:
                throw new RpcDropConnectionException("The server stops.");
            case RpcWhileStopping.Unavailable:
            default:
                throw new RpcException(new Status(StatusCode.Unavailable, "The server stops and takes no new calls."));
        }
    }

    private Status StatusOf(Exception exception, RpcCall call)
    {
        switch (exception)
        {
            case RpcException rpc:
                return StatusOf(rpc, call);
            case OperationCanceledException when call.IsDeadlinePassed:
                return new Status(StatusCode.DeadlineExceeded, "The deadline passed before the call was done.");
            case OperationCanceledException or IOException or InvalidOperationException when call.IsAborted:
                LogCallerGone(exception, call.Method, call.Peer);
                return new Status(StatusCode.Cancelled, "The caller gave the call up.");
            case OperationCanceledException when Stopping.IsCancellationRequested:
                return new Status(StatusCode.Unavailable, "The server stops; the call could not be finished.");
            case OperationCanceledException:
                return new Status(StatusCode.Cancelled, exception.Message);
            case BadHttpRequestException bad:
                return StatusOf(bad);
        }

        if (_mapper?.Map(exception, call) is { } status)
        {
            LogMapped(exception, call.Method, call.Peer, status.StatusCode);
            return status;
        }

        LogFailed(exception, call.Method, call.Peer);
        return new Status(StatusCode.Internal, exception.Message);
    }

    private static Status StatusOf(RpcException exception, RpcCall call)
    {
        foreach (var entry in exception.Trailers)
        {
            call.ResponseTrailers.Add(entry);
        }

        return exception.StatusCode switch
        {
            // The generated base of a service throws this for every method that has no code.
            StatusCode.Unimplemented when exception.Status.Detail.Length == 0 =>
                new Status(StatusCode.Unimplemented, $"{call.Method} is not implemented by this server."),
            StatusCode.OK =>
                new Status(StatusCode.Internal, $"{call.Method} threw an exception with the status OK."),
            _ => exception.Status,
        };
    }

    private static Status StatusOf(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new Status(StatusCode.DeadlineExceeded, "The request came too slowly."),
        StatusCodes.Status413PayloadTooLarge => new Status(StatusCode.ResourceExhausted, exception.Message),
        _ => new Status(StatusCode.InvalidArgument, exception.Message),
    };

    private void TellEnd(Action<RpcCallEnd> ended, in RpcCallEnd end)
    {
        try
        {
            ended(end);
        }
        catch (Exception e)
        {
            LogCallEndedFailed(e, end.Method.FullName);
        }
    }
}
