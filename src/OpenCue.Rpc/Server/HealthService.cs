using Grpc.Core;
using OpenCue.Rpc.Protos;

namespace OpenCue.Rpc.Server;

/// <summary>Answers health checks with what <see cref="RpcHealth"/> says.</summary>
internal sealed class HealthService(RpcHealth health, RpcServer server) : Health.HealthBase
{
    private const int LongestNameInError = 200;

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        health.Find(request.Service) is { } status
            ? Task.FromResult(Response(status))
            : throw new RpcException(new Status(StatusCode.NotFound, $"No service \"{Shorten(request.Service)}\" is known to the health check."));

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var response = new HealthListResponse();
        foreach (var (service, status) in health.All())
        {
            response.Statuses.Add(service, Response(status));
        }

        return Task.FromResult(response);
    }

    public override async Task Watch(
        HealthCheckRequest request,
        IServerStreamWriter<HealthCheckResponse> responseStream,
        ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, server.Stopping);
        HealthCheckResponse? last = null;
        while (true)
        {
            var changed = health.Changed();
            var now = health.Find(request.Service) is { } status
                ? Response(status)
                : new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.ServiceUnknown };
            if (!now.Equals(last))
            {
                await responseStream.WriteAsync(now, context.CancellationToken).ConfigureAwait(false);
                last = now;
            }

            if (server.Stopping.IsCancellationRequested)
            {
                // A watch must not hold the server's end up.
                throw new RpcException(new Status(StatusCode.Unavailable, "The server stops."));
            }

            await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static HealthCheckResponse Response(RpcServingStatus status) => new()
    {
        Status = status switch
        {
            RpcServingStatus.Serving => HealthCheckResponse.Types.ServingStatus.Serving,
            RpcServingStatus.NotServing => HealthCheckResponse.Types.ServingStatus.NotServing,
            _ => HealthCheckResponse.Types.ServingStatus.Unknown,
        },
    };

    private static string Shorten(string name) => name.Length <= LongestNameInError ? name : name[..LongestNameInError] + "...";
}
