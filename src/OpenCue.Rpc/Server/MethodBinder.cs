using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>Collects the methods of one service object from its generated <c>BindService</c>.</summary>
internal sealed class MethodBinder(RpcServerOptions options, Type generatedBase) : ServiceBinderBase
{
    private readonly List<ServerMethod> _methods = [];

    /// <summary>The methods of a service object, and the descriptor that reflection shows.</summary>
    /// <exception cref="ArgumentException">The class does not derive from a generated service base.</exception>
    public static (IReadOnlyList<ServerMethod> Methods, ServiceDescriptor? Descriptor) Bind(object service, RpcServerOptions options)
    {
        for (var type = service.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } attribute)
            {
                continue;
            }

            var bind = attribute.BindType.GetMethod(
                attribute.BindMethodName,
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static,
                [typeof(ServiceBinderBase), type])
                ?? throw new ArgumentException(
                    $"{attribute.BindType} has no static method {attribute.BindMethodName}({nameof(ServiceBinderBase)}, {type.Name}), which {type} names.");
            var binder = new MethodBinder(options, type);
            bind.Invoke(null, [binder, service]);
            var descriptor = attribute.BindType
                .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
                ?.GetValue(null) as ServiceDescriptor;
            return (binder._methods, descriptor);
        }

        throw new ArgumentException(
            $"{service.GetType()} is no service: it must derive from a base class that protoc's C# plugin generated.", nameof(service));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        UnaryServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(new UnaryMethod<TRequest, TResponse>(method, Given(handler, method), IsImplemented(handler), WhileStopping(method)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(new ClientStreamingMethod<TRequest, TResponse>(method, Given(handler, method), IsImplemented(handler), WhileStopping(method)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(new ServerStreamingMethod<TRequest, TResponse>(method, Given(handler, method), IsImplemented(handler), WhileStopping(method)));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        _methods.Add(new DuplexMethod<TRequest, TResponse>(method, Given(handler, method), IsImplemented(handler), WhileStopping(method)));

    private static T Given<T>(T? handler, IMethod method)
        where T : Delegate =>
        handler ?? throw new ArgumentException($"{method.FullName} was bound without a service object.");

    // A delegate to a virtual method knows the override that it will call.
    private bool IsImplemented(Delegate? handler) => handler?.Method.DeclaringType != generatedBase;

    private RpcWhileStopping WhileStopping(IMethod method) =>
        options.WhileStopping?.Invoke(method) ?? RpcWhileStopping.Unavailable;
}
