using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenCue.Protocol;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Server;

namespace OpenCue.Benchmarks.Agents;

/// <summary>
/// Thousands of hosts' agents in one process, as the server sees them: each host has an address of its own, takes launches and kills there, and reports by
/// a connection of its own.
/// </summary>
internal sealed class AgentHub : RqdInterface.RqdInterfaceBase, IAsyncDisposable
{
    private const int StartedAtOnce = 64;

    private readonly AgentsSetup _setup;
    private readonly Dictionary<string, Agent> _byAddress = new(StringComparer.Ordinal);
    private readonly List<RpcTransport> _transports = [];
    private readonly List<RpcChannel> _channels = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _app;
    private Task _reporting = Task.CompletedTask;

    private AgentHub(AgentsSetup setup)
    {
        _setup = setup;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = LoopbackHosts.Listen);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenRpc(IPAddress.Any, 0));
        builder.Services.AddRpc();
        _app = builder.Build();
        _app.MapRpcService(this);
    }

    /// <summary>The agents.</summary>
    public IReadOnlyList<Agent> Agents { get; private set; } = [];

    /// <summary>True once it ends.</summary>
    public bool IsOver => _stop.IsCancellationRequested;

    /// <summary>What is being measured.</summary>
    public AgentsWindow Window { get; set; } = new();

    /// <summary>Starts agents, each of which reports that its host has booted.</summary>
    public static async Task<AgentHub> StartAsync(AgentsSetup setup)
    {
        var hub = new AgentHub(setup);
        await hub._app.StartAsync();
        var port = new Uri(hub._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        hub.Connect();
        var agents = new List<Agent>();
        for (var number = 0; number < setup.Hosts; number++)
        {
            var agent = new Agent(hub, setup, setup.FirstHost + number, port, hub._channels[number % hub._channels.Count]);
            agents.Add(agent);
            hub._byAddress.Add(string.Create(CultureInfo.InvariantCulture, $"{agent.Address}:{port}"), agent);
        }

        hub.Agents = agents;
        await Parallel.ForEachAsync(agents, new ParallelOptions { MaxDegreeOfParallelism = StartedAtOnce }, async (agent, _) => await agent.BootAsync());
        hub._reporting = setup.ReportEveryMs > 0 ? hub.ReportAsync() : Task.CompletedTask;
        return hub;
    }

    /// <inheritdoc/>
    public override Task<RqdStaticLaunchFrameResponse> LaunchFrame(RqdStaticLaunchFrameRequest request, ServerCallContext context)
    {
        AgentOf(context).Launch(request.RunFrame, Stopwatch.GetTimestamp());
        return Task.FromResult(new RqdStaticLaunchFrameResponse());
    }

    /// <inheritdoc/>
    public override Task<RqdStaticKillRunningFrameResponse> KillRunningFrame(RqdStaticKillRunningFrameRequest request, ServerCallContext context) =>
        AgentOf(context).TryKill(request.FrameId)
            ? Task.FromResult(new RqdStaticKillRunningFrameResponse())
            : throw NotRunning(request.FrameId);

    /// <inheritdoc/>
    public override Task<RqdStaticGetRunningFrameStatusResponse> GetRunningFrameStatus(
        RqdStaticGetRunningFrameStatusRequest request, ServerCallContext context) =>
        AgentOf(context).Find(request.FrameId) is { } frame
            ? Task.FromResult(new RqdStaticGetRunningFrameStatusResponse { RunningFrameInfo = frame })
            : throw NotRunning(request.FrameId);

    /// <inheritdoc/>
    public override Task<RqdStaticLockAllResponse> LockAll(RqdStaticLockAllRequest request, ServerCallContext context) =>
        Task.FromResult(new RqdStaticLockAllResponse());

    /// <inheritdoc/>
    public override Task<RqdStaticUnlockAllResponse> UnlockAll(RqdStaticUnlockAllRequest request, ServerCallContext context) =>
        Task.FromResult(new RqdStaticUnlockAllResponse());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reporting;
        _channels.ForEach(channel => channel.Dispose());
        _transports.ForEach(transport => transport.Dispose());
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private static RpcException NotRunning(string frame) => new(new Status(StatusCode.NotFound, $"Frame {frame} is not running."));

    private Agent AgentOf(ServerCallContext context) => _byAddress[context.Host];

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The lists own them.")]
    private void Connect()
    {
        for (var i = 0; i < (_setup.Connections == 0 ? _setup.Hosts : _setup.Connections); i++)
        {
            var transport = new RpcTransport();
            _transports.Add(transport);
            _channels.Add(new RpcChannel(_setup.Cuebot, new RpcChannelOptions { Transport = transport }));
        }
    }

    /// <summary>Has each host report once in the time, spread evenly.</summary>
    private async Task ReportAsync()
    {
        const int Slices = 50;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1.0, (double)_setup.ReportEveryMs / Slices)));
        try
        {
            for (var slice = 0; await timer.WaitForNextTickAsync(_stop.Token); slice = (slice + 1) % Slices)
            {
                for (var i = slice; i < Agents.Count; i += Slices)
                {
                    _ = Agents[i].ReportAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
