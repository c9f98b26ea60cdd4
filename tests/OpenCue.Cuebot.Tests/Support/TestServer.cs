using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenCue.Cuebot.Hosting;
using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Protocol.V1;
using OpenCue.Rpc.Client;
using OpenCue.Specs.Launch;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>
/// The real server in this process, on free loopback ports, with clients of its services. Unless the test says otherwise its store is in memory and
/// nothing is sent to agents: the test itself says what hosts report.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    private const long Gib = 1048576;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private TestServer(WebApplication app)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Grpc, Http) = (addresses[0], addresses[1]);
        Channel = new RpcChannel(Grpc);
        Jobs = new(Channel);
        Layers = new(Channel);
        Frames = new(Channel);
        Shows = new(Channel);
        Groups = new(Channel);
        Hosts = new(Channel);
        Procs = new(Channel);
        Allocations = new(Channel);
        Facilities = new(Channel);
        Subscriptions = new(Channel);
        Services = new(Channel);
        Depends = new(Channel);
        Limits = new(Channel);
        Cue = new(Channel);
        Admin = new(Channel);
        LimitDetails = new(Channel);
        Scheduling = new(Channel);
        Web = new HttpClient { BaseAddress = new Uri(Http) };
    }

    /// <summary>Address of gRPC.</summary>
    public string Grpc { get; }

    /// <summary>Address of gRPC-Web and JSON.</summary>
    public string Http { get; }

    public RpcChannel Channel { get; }

    public HttpClient Web { get; }

    public Wire.JobInterface.JobInterfaceClient Jobs { get; }

    public Wire.LayerInterface.LayerInterfaceClient Layers { get; }

    public Wire.FrameInterface.FrameInterfaceClient Frames { get; }

    public Wire.ShowInterface.ShowInterfaceClient Shows { get; }

    public Wire.GroupInterface.GroupInterfaceClient Groups { get; }

    public Wire.HostInterface.HostInterfaceClient Hosts { get; }

    public Wire.ProcInterface.ProcInterfaceClient Procs { get; }

    public Wire.AllocationInterface.AllocationInterfaceClient Allocations { get; }

    public Wire.FacilityInterface.FacilityInterfaceClient Facilities { get; }

    public Wire.SubscriptionInterface.SubscriptionInterfaceClient Subscriptions { get; }

    public Wire.ServiceInterface.ServiceInterfaceClient Services { get; }

    public Wire.DependInterface.DependInterfaceClient Depends { get; }

    public Wire.LimitInterface.LimitInterfaceClient Limits { get; }

    public Wire.CueInterface.CueInterfaceClient Cue { get; }

    public AdminInterface.AdminInterfaceClient Admin { get; }

    public LimitInterface.LimitInterfaceClient LimitDetails { get; }

    public SchedulingInterface.SchedulingInterfaceClient Scheduling { get; }

    /// <summary>What the server is made of.</summary>
    public IServiceProvider Parts => _app.Services;

    /// <summary>The engine.</summary>
    public FarmEngine Engine => _app.Services.GetRequiredService<FarmEngine>();

    /// <summary>A server that serves.</summary>
    public static async Task<TestServer> StartAsync(
        IFarmStore? store = null, FarmSettings? settings = null, Action<IServiceCollection>? configure = null)
    {
        var server = await StartLoadingAsync(store, settings, configure);
        try
        {
            await server.WaitForAsync(EngineState.Running);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A server whose ports are open; it may still be loading the farm.</summary>
    public static async Task<TestServer> StartLoadingAsync(
        IFarmStore? store = null, FarmSettings? settings = null, Action<IServiceCollection>? configure = null)
    {
        var options = new CuebotOptions
        {
            Bind = IPAddress.Loopback,
            Port = 0,
            HttpPort = 0,
            LogLevel = Environment.GetEnvironmentVariable("CUEBOT_TEST_LOG") is null ? LogLevel.None : LogLevel.Debug,
            Farm = settings ?? new FarmSettings(),
        };
        var app = CuebotServer.Build(options, services =>
        {
            services.RemoveAll<IFarmStore>();
            services.AddSingleton(store ?? new MemoryStore());
            services.RemoveAll<IEffectSink>();
            configure?.Invoke(services);
        });
        await app.StartAsync();
        return new TestServer(app);
    }

    /// <summary>Waits for a state of the engine.</summary>
    public async Task WaitForAsync(EngineState state)
    {
        using var patience = new CancellationTokenSource(Patience);
        await Engine.WaitForAsync(status => status.State == state, patience.Token);
    }

    /// <summary>Launches jobs.</summary>
    public async Task<IReadOnlyList<Wire.Job>> LaunchAsync(JobSpecDocument document) =>
        (await Jobs.LaunchSpecAndWaitAsync(new() { Spec = JobSpecWriter.Write(document) })).Jobs.Jobs;

    /// <summary>Launches one job of these layers.</summary>
    public async Task<Wire.Job> LaunchAsync(string name, params LayerSpec[] layers) => (await LaunchAsync(TestKit.SpecText.Of(name, layers)))[0];

    /// <summary>A host starts and reports. From now on frames are booked on it.</summary>
    public Task AddHostAsync(string name, int cores = 4, int memoryGib = 64) => ReportAsync(new HostReport
    {
        HostName = name,
        IsBoot = true,
        Facility = "local",
        CorePoints = cores * 100,
        TotalMemory = memoryGib * Gib,
        FreeMemory = (memoryGib - 1) * Gib,
        TotalSwap = Gib,
        FreeSwap = Gib,
        TotalTemp = 100 * Gib,
        FreeTemp = 80 * Gib,
        Load = 25,
        BootTimeSeconds = 1_700_000_000,
        Tags = ["general", "linux"],
        Os = "linux",
    });

    /// <summary>A host reports.</summary>
    public Task ReportAsync(HostReport report) => DoAsync(edit => HostReports.Apply(edit, report).Id);

    /// <summary>Waits until a frame is in a state.</summary>
    public async Task<Wire.Frame> WaitForFrameAsync(string frameId, Wire.FrameState state)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = (await Frames.GetFrameAsync(new() { Id = frameId }, cancellationToken: patience.Token)).Frame;
            if (frame.State == state)
            {
                return frame;
            }

            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>The agent of its host reports that a running frame has ended.</summary>
    public Task<CompletionVerdict> CompleteAsync(string frameId, int exitStatus = 0, int runSeconds = 10) => DoAsync(edit =>
    {
        edit.Farm.TryGetFrame(EntityId.Parse(frameId), out var layer, out var ordinal);
        var run = layer.Runs[ordinal];
        return CompletionReports.Apply(edit, Parts.GetRequiredService<SchedulerStep>().Scheduler, new CompletionReport
        {
            HostName = run.Host.Row.Name,
            ExitStatus = exitStatus,
            RunSeconds = runSeconds,
            Frame = new RunningFrameReport { RunId = run.Id, FrameId = run.FrameId, MaxRssKib = 1000, RssKib = 900 },
        });
    });

    /// <summary>Changes the farm as one of the server's own parts would.</summary>
    public Task<T> DoAsync<T>(Func<FarmEdit, T> command) =>
        Engine.ExecuteAsync(CommandClass.Internal, new Actor(ActorKind.Host, "test"), command, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Web.Dispose();
        Channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
