using Grpc.Core;

namespace OpenCue.Rpc.Client;

/// <summary>Makes the calls of generated clients on a channel.</summary>
internal sealed class RpcCallInvoker(RpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
#pragma warning disable VSTHRD002 // Blocking is what the caller of a synchronous stub asks for, and no await inside returns to its context.
        return call.ResponseAsync.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, host, options);
        return new AsyncUnaryCall<TResponse>(
            call.RunUnaryAsync(request),
            static call => ((ClientCall<TRequest, TResponse>)call).ResponseHeadersAsync,
            static call => ((ClientCall<TRequest, TResponse>)call).GetStatus(),
            static call => ((ClientCall<TRequest, TResponse>)call).GetTrailers(),
            static call => ((ClientCall<TRequest, TResponse>)call).Dispose(),
            call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request)
    {
        var call = new ClientCall<TRequest, TResponse>(channel, method, host, options);
        call.StartStream(request);
        return new AsyncServerStreamingCall<TResponse>(
            call,
            static call => ((ClientCall<TRequest, TResponse>)call).ResponseHeadersAsync,
            static call => ((ClientCall<TRequest, TResponse>)call).GetStatus(),
            static call => ((ClientCall<TRequest, TResponse>)call).GetTrailers(),
            static call => ((ClientCall<TRequest, TResponse>)call).Dispose(),
            call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options) => throw Unsupported(method);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options) => throw Unsupported(method);

    private static NotSupportedException Unsupported(IMethod method) =>
        new($"{method.FullName} takes a stream of requests; this client makes calls with one request. No method of OpenCue takes a stream.");
}
