using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cuebot.Api;

/// <summary><c>job.LayerInterface</c>: finding layers, actions on their frames, depends.</summary>
internal sealed partial class LayerService(FarmAccess access) : Wire.LayerInterface.LayerInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.LayerFindLayerResponse> FindLayer(Wire.LayerFindLayerRequest request, ServerCallContext context) => new()
    {
        Layer = await access.ReadAsync(request, context, farm => LayerMessages.Of(Lookup.Layer(Lookup.PendingJob(farm, request.Job), request.Layer))),
    };

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetLayerResponse> GetLayer(Wire.LayerGetLayerRequest request, ServerCallContext context) =>
        new() { Layer = await access.ReadAsync(request, context, farm => LayerMessages.Of(Lookup.Layer(farm, request.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetFramesResponse> GetFrames(Wire.LayerGetFramesRequest request, ServerCallContext context) =>
        new() { Frames = await new FramePage(access, request, context).ReadAsync(request.S, farm => [Lookup.Layer(farm, request.Layer?.Id)]) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetLimitsResponse> GetLimits(Wire.LayerGetLimitsRequest request, ServerCallContext context) => new()
    {
        Limits = { await access.ReadAsync(request, context, farm => Lookup.Layer(farm, request.Layer?.Id).Limits.ConvertAll(LimitMessages.Of)) },
    };

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetOutputPathsResponse> GetOutputPaths(Wire.LayerGetOutputPathsRequest request, ServerCallContext context) =>
        new() { OutputPaths = { await access.ReadAsync(request, context, farm => Lookup.Layer(farm, request.Layer?.Id).Row.Outputs) } };

    /// <inheritdoc/>
    public override Task<Wire.LayerEatFramesResponse> EatFrames(Wire.LayerEatFramesRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => FrameActions.Request(edit, BulkKind.Eat, layer.Job, [FrameSpans.All(layer)]),
            new Wire.LayerEatFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerRetryFramesResponse> RetryFrames(Wire.LayerRetryFramesRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => FrameActions.Request(edit, BulkKind.Retry, layer.Job, [FrameSpans.All(layer)]),
            new Wire.LayerRetryFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerMarkdoneFramesResponse> MarkdoneFrames(Wire.LayerMarkdoneFramesRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Layer, DependRules.SatisfyLayer, new Wire.LayerMarkdoneFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerKillFramesResponse> KillFrames(Wire.LayerKillFramesRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var layer = Lookup.Layer(edit.Farm, request.Layer?.Id);
            var by = Callers.Describe(edit.Actor, request.HostKill, request.Pid);
            FrameActions.Request(edit, BulkKind.Kill, layer.Job, [FrameSpans.All(layer)], request.Reason, by);
            return new Wire.LayerKillFramesResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<Wire.LayerReorderFramesResponse> ReorderFrames(Wire.LayerReorderFramesRequest request, ServerCallContext context)
    {
        var frames = FrameSet.Parse(request.Range);
        return ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => FrameOrder.Reorder(edit, layer.Job, [layer], frames, (FrameOrderKind)request.Order, Callers.Describe(edit.Actor)),
            new Wire.LayerReorderFramesResponse());
    }

    /// <inheritdoc/>
    /// <remarks>OpenCue staggers all layers of the job.</remarks>
    public override Task<Wire.LayerStaggerFramesResponse> StaggerFrames(Wire.LayerStaggerFramesRequest request, ServerCallContext context)
    {
        var frames = FrameSet.Parse(request.Range);
        return ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => FrameOrder.Stagger(edit, layer.Job, [layer], frames, request.Stagger, Callers.Describe(edit.Actor)),
            new Wire.LayerStaggerFramesResponse());
    }

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetWhatDependsOnThisResponse> GetWhatDependsOnThis(
        Wire.LayerGetWhatDependsOnThisRequest request, ServerCallContext context) =>
        new() { Depends = await access.ReadDependsAsync(request, context, farm => DependLists.WaitForLayer(Lookup.Layer(farm, request.Layer?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerGetWhatThisDependsOnResponse> GetWhatThisDependsOn(
        Wire.LayerGetWhatThisDependsOnRequest request, ServerCallContext context) =>
        new() { Depends = await access.ReadDependsAsync(request, context, farm => DependLists.LayerWaitsOn(Lookup.Layer(farm, request.Layer?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerCreateDependOnJobResponse> CreateDependencyOnJob(
        Wire.LayerCreateDependOnJobRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Layer, farm => new DependEnd(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerCreateDependOnLayerResponse> CreateDependencyOnLayer(
        Wire.LayerCreateDependOnLayerRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Layer, farm => DependEnd.Of(Lookup.Layer(farm, request.DependOnLayer?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerCreateDependOnFrameResponse> CreateDependencyOnFrame(
        Wire.LayerCreateDependOnFrameRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Layer, farm => Lookup.FrameEnd(farm, request.Frame?.Id)) };

    /// <inheritdoc/>
    public override async Task<Wire.LayerCreateFrameByFrameDependResponse> CreateFrameByFrameDependency(
        Wire.LayerCreateFrameByFrameDependRequest request, ServerCallContext context) => new()
        {
            Depend = await CreateAsync(
                request, context, request.Layer, farm => DependEnd.Of(Lookup.Layer(farm, request.DependLayer?.Id)), DependType.FrameByFrame),
        };

    /// <inheritdoc/>
    public override Task<Wire.LayerDropDependsResponse> DropDepends(Wire.LayerDropDependsRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => DependRules.DropOf(edit, layer, (DependTarget)request.Target),
            new Wire.LayerDropDependsResponse());

    private static void CheckReadonly(FarmEdit edit, Layer layer) =>
        FrameActions.CheckNotFinished(layer.Job, edit.Farm.Settings.FinishedLayersReadonly);

    private Task<TResponse> ActAsync<TResponse>(
        IMessage request, ServerCallContext context, Wire.Layer? of, Action<FarmEdit, Layer> rule, TResponse response) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                var layer = Lookup.Layer(edit.Farm, of?.Id);
                CheckReadonly(edit, layer);
                rule(edit, layer);
                return response;
            });

    private Task<Wire.Depend> CreateAsync(
        IMessage request, ServerCallContext context, Wire.Layer? of, Func<FarmModel, DependEnd> on, DependType? type = null) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                var layer = Lookup.Layer(edit.Farm, of?.Id);
                CheckReadonly(edit, layer);
                return FrameActions.CreateDepend(edit, DependEnd.Of(layer), on(edit.Farm), type);
            });
}
