using Grpc.Core;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>A channel of ours and a generated client on it.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly RpcChannel _channel;

    public TestClient(string addresses, RpcChannelOptions? options = null)
    {
        _channel = new RpcChannel(addresses, options ?? new RpcChannelOptions { DefaultTimeout = TimeSpan.FromSeconds(30) });
        Stub = new TestInterface.TestInterfaceClient(_channel);
    }

    public TestInterface.TestInterfaceClient Stub { get; }

    public RpcChannel Channel => _channel;

    public static async Task<RpcException> FailureAsync(Func<Task> call) => await Assert.ThrowsAnyAsync<RpcException>(call);

    public static async Task<RpcTransportException> TransportFailureAsync(Func<Task> call) =>
        await Assert.ThrowsAsync<RpcTransportException>(call);

    public async Task<string> EchoAsync(string text) => (await Stub.EchoAsync(new EchoRequest { Text = text })).Text;

    public void Dispose() => _channel.Dispose();
}
