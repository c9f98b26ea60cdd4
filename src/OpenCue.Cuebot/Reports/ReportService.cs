using Grpc.Core;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Server;

namespace OpenCue.Cuebot.Reports;

/// <summary>What agents report. OpenCue's agents decide how they must be answered: some end themselves on an error, some repeat for ever.</summary>
/// <remarks>
/// <para>
/// A status or boot report is answered when it is queued, never with an error; one that can't be used is answered too, and logged. While status reports come
/// faster than the server can bear, their answers wait a little (<see cref="ReportPace"/>).
/// </para>
/// <para>
/// A completion is answered when it is durable, however long that takes: the store may be away, the farm may be loading. One that changes nothing (it
/// came twice, late, or from a host that does not have the run) is answered as well: sending it again would change nothing.
/// </para>
/// <para>A server that stops or does not have the farm cuts the connection, which all agents take for "send it again".</para>
/// </remarks>
internal sealed class ReportService(FarmEngine engine, SchedulerStep scheduler, RefusalLog refusals, ReportInstruments instruments, ReportPace pace)
    : RqdReportInterface.RqdReportInterfaceBase
{
    /// <inheritdoc/>
    public override Task<RqdReportRqdStartupResponse> ReportRqdStartup(RqdReportRqdStartupRequest request, ServerCallContext context)
    {
        Queue(ReportReader.Read(request.BootReport ?? new BootReport()), ReportKind.Boot, context);
        return Task.FromResult(new RqdReportRqdStartupResponse());
    }

    /// <inheritdoc/>
    public override async Task<RqdReportStatusResponse> ReportStatus(RqdReportStatusRequest request, ServerCallContext context)
    {
        var report = ReportReader.Read(request.HostReport ?? new Wire.Reports.HostReport(), out var strange);
        if (strange > 0)
        {
            instruments.Unusable.Add(1);
            refusals.Note(
                report.HostName, context.Peer, $"{report.HostName} reports {strange} running frames with ids that no server of ours gives; they are left alone.");
        }

        Queue(report, ReportKind.State, context);
        // Who gave up has been heard all the same.
        await pace.WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new RqdReportStatusResponse();
    }

    /// <inheritdoc/>
    public override async Task<RqdReportRunningFrameCompletionResponse> ReportRunningFrameCompletion(
        RqdReportRunningFrameCompletionRequest request, ServerCallContext context)
    {
        var answer = new RqdReportRunningFrameCompletionResponse();
        if (Clean(request.FrameCompleteReport, context) is not { } report)
        {
            return answer;
        }

        try
        {
            var verdict = await engine.ExecuteAsync(
                CommandClass.Completion,
                ActorOf(report.HostName, context),
                edit => CompletionReports.Apply(edit, scheduler.Scheduler, report),
                context.CancellationToken);
            instruments.Completed(verdict);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw new RpcDropConnectionException(unavailable.Message, unavailable);
        }

        return answer;
    }

    private void Queue(OpenCue.Farm.Hosts.HostReport report, ReportKind kind, ServerCallContext context)
    {
        try
        {
            report = ReportLimits.Clean(report);
            var (name, peer) = (report.HostName, context.Peer);
            engine.Report(
                new ReportKey(name),
                kind,
                ActorOf(name, context),
                edit =>
                {
                    try
                    {
                        HostReports.Apply(edit, report);
                    }
                    catch (FarmException refusal)
                    {
                        // Nobody waits for the outcome of a report: this is the only place where its refusal can be told.
                        refusals.Note(name, peer, refusal.Message);
                        throw;
                    }
                });
            instruments.Reports.Add(1);
        }
        catch (FarmException refusal)
        {
            instruments.Unusable.Add(1);
            refusals.Note(report.HostName, context.Peer, refusal.Message);
        }
        catch (EngineUnavailableException unavailable) when (unavailable.State == EngineState.Standby)
        {
            throw new RpcHttpUnavailableException(unavailable.Message, unavailable);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw new RpcDropConnectionException(unavailable.Message, unavailable);
        }
    }

    private CompletionReport? Clean(FrameCompleteReport? request, ServerCallContext context)
    {
        if (request is null || ReportReader.Read(request) is not { } report)
        {
            instruments.Unusable.Add(1);
            refusals.Note(
                request?.Host?.Name ?? "",
                context.Peer,
                $"A completion of run '{request?.Frame?.ResourceId}' of frame '{request?.Frame?.FrameId}': no server of ours gives such ids.");
            return null;
        }

        try
        {
            return ReportLimits.Clean(report);
        }
        catch (FarmException refusal)
        {
            instruments.Unusable.Add(1);
            refusals.Note(report.HostName, context.Peer, refusal.Message);
            return null;
        }
    }

    private static Actor ActorOf(string host, ServerCallContext context) => new(ActorKind.Host, host, context.Peer);
}
