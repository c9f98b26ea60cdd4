using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Farm.Hosts;
using OpenCue.Rpc.Server;
using Reporter = OpenCue.Protocol.Reports.RqdReportInterface.RqdReportInterfaceClient;

namespace OpenCue.Cuebot.Tests.Launching;

/// <summary>What an agent was asked.</summary>
internal sealed record AgentCall(string What, string RunId, string FrameId, string Message = "");

/// <summary>
/// A host's agent in this process, on a free loopback port, that speaks the real protocol and runs nothing. Tests say how it answers. It keeps a list of
/// runs as the real ones do: by frame, and by run id if it is ours.
/// </summary>
internal sealed class WireAgent : Wire.RqdInterface.RqdInterfaceBase, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Wire.RunFrame> _running = new();
    private readonly ConcurrentDictionary<string, bool> _ended = new();

    private WireAgent(string name, bool isOurs)
    {
        (Name, IsOurs) = (name, isOurs);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenRpc(IPAddress.Loopback, 0));
        builder.Services.AddRpc();
        _app = builder.Build();
        _app.MapRpcService(this);
    }

    public string Name { get; }

    public bool IsOurs { get; }

    public int Port { get; private set; }

    /// <summary>All it was asked, in order.</summary>
    public ConcurrentQueue<AgentCall> Calls { get; } = new();

    public IReadOnlyCollection<Wire.RunFrame> Running => (IReadOnlyCollection<Wire.RunFrame>)_running.Values;

    /// <summary>Runs before a launch is taken: may wait, or throw.</summary>
    public Func<Wire.RunFrame, Task>? BeforeLaunch { get; set; }

    /// <summary>Runs after a launch was taken and before it is answered: may wait, or throw.</summary>
    public Func<Wire.RunFrame, Task>? AfterLaunch { get; set; }

    /// <summary>Runs before a kill is carried out.</summary>
    public Func<string, Task>? BeforeKill { get; set; }

    public static async Task<WireAgent> StartAsync(string name, bool isOurs = true)
    {
        var agent = new WireAgent(name, isOurs);
        await agent._app.StartAsync();
        agent.Port = new Uri(agent._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return agent;
    }

    public override async Task<Wire.RqdStaticLaunchFrameResponse> LaunchFrame(Wire.RqdStaticLaunchFrameRequest request, ServerCallContext context)
    {
        var frame = request.RunFrame;
        Calls.Enqueue(new AgentCall("launch", RunId(context), frame.FrameId));
        await (BeforeLaunch?.Invoke(frame) ?? Task.CompletedTask);
        if (!_running.TryAdd(frame.FrameId, frame))
        {
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"Frame {frame.FrameId} is already running."));
        }

        await (AfterLaunch?.Invoke(frame) ?? Task.CompletedTask);
        return new Wire.RqdStaticLaunchFrameResponse();
    }

    public override async Task<Wire.RqdStaticKillRunningFrameResponse> KillRunningFrame(
        Wire.RqdStaticKillRunningFrameRequest request, ServerCallContext context)
    {
        Calls.Enqueue(new AgentCall("kill", RunId(context), request.FrameId, request.Message));
        await (BeforeKill?.Invoke(request.FrameId) ?? Task.CompletedTask);
        return IsHere(request.FrameId, context) ? new Wire.RqdStaticKillRunningFrameResponse() : throw NotFound(context);
    }

    public override Task<Wire.RqdStaticGetRunningFrameStatusResponse> GetRunningFrameStatus(
        Wire.RqdStaticGetRunningFrameStatusRequest request, ServerCallContext context)
    {
        Calls.Enqueue(new AgentCall("ask", RunId(context), request.FrameId));
        return IsHere(request.FrameId, context)
            ? Task.FromResult(new Wire.RqdStaticGetRunningFrameStatusResponse
            {
                RunningFrameInfo = new Wire.Reports.RunningFrameInfo { ResourceId = _running[request.FrameId].ResourceId, FrameId = request.FrameId },
            })
            : throw NotFound(context);
    }

    public override Task<Wire.RqdStaticLockAllResponse> LockAll(Wire.RqdStaticLockAllRequest request, ServerCallContext context)
    {
        Calls.Enqueue(new AgentCall("lock", "", ""));
        return Task.FromResult(new Wire.RqdStaticLockAllResponse());
    }

    public override Task<Wire.RqdStaticUnlockAllResponse> UnlockAll(Wire.RqdStaticUnlockAllRequest request, ServerCallContext context)
    {
        Calls.Enqueue(new AgentCall("unlock", "", ""));
        return Task.FromResult(new Wire.RqdStaticUnlockAllResponse());
    }

    /// <summary>Tells the server that it has started.</summary>
    public async Task BootAsync(Reporter server) =>
        await server.ReportRqdStartupAsync(new() { BootReport = new() { Host = RenderHost(), CoreInfo = new() } });

    /// <summary>Tells the server what runs.</summary>
    public async Task ReportAsync(Reporter server)
    {
        var report = new Wire.Reports.HostReport { Host = RenderHost(), CoreInfo = new() };
        report.Frames.Add(_running.Values.Select(f => new Wire.Reports.RunningFrameInfo { ResourceId = f.ResourceId, FrameId = f.FrameId, FrameName = f.FrameName }));
        await server.ReportStatusAsync(new() { HostReport = report });
    }

    /// <summary>A frame ends: what is to be reported.</summary>
    public Wire.Reports.FrameCompleteReport Finish(string frameId, int status = 0, int signal = 0)
    {
        Assert.True(_running.TryRemove(frameId, out var frame), $"{frameId} does not run on {Name}.");
        _ended[frame.ResourceId] = true;
        return new Wire.Reports.FrameCompleteReport
        {
            Host = RenderHost(),
            Frame = new() { ResourceId = frame.ResourceId, FrameId = frameId },
            ExitStatus = status,
            ExitSignal = signal,
            RunTime = 1,
        };
    }

    /// <summary>The agent is gone, with all it ran.</summary>
    public void Forget() => _running.Clear();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static string RunId(ServerCallContext context) => context.RequestHeaders.GetValue("opencue-run-id") ?? "";

    private bool IsHere(string frameId, ServerCallContext context) =>
        _running.TryGetValue(frameId, out var frame) && (!IsOurs || frame.ResourceId == RunId(context));

    private RpcException NotFound(ServerCallContext context)
    {
        if (IsOurs)
        {
            context.ResponseTrailers.Add("opencue-run-state", _ended.ContainsKey(RunId(context)) ? "ended" : "never-started");
        }

        return new RpcException(new Status(StatusCode.NotFound, "No such frame here."));
    }

    private Wire.Reports.RenderHost RenderHost()
    {
        var host = new Wire.Reports.RenderHost
        {
            Name = Name,
            Facility = "local",
            NumProcs = 1,
            CoresPerProc = 400,
            TotalMem = 32 * 1048576,
            FreeMem = 30 * 1048576,
            TotalMcp = 100_000_000,
            FreeMcp = 90_000_000,
            BootTime = 1_790_000_000,
            State = Wire.HardwareState.Up,
        };
        host.Tags.Add("general");
        host.Attributes["SP_OS"] = "linux";
        host.Attributes[AgentFacts.AddressAttribute] = "127.0.0.1";
        host.Attributes[AgentFacts.PortAttribute] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (IsOurs)
        {
            host.Attributes[AgentFacts.AgentAttribute] = "opencue.net/test";
            host.Attributes[AgentFacts.InstanceAttribute] = "journal-" + Name;
            host.Attributes[AgentFacts.BootIdAttribute] = "boot-" + Name;
        }

        return host;
    }
}
