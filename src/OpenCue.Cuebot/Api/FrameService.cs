using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api;

/// <summary><c>job.FrameInterface</c>.</summary>
internal sealed class FrameService(FarmAccess access) : Wire.FrameInterface.FrameInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.FrameFindFrameResponse> FindFrame(Wire.FrameFindFrameRequest request, ServerCallContext context)
    {
        var now = access.NowMs;
        return new()
        {
            Frame = await access.ReadAsync(request, context, farm =>
            {
                var layer = Lookup.Layer(Lookup.PendingJob(farm, request.Job), request.Layer);
                var ordinal = layer.Chunks.IndexOfChunkStartingWith(request.Frame);
                return ordinal >= 0
                    ? FrameMessages.Of(farm, layer, ordinal, now)
                    : throw Lookup.Missing("Frame", "number", request.Frame.ToString(CultureInfo.InvariantCulture), $"in layer {request.Layer}");
            }),
        };
    }

    /// <inheritdoc/>
    public override async Task<Wire.FrameGetFrameResponse> GetFrame(Wire.FrameGetFrameRequest request, ServerCallContext context)
    {
        var now = access.NowMs;
        return new()
        {
            Frame = await access.ReadAsync(request, context, farm =>
            {
                var (layer, ordinal) = Lookup.Frame(farm, request.Id);
                return FrameMessages.Of(farm, layer, ordinal, now);
            }),
        };
    }

    /// <inheritdoc/>
    public override async Task<Wire.FrameGetFramesResponse> GetFrames(Wire.FrameGetFramesRequest request, ServerCallContext context) =>
        new() { Frames = await new FramePage(access, request, context).ReadAsync(request.R, farm => Lookup.PendingJob(farm, request.Job).Layers) };

    /// <inheritdoc/>
    public override Task<Wire.FrameEatResponse> Eat(Wire.FrameEatRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => FrameOperations.Eat(edit, layer, ordinal, Callers.Describe(edit.Actor), ""),
            new Wire.FrameEatResponse());

    /// <inheritdoc/>
    public override Task<Wire.FrameRetryResponse> Retry(Wire.FrameRetryRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => FrameOperations.Retry(edit, layer, ordinal, Callers.Describe(edit.Actor), ""),
            new Wire.FrameRetryResponse());

    /// <inheritdoc/>
    public override Task<Wire.FrameKillResponse> Kill(Wire.FrameKillRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var (layer, ordinal) = Lookup.Frame(edit.Farm, request.Frame?.Id);
            FrameOperations.Kill(edit, layer, ordinal, Callers.Describe(edit.Actor, request.HostKill, request.Pid), request.Reason);
            return new Wire.FrameKillResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<Wire.FrameMarkAsWaitingResponse> MarkAsWaiting(Wire.FrameMarkAsWaitingRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => FrameOperations.MarkAsWaiting(edit, layer, ordinal),
            new Wire.FrameMarkAsWaitingResponse());

    /// <inheritdoc/>
    public override Task<Wire.FrameMarkAsDependResponse> MarkAsDepend(Wire.FrameMarkAsDependRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => FrameOperations.MarkAsDepend(edit, layer, ordinal),
            new Wire.FrameMarkAsDependResponse());

    /// <inheritdoc/>
    /// <remarks>As in OpenCue a change that does not fit the present state is no error: frames tell their checkpoints in no order.</remarks>
    public override Task<Wire.FrameSetCheckpointStateResponse> SetCheckpointState(Wire.FrameSetCheckpointStateRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => Checkpoints.Set(edit, layer, ordinal, (CheckpointState)request.State),
            new Wire.FrameSetCheckpointStateResponse());

    /// <inheritdoc/>
    public override async Task<Wire.FrameGetWhatDependsOnThisResponse> GetWhatDependsOnThis(
        Wire.FrameGetWhatDependsOnThisRequest request, ServerCallContext context) => new()
        {
            Depends = await access.ReadDependsAsync(request, context, farm =>
            {
                var (layer, ordinal) = Lookup.Frame(farm, request.Frame?.Id);
                return DependLists.WaitForFrame(layer, ordinal);
            }),
        };

    /// <inheritdoc/>
    public override async Task<Wire.FrameGetWhatThisDependsOnResponse> GetWhatThisDependsOn(
        Wire.FrameGetWhatThisDependsOnRequest request, ServerCallContext context) => new()
        {
            Depends = await access.ReadDependsAsync(request, context, farm =>
            {
                var (layer, ordinal) = Lookup.Frame(farm, request.Frame?.Id);
                return DependLists.FrameWaitsOn(layer, ordinal);
            }),
        };

    /// <inheritdoc/>
    public override async Task<Wire.FrameCreateDependencyOnJobResponse> CreateDependencyOnJob(
        Wire.FrameCreateDependencyOnJobRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Frame, farm => new DependEnd(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.FrameCreateDependencyOnLayerResponse> CreateDependencyOnLayer(
        Wire.FrameCreateDependencyOnLayerRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Frame, farm => DependEnd.Of(Lookup.Layer(farm, request.Layer?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.FrameCreateDependencyOnFrameResponse> CreateDependencyOnFrame(
        Wire.FrameCreateDependencyOnFrameRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Frame, farm => Lookup.FrameEnd(farm, request.DependOnFrame?.Id)) };

    /// <inheritdoc/>
    public override Task<Wire.FrameDropDependsResponse> DropDepends(Wire.FrameDropDependsRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Frame,
            (edit, layer, ordinal) => DependRules.DropOf(edit, layer, ordinal, (DependTarget)request.Target),
            new Wire.FrameDropDependsResponse());

    private Task<TResponse> ActAsync<TResponse>(
        IMessage request, ServerCallContext context, Wire.Frame? of, Action<FarmEdit, Layer, int> rule, TResponse response) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                var (layer, ordinal) = Lookup.Frame(edit.Farm, of?.Id);
                rule(edit, layer, ordinal);
                return response;
            });

    private Task<Wire.Depend> CreateAsync(IMessage request, ServerCallContext context, Wire.Frame? of, Func<FarmModel, DependEnd> on) =>
        access.ActAsync(
            request, context, edit => FrameActions.CreateDepend(edit, Lookup.FrameEnd(edit.Farm, of?.Id), on(edit.Farm)));
}
