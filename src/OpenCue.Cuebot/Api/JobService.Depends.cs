using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api;

/// <summary>What jobs wait for, and frames that are to wait no longer.</summary>
internal sealed partial class JobService
{
    /// <summary>Frames that one command takes out of DEPEND.</summary>
    private const int WaitingAtOnce = 1000;

    /// <inheritdoc/>
    public override async Task<Wire.JobGetDependsResponse> GetDepends(Wire.JobGetDependsRequest request, ServerCallContext context) =>
        new() { Depends = await access.ReadDependsAsync(request, context, farm => DependLists.OfJob(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetWhatDependsOnThisResponse> GetWhatDependsOnThis(
        Wire.JobGetWhatDependsOnThisRequest request, ServerCallContext context) =>
        new() { Depends = await access.ReadDependsAsync(request, context, farm => DependLists.WaitForJob(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetWhatThisDependsOnResponse> GetWhatThisDependsOn(
        Wire.JobGetWhatThisDependsOnRequest request, ServerCallContext context) =>
        new() { Depends = await access.ReadDependsAsync(request, context, farm => DependLists.JobWaitsOn(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobCreateDependencyOnJobResponse> CreateDependencyOnJob(
        Wire.JobCreateDependencyOnJobRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Job, farm => new DependEnd(Lookup.Job(farm, request.OnJob?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobCreateDependencyOnLayerResponse> CreateDependencyOnLayer(
        Wire.JobCreateDependencyOnLayerRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Job, farm => DependEnd.Of(Lookup.Layer(farm, request.Layer?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobCreateDependencyOnFrameResponse> CreateDependencyOnFrame(
        Wire.JobCreateDependencyOnFrameRequest request, ServerCallContext context) =>
        new() { Depend = await CreateAsync(request, context, request.Job, farm => Lookup.FrameEnd(farm, request.Frame?.Id)) };

    /// <inheritdoc/>
    public override Task<Wire.JobDropDependsResponse> DropDepends(Wire.JobDropDependsRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => DependRules.DropOf(edit, job, (DependTarget)request.Target),
            new Wire.JobDropDependsResponse());

    /// <inheritdoc/>
    public override async Task<Wire.JobMarkAsWaitingResponse> MarkAsWaiting(Wire.JobMarkAsWaitingRequest request, ServerCallContext context)
    {
        var search = FrameSearch.Of(request.Req);
        var now = access.NowMs;
        var found = await access.ReadListAsync<FrameSlice, EntityId>(
            request,
            context,
            farm => FrameSlice.Of(Lookup.Job(farm, request.Job?.Id).Layers.Where(search.LooksAt)),
            (farm, slice, ids) => AddHeld(farm, slice, search, now, ids));
        foreach (var some in found.Chunk(WaitingAtOnce))
        {
            await ActAsync(request, context, request.Job, JobChange.UnlessFinished, (edit, _) => Array.ForEach(some, id => MarkAsWaiting(edit, id)), 0);
        }

        return new();
    }

    private static void AddHeld(FarmModel farm, FrameSlice slice, FrameSearch search, long nowMs, List<EntityId> ids)
    {
        if (!farm.Layers.TryGetValue(slice.Layer, out var layer))
        {
            return;
        }

        for (var i = slice.First; i < slice.End; i++)
        {
            if (layer.Frames[i].State == FrameState.Depend && search.Matches(layer, i, nowMs))
            {
                ids.Add(layer.FrameId(i));
            }
        }
    }

    private static void MarkAsWaiting(FarmEdit edit, EntityId frame)
    {
        if (edit.Farm.TryGetFrame(frame, out var layer, out var ordinal))
        {
            FrameOperations.MarkAsWaiting(edit, layer, ordinal);
        }
    }

    private Task<Wire.Depend> CreateAsync(IMessage request, ServerCallContext context, Wire.Job? of, Func<FarmModel, DependEnd> on) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var job = Lookup.Job(edit.Farm, of?.Id);
            CheckReadonly(edit, job);
            return FrameActions.CreateDepend(edit, new DependEnd(job), on(edit.Farm));
        });
}
