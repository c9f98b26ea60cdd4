using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>A method together with what serves it. One object per method, made when the service is mapped.</summary>
internal abstract class ServerMethod(IMethod method, bool isImplemented, RpcWhileStopping whileStopping)
{
    public RpcMethodInfo Info { get; } = new(method.ServiceName, method.Name, method.Type, isImplemented);

    public RpcWhileStopping WhileStopping { get; } = whileStopping;

    /// <summary>Reads the request, runs the service method and writes its responses; the status is left to the caller.</summary>
    public abstract Task InvokeAsync(RpcCall call);

    protected static T Received<T>(T? request, IMethod method)
        where T : class =>
        request ?? throw new RpcException(new Status(
            StatusCode.Unimplemented,
            $"{method.FullName} takes exactly one request message; none came."));

    protected static T Returned<T>(T? response, IMethod method)
        where T : class =>
        response ?? throw new InvalidOperationException($"{method.FullName} returned no response message.");
}

/// <summary>The messages of a method as JSON needs them.</summary>
/// <typeparam name="T">The message.</typeparam>
internal static class JsonMessage<T>
{
    private static MessageDescriptor? s_descriptor;

    /// <summary>The message's descriptor, or null when it is no protobuf message.</summary>
    /// <remarks>An empty message tells it; no bytes are a valid message of every type.</remarks>
    public static MessageDescriptor? Descriptor(Marshaller<T> marshaller) =>
        typeof(IMessage).IsAssignableFrom(typeof(T))
            ? s_descriptor ??= ((IMessage)MessageReader.Deserialize(marshaller, default)!).Descriptor
            : null;
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    UnaryServerMethod<TRequest, TResponse> handler,
    bool isImplemented,
    RpcWhileStopping whileStopping)
    : ServerMethod(method, isImplemented, whileStopping)
    where TRequest : class
    where TResponse : class
{
    public override async Task InvokeAsync(RpcCall call)
    {
        var request = Received(await call.ReadOnlyAsync(method.RequestMarshaller).ConfigureAwait(false), method);
        var response = Returned(await handler(request, call).ConfigureAwait(false), method);
        if (call.Status.StatusCode == StatusCode.OK)
        {
            call.WriteOnly(response, method.ResponseMarshaller);
        }
    }
}

internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ServerStreamingServerMethod<TRequest, TResponse> handler,
    bool isImplemented,
    RpcWhileStopping whileStopping)
    : ServerMethod(method, isImplemented, whileStopping)
    where TRequest : class
    where TResponse : class
{
    public override async Task InvokeAsync(RpcCall call)
    {
        var request = Received(await call.ReadOnlyAsync(method.RequestMarshaller).ConfigureAwait(false), method);
        await handler(request, new ResponseStream<TResponse>(call, method.ResponseMarshaller), call).ConfigureAwait(false);
    }
}

internal sealed class ClientStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ClientStreamingServerMethod<TRequest, TResponse> handler,
    bool isImplemented,
    RpcWhileStopping whileStopping)
    : ServerMethod(method, isImplemented, whileStopping)
    where TRequest : class
    where TResponse : class
{
    public override async Task InvokeAsync(RpcCall call)
    {
        call.BeginRequestStream();
        var requests = new RequestStream<TRequest>(call, method.RequestMarshaller);
        var response = Returned(await handler(requests, call).ConfigureAwait(false), method);
        if (call.Status.StatusCode == StatusCode.OK)
        {
            call.WriteOnly(response, method.ResponseMarshaller);
        }
    }
}

internal sealed class DuplexMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    DuplexStreamingServerMethod<TRequest, TResponse> handler,
    bool isImplemented,
    RpcWhileStopping whileStopping)
    : ServerMethod(method, isImplemented, whileStopping)
    where TRequest : class
    where TResponse : class
{
    public override Task InvokeAsync(RpcCall call)
    {
        call.BeginRequestStream();
        return handler(
            new RequestStream<TRequest>(call, method.RequestMarshaller),
            new ResponseStream<TResponse>(call, method.ResponseMarshaller),
            call);
    }
}
