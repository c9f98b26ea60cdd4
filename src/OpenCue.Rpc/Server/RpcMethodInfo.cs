using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>A method that a server has mapped.</summary>
/// <param name="ServiceName">The service with its package, <c>job.JobInterface</c>.</param>
/// <param name="Name">The method alone, <c>GetJobs</c>.</param>
/// <param name="Type">How many messages go each way.</param>
/// <param name="IsImplemented">False when the service class leaves the method to the generated base, which answers UNIMPLEMENTED.</param>
public sealed record RpcMethodInfo(string ServiceName, string Name, MethodType Type, bool IsImplemented)
{
    /// <summary>The path of the method, <c>/job.JobInterface/GetJobs</c>.</summary>
    public string FullName { get; } = "/" + ServiceName + "/" + Name;
}
