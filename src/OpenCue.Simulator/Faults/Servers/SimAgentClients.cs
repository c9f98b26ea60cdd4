using Grpc.Core;
using OpenCue.Cuebot.Launching;
using OpenCue.Protocol;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>Clients of agents whose calls go over the simulated network.</summary>
internal sealed class SimAgentClients(SimWorld world, SimServer server) : IAgentClients
{
    /// <inheritdoc/>
    public RqdInterface.RqdInterfaceClient For(AgentPlace place) => new(new Invoker(world, server, world.FindHost(place.Host)));

    private sealed class Invoker(SimWorld world, SimServer server, SimHost? host) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host1, CallOptions options, TRequest request)
        {
            var deadline = options.Deadline is { } at ? (long)(at - server.Clock.GetUtcNow().UtcDateTime).TotalMilliseconds : 60_000;
            var runId = options.Headers?.GetValue(AgentAnswers.RunIdKey);
            (var message, runId) = world.Plan.Variant.Outgoing(world, server, host, request, runId);
            world.Truth.Sent(server, method.Name, message, runId);
            var answer = AnswerAsync<TResponse>(world.Network.Call(server, host, method.Name, message, runId, deadline));
            return new AsyncUnaryCall<TResponse>(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        private static async Task<TResponse> AnswerAsync<TResponse>(Task<object> answer) => (TResponse)await answer;
    }
}
