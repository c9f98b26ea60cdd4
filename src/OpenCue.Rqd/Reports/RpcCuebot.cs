using Grpc.Core;
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Client;
using OpenCue.Rqd.Hosting;

namespace OpenCue.Rqd.Reports;

/// <summary>Cuebot over gRPC: the first of its addresses that answers.</summary>
internal sealed class RpcCuebot : ICuebot, IDisposable
{
    /// <summary>A server that takes longer is as good as away; the report is repeated.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly RpcChannel _channel;
    private readonly RqdReportInterface.RqdReportInterfaceClient _client;

    public RpcCuebot(RqdOptions options)
    {
        _channel = new RpcChannel(
            options.Cuebots.Select(cuebot => CuebotAddress.TryParse(cuebot, options.CuebotPort)!),
            new RpcChannelOptions
            {
                DefaultTimeout = Timeout,
                // A cuebot has to take any report twice: an acknowledgement can get lost.
                IsIdempotent = _ => true,
            });
        _client = new RqdReportInterface.RqdReportInterfaceClient(_channel);
    }

    public Task ReportStartupAsync(BootReport report, CancellationToken cancel) => CallAsync(
        () => _client.ReportRqdStartupAsync(new RqdReportRqdStartupRequest { BootReport = report }, cancellationToken: cancel), cancel);

    public Task ReportStatusAsync(HostReport report, CancellationToken cancel) => CallAsync(
        () => _client.ReportStatusAsync(new RqdReportStatusRequest { HostReport = report }, cancellationToken: cancel), cancel);

    public Task ReportCompletionAsync(FrameCompleteReport report, CancellationToken cancel) => CallAsync(
        () => _client.ReportRunningFrameCompletionAsync(
            new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = report }, cancellationToken: cancel),
        cancel);

    public void Dispose() => _channel.Dispose();

    private static async Task CallAsync<TReply>(Func<AsyncUnaryCall<TReply>> call, CancellationToken cancel)
    {
        try
        {
            using var running = call();
            await running.ResponseAsync;
        }
        catch (RpcException error)
        {
            cancel.ThrowIfCancellationRequested();
            var wasRefused = error.StatusCode is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled);
            throw new CuebotException($"{error.StatusCode}: {error.Status.Detail}", wasRefused, error);
        }
    }
}
