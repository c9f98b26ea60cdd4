using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api;

/// <summary>What a layer's frames need, and when they may run.</summary>
internal sealed partial class LayerService
{
    /// <inheritdoc/>
    public override Task<Wire.LayerSetTagsResponse> SetTags(Wire.LayerSetTagsRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Layer, (edit, layer) => LayerRules.SetTags(edit, layer, request.Tags), new Wire.LayerSetTagsResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMinCoresResponse> SetMinCores(Wire.LayerSetMinCoresRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetMinCores(edit, layer, Amounts.Cores(Math.Max(0, request.Cores), "cores")),
            new Wire.LayerSetMinCoresResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMaxCoresResponse> SetMaxCores(Wire.LayerSetMaxCoresRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetMaxCores(edit, layer, Amounts.WholeCores(request.Cores, "cores")),
            new Wire.LayerSetMaxCoresResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetThreadableResponse> SetThreadable(Wire.LayerSetThreadableRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetThreadable(edit, layer, request.Threadable),
            new Wire.LayerSetThreadableResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMinMemoryResponse> SetMinMemory(Wire.LayerSetMinMemoryRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetMinMemory(edit, layer, Amounts.MemoryKib(request.Memory, "memory")),
            new Wire.LayerSetMinMemoryResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerEnableMemoryOptimizerResponse> EnableMemoryOptimizer(
        Wire.LayerEnableMemoryOptimizerRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetOptimizeMemory(edit, layer, request.Value),
            new Wire.LayerEnableMemoryOptimizerResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMinGpusResponse> SetMinGpus(Wire.LayerSetMinGpusRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Layer, (edit, layer) => LayerRules.SetMinGpus(edit, layer, request.MinGpus), new Wire.LayerSetMinGpusResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMaxGpusResponse> SetMaxGpus(Wire.LayerSetMaxGpusRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Layer, (edit, layer) => LayerRules.SetMaxGpus(edit, layer, request.MaxGpus), new Wire.LayerSetMaxGpusResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetMinGpuMemoryResponse> SetMinGpuMemory(Wire.LayerSetMinGpuMemoryRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetMinGpuMemory(edit, layer, Amounts.MemoryKib(request.GpuMemory, "gpu_memory")),
            new Wire.LayerSetMinGpuMemoryResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetDispatchOrderResponse> SetDispatchOrder(Wire.LayerSetDispatchOrderRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetDispatchOrder(edit, layer, request.Order),
            new Wire.LayerSetDispatchOrderResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetTimeoutResponse> SetTimeout(Wire.LayerSetTimeoutRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Layer, (edit, layer) => LayerRules.SetTimeout(edit, layer, request.Timeout), new Wire.LayerSetTimeoutResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetTimeoutLLUResponse> SetTimeoutLLU(Wire.LayerSetTimeoutLLURequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.SetLogTimeout(edit, layer, request.TimeoutLlu),
            new Wire.LayerSetTimeoutLLUResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerSetStartAfterResponse> SetStartAfter(Wire.LayerSetStartAfterRequest request, ServerCallContext context) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                // As in OpenCue the time is checked before the layer is looked for.
                LayerRules.CheckStartAfter(edit.Now, request.StartAfter);
                var layer = Lookup.Layer(edit.Farm, request.Layer?.Id);
                CheckReadonly(edit, layer);
                LayerRules.SetStartAfter(edit, layer, request.StartAfter, request.Username);
                return new Wire.LayerSetStartAfterResponse();
            },
            request.Username);

    /// <inheritdoc/>
    public override Task<Wire.LayerAddLimitResponse> AddLimit(Wire.LayerAddLimitRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.AddLimit(edit, layer, Lookup.Limit(edit.Farm, request.LimitId)),
            new Wire.LayerAddLimitResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerDropLimitResponse> DropLimit(Wire.LayerDropLimitRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.DropLimit(edit, layer, Lookup.Id("Limit", request.LimitId)),
            new Wire.LayerDropLimitResponse());

    /// <inheritdoc/>
    public override Task<Wire.LayerRegisterOutputPathResponse> RegisterOutputPath(Wire.LayerRegisterOutputPathRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Layer,
            (edit, layer) => LayerRules.AddOutput(edit, layer, request.Spec),
            new Wire.LayerRegisterOutputPathResponse());
}
