using Grpc.Core;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Rpc.Server;

namespace OpenCue.Cuebot.Reports;

/// <summary>
/// What agents report. Host and boot reports are answered as soon as they are queued, always with OK: some agents end themselves on an error. A
/// completion is answered when it is durable, and never refused: as long as it can't be, it is held, and when the server stops the connection is dropped,
/// so that the agent sends it again.
/// </summary>
internal sealed partial class ReportService(FarmEngine engine, SchedulerStep scheduling, ILogger<ReportService> logger)
    : Wire.Reports.RqdReportInterface.RqdReportInterfaceBase
{
    /// <inheritdoc/>
    public override Task<Wire.Reports.RqdReportRqdStartupResponse> ReportRqdStartup(
        Wire.Reports.RqdReportRqdStartupRequest request, ServerCallContext context)
    {
        if (request.BootReport?.Host is { } host)
        {
            Queue(ReportMessages.HostReport(host, [], boot: true), ReportKind.Boot, context);
        }

        return Task.FromResult(new Wire.Reports.RqdReportRqdStartupResponse());
    }

    /// <inheritdoc/>
    public override Task<Wire.Reports.RqdReportStatusResponse> ReportStatus(Wire.Reports.RqdReportStatusRequest request, ServerCallContext context)
    {
        if (request.HostReport?.Host is { } host)
        {
            Queue(ReportMessages.HostReport(host, request.HostReport.Frames, boot: false), ReportKind.State, context);
        }

        return Task.FromResult(new Wire.Reports.RqdReportStatusResponse());
    }

    /// <inheritdoc/>
    public override async Task<Wire.Reports.RqdReportRunningFrameCompletionResponse> ReportRunningFrameCompletion(
        Wire.Reports.RqdReportRunningFrameCompletionRequest request, ServerCallContext context)
    {
        if (request.FrameCompleteReport is { } message)
        {
            var report = ReportMessages.Completion(message);
            try
            {
                await engine.ExecuteAsync(
                    CommandClass.Completion,
                    new Actor(ActorKind.Host, report.HostName, context.Peer),
                    edit => CompletionReports.Apply(edit, scheduling.Scheduler, report),
                    context.CancellationToken,
                    context.Method);
            }
            catch (EngineUnavailableException e)
            {
                throw new RpcDropConnectionException($"A completion from {report.HostName} can't be taken now, it will be sent again: {e.Message}", e);
            }
            catch (FarmException e)
            {
                // Sent again it would be refused again, for ever.
                LogRefused(report.HostName, e.Message);
            }
        }

        return new Wire.Reports.RqdReportRunningFrameCompletionResponse();
    }

    private void Queue(HostReport report, ReportKind kind, ServerCallContext context)
    {
        try
        {
            var clean = ReportLimits.Clean(report);
            engine.Report(
                new ReportKey(clean.HostName), kind, new Actor(ActorKind.Host, clean.HostName, context.Peer), edit => HostReports.Apply(edit, clean), context.Method);
        }
        catch (FarmException e)
        {
            LogRefused(report.HostName, e.Message);
        }
        catch (EngineUnavailableException e)
        {
            throw new RpcDropConnectionException($"A report from {report.HostName} can't be taken now, it will be sent again: {e.Message}", e);
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "A report from {Host} is ignored: {Reason}")]
    private partial void LogRefused(string host, string reason);
}
