using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenCue.Protocol.V1;
using OpenCue.Rpc.Server;

namespace OpenCue.Cli.Tests;

/// <summary>A server on a free port that answers from lists which a test fills, and keeps what it was asked to do.</summary>
internal sealed class FakeCuebot : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeCuebot(WebApplication app, FakeFarm farm, int port)
    {
        _app = app;
        Farm = farm;
        Port = port;
    }

    public FakeFarm Farm { get; }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="farm">What it answers from.</param>
    /// <param name="withAdmin">Whether it has the services that OpenCue's own server lacks.</param>
    public static async Task<FakeCuebot> StartAsync(int port = 0, FakeFarm? farm = null, bool withAdmin = true)
    {
        farm ??= new FakeFarm();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRpc(options => options.ShutdownGrace = TimeSpan.FromSeconds(1));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenRpc(null, port));
        var app = builder.Build();
        app.MapRpcService(new FakeJobs(farm));
        app.MapRpcService(new FakeFrames(farm));
        app.MapRpcService(new FakeHosts(farm));
        app.MapRpcService(new FakeShows(farm));
        if (withAdmin)
        {
            app.MapRpcService(new FakeAdmin(farm));
            app.MapRpcService(new FakeExplain(farm));
            app.MapRpcService(new FakeLimits(farm));
            app.MapRpcService(new FakeScheduling(farm));
        }

        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new FakeCuebot(app, farm, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class FakeExplain(FakeFarm farm) : ExplainInterface.ExplainInterfaceBase
    {
        public override Task<ExplainFrameResponse> ExplainFrame(ExplainFrameRequest request, ServerCallContext context) => Answer<ExplainFrameResponse>(request);

        public override Task<ExplainLayerResponse> ExplainLayer(ExplainLayerRequest request, ServerCallContext context) => Answer<ExplainLayerResponse>(request);

        public override Task<ExplainJobResponse> ExplainJob(ExplainJobRequest request, ServerCallContext context) => Answer<ExplainJobResponse>(request);

        public override Task<ExplainShowResponse> ExplainShow(ExplainShowRequest request, ServerCallContext context) => Answer<ExplainShowResponse>(request);

        public override Task<ExplainHostResponse> ExplainHost(ExplainHostRequest request, ServerCallContext context) => Answer<ExplainHostResponse>(request);

        private Task<T> Answer<T>(IMessage request)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(farm.Explanations.OfType<T>().First());
        }
    }

    private sealed class FakeJobs(FakeFarm farm) : Wire.JobInterface.JobInterfaceBase
    {
        public override Task<Wire.JobGetJobResponse> GetJob(Wire.JobGetJobRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.JobGetJobResponse { Job = farm.Job(request.Id) });

        public override Task<Wire.JobGetJobsResponse> GetJobs(Wire.JobGetJobsRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new Wire.JobGetJobsResponse { Jobs = new Wire.JobSeq { Jobs = { farm.Search(request.R) } } });
        }

        public override Task<Wire.JobGetLayersResponse> GetLayers(Wire.JobGetLayersRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.JobGetLayersResponse { Layers = new Wire.LayerSeq { Layers = { farm.LayersOf(request.Job.Id) } } });

        public override Task<Wire.JobGetFramesResponse> GetFrames(Wire.JobGetFramesRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.JobGetFramesResponse { Frames = new Wire.FrameSeq { Frames = { farm.Search(request.Job.Id, request.Req) } } });

        public override Task<Wire.JobLaunchSpecAndWaitResponse> LaunchSpecAndWait(Wire.JobLaunchSpecAndWaitRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            farm.Callers.Enqueue(context.RequestHeaders.GetValue("opencue-user") ?? "");
            foreach (var warning in farm.LaunchWarnings)
            {
                context.ResponseTrailers.Add("opencue-warning-bin", System.Text.Encoding.UTF8.GetBytes(warning));
            }

            return Task.FromResult(new Wire.JobLaunchSpecAndWaitResponse { Jobs = new Wire.JobSeq { Jobs = { farm.Launch(request.Spec) } } });
        }

        public override Task<Wire.JobPauseResponse> Pause(Wire.JobPauseRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobPauseResponse());

        public override Task<Wire.JobResumeResponse> Resume(Wire.JobResumeRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobResumeResponse());

        public override Task<Wire.JobKillResponse> Kill(Wire.JobKillRequest request, ServerCallContext context) =>
            farm.Unkillable.Contains(request.Job.Name)
                ? throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{request.Job.Name} can't be killed now"))
                : Done(request, new Wire.JobKillResponse());

        public override Task<Wire.JobRetryFramesResponse> RetryFrames(Wire.JobRetryFramesRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobRetryFramesResponse());

        public override Task<Wire.JobEatFramesResponse> EatFrames(Wire.JobEatFramesRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobEatFramesResponse());

        public override Task<Wire.JobKillFramesResponse> KillFrames(Wire.JobKillFramesRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobKillFramesResponse());

        public override Task<Wire.JobSetPriorityResponse> SetPriority(Wire.JobSetPriorityRequest request, ServerCallContext context) =>
            Done(request, new Wire.JobSetPriorityResponse());

        private Task<T> Done<T>(Google.Protobuf.IMessage request, T response)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(response);
        }
    }

    private sealed class FakeFrames(FakeFarm farm) : Wire.FrameInterface.FrameInterfaceBase
    {
        public override Task<Wire.FrameGetFrameResponse> GetFrame(Wire.FrameGetFrameRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.FrameGetFrameResponse { Frame = farm.Frame(request.Id) });
    }

    private sealed class FakeHosts(FakeFarm farm) : Wire.HostInterface.HostInterfaceBase
    {
        public override Task<Wire.HostGetHostsResponse> GetHosts(Wire.HostGetHostsRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new Wire.HostGetHostsResponse { Hosts = new Wire.HostSeq { Hosts = { farm.Hosts } } });
        }

        public override Task<Wire.HostFindHostResponse> FindHost(Wire.HostFindHostRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.HostFindHostResponse
            {
                Host = farm.Hosts.FirstOrDefault(host => host.Name == request.Name)
                    ?? throw new RpcException(new Status(StatusCode.NotFound, "Object does not exist.")),
            });

        public override Task<Wire.HostGetProcsResponse> GetProcs(Wire.HostGetProcsRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.HostGetProcsResponse { Procs = new Wire.ProcSeq { Procs = { farm.Procs } } });

        public override Task<Wire.HostLockResponse> Lock(Wire.HostLockRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new Wire.HostLockResponse());
        }
    }

    private sealed class FakeShows(FakeFarm farm) : Wire.ShowInterface.ShowInterfaceBase
    {
        public override Task<Wire.ShowGetShowsResponse> GetShows(Wire.ShowGetShowsRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.ShowGetShowsResponse { Shows = new Wire.ShowSeq { Shows = { farm.Shows } } });
    }

    private sealed class FakeLimits(FakeFarm farm) : LimitInterface.LimitInterfaceBase
    {
        public override Task<GetLimitsResponse> GetLimits(GetLimitsRequest request, ServerCallContext context) =>
            Task.FromResult(new GetLimitsResponse { Limits = { farm.Limits } });

        public override Task<GetLimitResponse> GetLimit(GetLimitRequest request, ServerCallContext context) =>
            Task.FromResult(new GetLimitResponse { Limit = Named(request.Name) });

        public override Task<CreateLimitResponse> CreateLimit(CreateLimitRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            var limit = new Limit { Name = request.Name, MaxValue = request.MaxValue, Kind = request.Kind, Headroom = request.Headroom };
            farm.Limits.Add(limit);
            return Task.FromResult(new CreateLimitResponse { Limit = limit });
        }

        public override Task<UpdateLimitResponse> UpdateLimit(UpdateLimitRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new UpdateLimitResponse { Limit = Named(request.Name) });
        }

        public override Task<RenameLimitResponse> RenameLimit(RenameLimitRequest request, ServerCallContext context)
        {
            Named(request.Name).Name = request.NewName;
            return Task.FromResult(new RenameLimitResponse());
        }

        public override Task<DeleteLimitResponse> DeleteLimit(DeleteLimitRequest request, ServerCallContext context)
        {
            farm.Limits.Remove(Named(request.Name));
            return Task.FromResult(new DeleteLimitResponse());
        }

        private Limit Named(string name) => farm.Limits.Find(limit => limit.Name == name)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"Limit not found: none has the name \"{name}\"."));
    }

    private sealed class FakeScheduling(FakeFarm farm) : SchedulingInterface.SchedulingInterfaceBase
    {
        public override Task<GetPoliciesResponse> GetPolicies(GetPoliciesRequest request, ServerCallContext context) => Task.FromResult(farm.Policies);

        public override Task<SetFacilityPolicyResponse> SetFacilityPolicy(SetFacilityPolicyRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new SetFacilityPolicyResponse
            {
                Facility = new FacilityPolicy { Facility = request.Facility, Policy = request.Policy.Length == 0 ? farm.Policies.DefaultPolicy : request.Policy },
            });
        }

        public override Task<GetHostCapsResponse> GetHostCaps(GetHostCapsRequest request, ServerCallContext context) =>
            Task.FromResult(new GetHostCapsResponse { Hosts = { farm.Caps.Where(cap => request.Host.Length == 0 || cap.Host == request.Host) } });

        public override Task<SetHostCapResponse> SetHostCap(SetHostCapRequest request, ServerCallContext context)
        {
            farm.Requests.Enqueue(request);
            return Task.FromResult(new SetHostCapResponse { Host = new HostCap { Host = request.Host, MaxProcs = request.MaxProcs } });
        }
    }

    private sealed class FakeAdmin(FakeFarm farm) : AdminInterface.AdminInterfaceBase
    {
        public override Task<VerifyResponse> Verify(VerifyRequest request, ServerCallContext context) =>
            Task.FromResult(new VerifyResponse { Problems = { farm.Problems } });

        public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) => Task.FromResult(farm.Status);

        public override Task<ReadFrameLogResponse> ReadFrameLog(ReadFrameLogRequest request, ServerCallContext context)
        {
            if (farm.ServerLog is not { } log)
            {
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "this server does not see the folder of the logs"));
            }

            var start = (int)(request.Offset < 0 ? Math.Max(0, log.Length + request.Offset) : Math.Min(request.Offset, log.Length));
            var data = log.AsSpan(start, Math.Min(log.Length - start, 10));
            return Task.FromResult(new ReadFrameLogResponse
            {
                Data = Google.Protobuf.ByteString.CopyFrom(data),
                NextOffset = start + data.Length,
                Size = log.Length,
            });
        }
    }
}
