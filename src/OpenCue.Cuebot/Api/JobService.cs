using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api;

/// <summary><c>job.JobInterface</c>: finding jobs, and what is in them.</summary>
internal sealed partial class JobService(FarmAccess access, JobLauncher launcher) : Wire.JobInterface.JobInterfaceBase
{
    /// <summary>How old the last look of a client that follows a job may be, seconds.</summary>
    private const int OldestLook = 60;

    /// <inheritdoc/>
    public override async Task<Wire.JobFindJobResponse> FindJob(Wire.JobFindJobRequest request, ServerCallContext context) =>
        new() { Job = await access.ReadAsync(request, context, farm => JobMessages.Of(Lookup.PendingJob(farm, request.Name.ToLowerInvariant()))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetJobResponse> GetJob(Wire.JobGetJobRequest request, ServerCallContext context) =>
        new() { Job = await access.ReadAsync(request, context, farm => JobMessages.Of(Lookup.Job(farm, request.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetCurrentResponse> GetCurrent(Wire.JobGetCurrentRequest request, ServerCallContext context) =>
        new() { Job = await access.ReadAsync(request, context, farm => JobMessages.Of(Lookup.Job(farm, request.Job?.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetJobsResponse> GetJobs(Wire.JobGetJobsRequest request, ServerCallContext context) =>
        new() { Jobs = await JobSearch.Of(request.R).ReadAsync(access, request, context) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetJobNamesResponse> GetJobNames(Wire.JobGetJobNamesRequest request, ServerCallContext context) =>
        new() { Names = { await JobSearch.Of(request.R).ReadNamesAsync(access, request, context) } };

    /// <inheritdoc/>
    public override async Task<Wire.JobIsJobPendingResponse> IsJobPending(Wire.JobIsJobPendingRequest request, ServerCallContext context) => new()
    {
        Value = await access.ReadAsync(request, context, farm => farm.Jobs.FindByName(request.Name) is { Row.State: JobState.Pending }),
    };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetLayersResponse> GetLayers(Wire.JobGetLayersRequest request, ServerCallContext context)
    {
        var layers = await access.ReadListAsync<EntityId, Wire.Layer>(
            request,
            context,
            farm => [.. Lookup.Job(farm, request.Job?.Id).Layers.OrderBy(layer => layer.Row.DispatchOrder).Select(layer => layer.Id)],
            (farm, id, found) =>
            {
                if (farm.Layers.TryGetValue(id, out var layer))
                {
                    found.Add(LayerMessages.Of(layer));
                }
            });
        return new() { Layers = new() { Layers = { layers } } };
    }

    /// <inheritdoc/>
    public override async Task<Wire.JobGetFramesResponse> GetFrames(Wire.JobGetFramesRequest request, ServerCallContext context) =>
        new() { Frames = await new FramePage(access, request, context).ReadAsync(request.Req, farm => Lookup.Job(farm, request.Job?.Id).Layers) };

    /// <inheritdoc/>
    public override async Task<Wire.JobGetUpdatedFramesResponse> GetUpdatedFrames(Wire.JobGetUpdatedFramesRequest request, ServerCallContext context)
    {
        // What changes while this is put together comes again with the next look.
        var nowSeconds = access.NowMs / 1000;
        var age = nowSeconds - request.LastCheck;
        if (age > OldestLook)
        {
            throw FarmException.Invalid(
                $"timestamp cannot be over a minute off: last_check is {age} s ago. Read all frames, then go on with the server_time of this call.");
        }

        var filter = request.LayerFilter is { Layers.Count: > 0 } wanted ? wanted.Layers.Select(layer => layer.Id).ToHashSet(StringComparer.Ordinal) : null;
        var state = await access.ReadAsync(request, context, farm => Lookup.Job(farm, request.Job?.Id).Row.State);
        var frames = await access.ReadListAsync<FrameSlice, Wire.UpdatedFrame>(
            request,
            context,
            farm => FrameSlice.Of(Lookup.Job(farm, request.Job?.Id).Layers.Where(layer => filter is null || filter.Contains(layer.Id.ToString()))),
            (farm, slice, found) => AddUpdated(farm, slice, request.LastCheck * 1000L, found));
        return new()
        {
            State = (Wire.JobState)state,
            ServerTime = WireUnits.Clamp(nowSeconds - 1),
            UpdatedFrames = new() { UpdatedFrames = { frames } },
        };
    }

    private static void AddUpdated(FarmModel farm, FrameSlice slice, long afterMs, List<Wire.UpdatedFrame> found)
    {
        if (!farm.Layers.TryGetValue(slice.Layer, out var layer))
        {
            return;
        }

        for (var i = slice.First; i < slice.End; i++)
        {
            if (FrameUsage.Of(layer, i).ChangedAtMs > afterMs)
            {
                found.Add(FrameMessages.UpdateOf(farm, layer, i));
            }
        }
    }
}
