using Grpc.Core;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;
using OpenCue.Farm.Shows;
using OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary><c>opencue.v1.ExplainInterface</c>: why work waits and hosts are idle.</summary>
internal sealed class ExplainService(Explainer explainer) : ExplainInterface.ExplainInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<ExplainFrameResponse> ExplainFrame(ExplainFrameRequest request, ServerCallContext context) => ExplainMessages.Of(
        await explainer.ExplainAsync(
            request, context, view => new FrameExplanation(farm => Lookup.Frame(farm, request.FrameId)) { Context = view }));

    /// <inheritdoc/>
    public override async Task<ExplainLayerResponse> ExplainLayer(ExplainLayerRequest request, ServerCallContext context) => ExplainMessages.Of(
        await explainer.ExplainAsync(
            request, context, view => new LayerExplanation(farm => Lookup.Layer(farm, request.LayerId)) { Context = view }));

    /// <inheritdoc/>
    public override async Task<ExplainJobResponse> ExplainJob(ExplainJobRequest request, ServerCallContext context) => ExplainMessages.Of(
        await explainer.ExplainAsync(request, context, view => new JobExplanation(farm => FindJob(farm, request.Job)) { Context = view }));

    /// <inheritdoc/>
    public override async Task<ExplainShowResponse> ExplainShow(ExplainShowRequest request, ServerCallContext context) => ExplainMessages.Of(
        await explainer.ExplainAsync(request, context, view => new ShowExplanation(farm => FindShow(farm, request.Show)) { Context = view }));

    /// <inheritdoc/>
    public override async Task<ExplainHostResponse> ExplainHost(ExplainHostRequest request, ServerCallContext context) => ExplainMessages.Of(
        await explainer.ExplainAsync(request, context, view => new HostExplanation(farm => FindHost(farm, request.Host)) { Context = view }));

    private static Job FindJob(FarmModel farm, string idOrName) =>
        EntityId.TryParse(idOrName, out _) ? Lookup.Job(farm, idOrName) : Lookup.PendingJob(farm, idOrName);

    private static Show FindShow(FarmModel farm, string idOrName) =>
        (EntityId.TryParse(idOrName, out var id) ? farm.Shows.Find(id) : farm.FindShow(idOrName)) ?? throw Lookup.Missing("Show", "id or name", idOrName);

    private static Host FindHost(FarmModel farm, string idOrName) =>
        (EntityId.TryParse(idOrName, out var id) ? farm.Hosts.Find(id) : farm.Hosts.Find(idOrName)) ?? throw Lookup.Missing("Host", "id or name", idOrName);
}
