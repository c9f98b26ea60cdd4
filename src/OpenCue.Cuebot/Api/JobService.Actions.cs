using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cuebot.Api;

/// <summary>The life of jobs, and actions on their frames.</summary>
internal sealed partial class JobService
{
    private const int LongestAddress = 256;

    /// <inheritdoc/>
    public override Task<Wire.JobLaunchSpecResponse> LaunchSpec(Wire.JobLaunchSpecRequest request, ServerCallContext context) =>
        launcher.LaunchAsync(request, request.Spec, context, "Failed to add job to launch queue: ", job => job.Row.Name, names =>
            new Wire.JobLaunchSpecResponse { Names = { names } });

    /// <inheritdoc/>
    public override Task<Wire.JobLaunchSpecAndWaitResponse> LaunchSpecAndWait(Wire.JobLaunchSpecAndWaitRequest request, ServerCallContext context) =>
        launcher.LaunchAsync(request, request.Spec, context, "Failed to launch and add job: ", Messages.JobMessages.Of, jobs =>
            new Wire.JobLaunchSpecAndWaitResponse { Jobs = new() { Jobs = { jobs } } });

    /// <inheritdoc/>
    /// <remarks>OpenCue says OK to a kill without a reason and does nothing. Here it kills, unless the site wants a reason.</remarks>
    public override Task<Wire.JobKillResponse> Kill(Wire.JobKillRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            JobRules.Kill(edit, Lookup.Job(edit.Farm, request.Job?.Id), Callers.Describe(edit.Actor, request.HostKill, request.Pid), request.Reason);
            return new Wire.JobKillResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<Wire.JobPauseResponse> Pause(Wire.JobPauseRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Job, JobChange.Always, (edit, job) => JobRules.SetPaused(edit, job, true), new Wire.JobPauseResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobResumeResponse> Resume(Wire.JobResumeRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Job, JobChange.Always, (edit, job) => JobRules.SetPaused(edit, job, false), new Wire.JobResumeResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobShutdownIfCompletedResponse> ShutdownIfCompleted(Wire.JobShutdownIfCompletedRequest request, ServerCallContext context) =>
        ActAsync(
            request, context, request.Job, JobChange.Always, (edit, job) => JobRules.ShutdownIfComplete(edit, job), new Wire.JobShutdownIfCompletedResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobEatFramesResponse> EatFrames(Wire.JobEatFramesRequest request, ServerCallContext context) =>
        FramesAsync(request, context, request.Job, FrameSearch.Of(request.Req), BulkKind.Eat, new Wire.JobEatFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobRetryFramesResponse> RetryFrames(Wire.JobRetryFramesRequest request, ServerCallContext context) =>
        FramesAsync(request, context, request.Job, FrameSearch.Of(request.Req), BulkKind.Retry, new Wire.JobRetryFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobMarkDoneFramesResponse> MarkDoneFrames(Wire.JobMarkDoneFramesRequest request, ServerCallContext context) =>
        FramesAsync(request, context, request.Job, FrameSearch.Of(request.Req), BulkKind.MarkDone, new Wire.JobMarkDoneFramesResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobKillFramesResponse> KillFrames(Wire.JobKillFramesRequest request, ServerCallContext context)
    {
        var search = FrameSearch.OfKill(request.Req);
        return access.ActAsync(
            request,
            context,
            edit =>
            {
                var job = Lookup.Job(edit.Farm, request.Job?.Id);
                CheckReadonly(edit, job);
                var by = Callers.Describe(edit.Actor, request.HostKill, request.Pid);
                FrameActions.Request(edit, BulkKind.Kill, job, search.Select(job, edit.Now.WallMs), request.Reason, by);
                return new Wire.JobKillFramesResponse();
            },
            request.Username);
    }

    /// <inheritdoc/>
    public override Task<Wire.JobReorderFramesResponse> ReorderFrames(Wire.JobReorderFramesRequest request, ServerCallContext context)
    {
        var frames = FrameSet.Parse(request.Range);
        return ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => FrameOrder.Reorder(edit, job, job.Layers, frames, (FrameOrderKind)request.Order, Callers.Describe(edit.Actor)),
            new Wire.JobReorderFramesResponse());
    }

    /// <inheritdoc/>
    public override Task<Wire.JobStaggerFramesResponse> StaggerFrames(Wire.JobStaggerFramesRequest request, ServerCallContext context)
    {
        var frames = FrameSet.Parse(request.Range);
        return ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => FrameOrder.Stagger(edit, job, job.Layers, frames, request.Stagger, Callers.Describe(edit.Actor)),
            new Wire.JobStaggerFramesResponse());
    }

    /// <inheritdoc/>
    public override Task<Wire.JobSetPriorityResponse> SetPriority(Wire.JobSetPriorityRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => JobRules.SetPriority(edit, job, request.Val),
            new Wire.JobSetPriorityResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetMinCoresResponse> SetMinCores(Wire.JobSetMinCoresRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.Always,
            (edit, job) => JobRules.SetMinCores(edit, job, Amounts.WholeCores(request.Val, "val")),
            new Wire.JobSetMinCoresResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetMaxCoresResponse> SetMaxCores(Wire.JobSetMaxCoresRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => JobRules.SetMaxCores(edit, job, Amounts.WholeCores(request.Val, "val")),
            new Wire.JobSetMaxCoresResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetMinGpusResponse> SetMinGpus(Wire.JobSetMinGpusRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.Always,
            (edit, job) => JobRules.SetMinGpus(edit, job, Amounts.Count(request.Val, "val")),
            new Wire.JobSetMinGpusResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetMaxGpusResponse> SetMaxGpus(Wire.JobSetMaxGpusRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.Always,
            (edit, job) => JobRules.SetMaxGpus(edit, job, Amounts.Count(request.Val, "val")),
            new Wire.JobSetMaxGpusResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetMaxRetriesResponse> SetMaxRetries(Wire.JobSetMaxRetriesRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => JobRules.SetMaxRetries(edit, job, request.MaxRetries),
            new Wire.JobSetMaxRetriesResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetAutoEatResponse> SetAutoEat(Wire.JobSetAutoEatRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => JobRules.SetAutoEat(edit, job, request.Value),
            new Wire.JobSetAutoEatResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobSetGroupResponse> SetGroup(Wire.JobSetGroupRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.UnlessFinished,
            (edit, job) => JobRules.SetGroup(edit, job, Lookup.Group(edit.Farm, request.GroupId)),
            new Wire.JobSetGroupResponse());

    /// <inheritdoc/>
    public override Task<Wire.JobAddSubscriberResponse> AddSubscriber(Wire.JobAddSubscriberRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Job,
            JobChange.Always,
            (edit, job) => JobRules.AddSubscriber(edit, job, Address(request.Subscriber)),
            new Wire.JobAddSubscriberResponse());

    private static string Address(string text) => text.Trim().Length is > 0 and <= LongestAddress
        ? text
        : throw FarmException.Invalid($"subscriber has {text.Length} characters; a mail address has 1 to {LongestAddress}.");

    private static void CheckReadonly(FarmEdit edit, Job job) =>
        FrameActions.CheckNotFinished(job, edit.Farm.Settings.FinishedFramesReadonly);

    private Task<TResponse> FramesAsync<TResponse>(
        IMessage request, ServerCallContext context, Wire.Job? of, FrameSearch search, BulkKind kind, TResponse response) =>
        ActAsync(
            request,
            context,
            of,
            JobChange.UnlessFinished,
            (edit, job) => FrameActions.Request(edit, kind, job, search.Select(job, edit.Now.WallMs)),
            response);

    private Task<TResponse> ActAsync<TResponse>(
        IMessage request, ServerCallContext context, Wire.Job? of, JobChange change, Action<FarmEdit, Job> rule, TResponse response) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                var job = Lookup.Job(edit.Farm, of?.Id);
                if (change == JobChange.UnlessFinished)
                {
                    CheckReadonly(edit, job);
                }

                rule(edit, job);
                return response;
            });

    /// <summary>Whether a site can have it refused for finished jobs.</summary>
    private enum JobChange
    {
        Always,
        UnlessFinished,
    }
}
