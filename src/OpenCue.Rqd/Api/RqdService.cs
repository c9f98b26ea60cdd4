using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Reports;

namespace OpenCue.Rqd.Api;

/// <summary>What cuebot asks of an agent. Methods that are not here answer UNIMPLEMENTED.</summary>
/// <remarks>
/// A launch that is refused was surely not started, with one exception: ALREADY_EXISTS says that this frame runs, or that this very run was
/// started before. NOT_FOUND, of a kill or a question, says that the run was never started, and never will be if it was named by its id; or
/// that it has ended, and its completion is or was sent. The trailer <c>opencue-run-state</c> says which.
/// </remarks>
internal sealed class RqdService(FrameKeeper keeper, RunTable table, CompletionQueue completions, AgentIds ids) : RqdInterface.RqdInterfaceBase
{
    public const string RunStateTrailer = "opencue-run-state";

    /// <summary>Which journal says so: one that was begun after the run knows nothing of it.</summary>
    public const string JournalTrailer = "opencue-instance-id";

    public override async Task<RqdStaticLaunchFrameResponse> LaunchFrame(RqdStaticLaunchFrameRequest request, ServerCallContext context)
    {
        if (request.RunFrame is not { } frame)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "run_frame is missing."));
        }

        var refusal = await keeper.LaunchAsync(OrderReader.Read(frame, context.RequestHeaders));
        return refusal is null
            ? new RqdStaticLaunchFrameResponse()
            : throw new RpcException(new Status(StatusOf(refusal.Kind), refusal.Message));
    }

    public override async Task<RqdStaticKillRunningFrameResponse> KillRunningFrame(
        RqdStaticKillRunningFrameRequest request, ServerCallContext context)
    {
        var runId = RunId(context);
        var reason = request.Message.Length > 0 ? request.Message : "Cuebot gave no reason.";
        var result = await OrUnavailable(keeper.KillAsync(request.FrameId, runId, new KillOrder(reason)));
        return result == KillResult.Ordered
            ? new RqdStaticKillRunningFrameResponse()
            : throw NotFound(request.FrameId, runId, result, context);
    }

    public override async Task<RqdStaticGetRunningFrameStatusResponse> GetRunningFrameStatus(
        RqdStaticGetRunningFrameStatusRequest request, ServerCallContext context)
    {
        var runId = RunId(context);
        var (result, run) = await OrUnavailable(keeper.FindAsync(request.FrameId, runId));
        return run is not null
            ? new RqdStaticGetRunningFrameStatusResponse { RunningFrameInfo = ReportBuilder.Running(run) }
            : throw NotFound(request.FrameId, runId, result, context);
    }

    private static string? RunId(ServerCallContext context)
    {
        var runId = OrderReader.RunId(context.RequestHeaders);
        return runId is null || Guid.TryParseExact(runId, "D", out _)
            ? runId
            : throw new RpcException(new Status(StatusCode.InvalidArgument, $"The metadata {OrderReader.RunIdKey} is '{runId}', which is no UUID."));
    }

    private static StatusCode StatusOf(LaunchRefusalKind kind) => kind switch
    {
        LaunchRefusalKind.Invalid => StatusCode.InvalidArgument,
        LaunchRefusalKind.AlreadyStarted => StatusCode.AlreadyExists,
        LaunchRefusalKind.KilledBefore or LaunchRefusalKind.Stopping => StatusCode.FailedPrecondition,
        LaunchRefusalKind.NoRoom => StatusCode.Aborted,
        LaunchRefusalKind.NotDurable => StatusCode.ResourceExhausted,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a refusal."),
    };

    private RpcException NotFound(string frameId, string? runId, KillResult result, ServerCallContext context)
    {
        var (state, message) = result switch
        {
            KillResult.Over => ("ended", $"Run {runId} of frame {frameId} has ended; its completion is or was sent."),
            KillResult.OtherRun => ("other-run",
                $"Run {runId} of frame {frameId} was never started; run {table.FindLive(frameId)?.Record.ResourceId} of it is running."),
            KillResult.NotRunning => ("not-running", $"Frame {frameId} is not running."),
            _ => ("never-started", $"Run {runId} of frame {frameId} was never started, and its launch will be refused."),
        };
        // Who asks waits for the completion.
        completions.RetryNow();
        context.ResponseTrailers.Add(RunStateTrailer, state);
        context.ResponseTrailers.Add(JournalTrailer, ids.InstanceId);
        return new RpcException(new Status(StatusCode.NotFound, message));
    }

    /// <summary>What could not be stored must not be answered as if it was.</summary>
    private static async Task<T> OrUnavailable<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (JournalException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, error.Message));
        }
    }
}
