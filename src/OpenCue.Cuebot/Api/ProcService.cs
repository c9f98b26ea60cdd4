using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Api;

/// <summary><c>host.ProcInterface</c>.</summary>
internal sealed class ProcService(FarmAccess access) : Wire.ProcInterface.ProcInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.ProcGetProcsResponse> GetProcs(Wire.ProcGetProcsRequest request, ServerCallContext context) =>
        new() { Procs = await ProcSearch.Of(request.R).ReadAsync(access, request, context) };

    /// <inheritdoc/>
    public override async Task<Wire.ProcGetFrameResponse> GetFrame(Wire.ProcGetFrameRequest request, ServerCallContext context)
    {
        var now = access.NowMs;
        return new()
        {
            Frame = await access.ReadAsync(request, context, farm =>
            {
                var run = Lookup.Run(farm, request.Proc?.Id);
                return FrameMessages.Of(farm, run.Layer, run.Ordinal, now);
            }),
        };
    }

    /// <inheritdoc/>
    public override async Task<Wire.ProcGetLayerResponse> GetLayer(Wire.ProcGetLayerRequest request, ServerCallContext context) =>
        new() { Layer = await access.ReadAsync(request, context, farm => LayerMessages.Of(Lookup.Proc(farm, request.Proc?.Id).Layer)) };

    /// <inheritdoc/>
    public override async Task<Wire.ProcGetJobResponse> GetJob(Wire.ProcGetJobRequest request, ServerCallContext context) =>
        new() { Job = await access.ReadAsync(request, context, farm => JobMessages.Of(Lookup.Proc(farm, request.Proc?.Id).Job)) };

    /// <inheritdoc/>
    public override async Task<Wire.ProcGetHostResponse> GetHost(Wire.ProcGetHostRequest request, ServerCallContext context) =>
        new() { Host = await access.ReadAsync(request, context, farm => HostMessages.Of(Lookup.Proc(farm, request.Proc?.Id).Host)) };

    /// <inheritdoc/>
    public override Task<Wire.ProcUnbookResponse> Unbook(Wire.ProcUnbookRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var proc = Lookup.Proc(edit.Farm, request.Proc?.Id);
            ProcRules.Unbook(edit, proc);
            if (request.Kill && proc.Run is { } run)
            {
                FrameOperations.Kill(edit, run.Layer, run.Ordinal, Callers.Describe(edit.Actor), "unbooked");
            }

            return new Wire.ProcUnbookResponse();
        });

    /// <inheritdoc/>
    public override Task<Wire.ProcKillResponse> Kill(Wire.ProcKillRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var run = Lookup.Run(edit.Farm, request.Proc?.Id);
            FrameOperations.Kill(edit, run.Layer, run.Ordinal, Callers.Describe(edit.Actor), "proc killed");
            return new Wire.ProcKillResponse();
        });
}
