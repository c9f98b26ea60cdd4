using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>Stands for a method that is not mapped.</summary>
internal sealed class UnknownMethod(string service, string name)
    : ServerMethod(new Name(service, name), isImplemented: false, RpcWhileStopping.Unavailable)
{
    public override Task InvokeAsync(RpcCall call) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, $"This server has no method {call.Method}."));

    private sealed record Name(string ServiceName, string MethodName) : IMethod
    {
        public MethodType Type => MethodType.Unary;

        string IMethod.Name => MethodName;

        public string FullName => "/" + ServiceName + "/" + MethodName;
    }
}
