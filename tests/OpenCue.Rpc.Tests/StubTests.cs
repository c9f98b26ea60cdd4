using Grpc.Core;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

public sealed class StubTests
{
    [Fact]
    public void A_generated_service_binds_its_methods_with_their_full_names()
    {
        var binder = new NamesBinder();
        TestInterface.BindService(binder, null);
        Assert.Contains("/rpctest.TestInterface/Echo Unary", binder.Names);
        Assert.Contains("/rpctest.TestInterface/Count ServerStreaming", binder.Names);
        Assert.Contains("/rpctest.TestInterface/Sum ClientStreaming", binder.Names);
        Assert.Contains("/rpctest.TestInterface/Chat DuplexStreaming", binder.Names);
    }

    private sealed class NamesBinder : ServiceBinderBase
    {
        public List<string> Names { get; } = [];

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse>? handler) => Add(method);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ClientStreamingServerMethod<TRequest, TResponse>? handler) => Add(method);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ServerStreamingServerMethod<TRequest, TResponse>? handler) => Add(method);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DuplexStreamingServerMethod<TRequest, TResponse>? handler) => Add(method);

        private void Add(IMethod method) => Names.Add($"{method.FullName} {method.Type}");
    }
}
