using System.Collections.Concurrent;
using System.Diagnostics;
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
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Server;

namespace OpenCue.Benchmarks.Turnarounds;

/// <summary>
/// A host's agent as the server sees it: it takes every launch, and after a while reports that the frame has succeeded. It runs no process. On one
/// connection to the server and on a port of its own, like a real one.
/// </summary>
internal sealed class FakeAgent : RqdInterface.RqdInterfaceBase, IAsyncDisposable
{
    private const long Gib = 1048576;

    private readonly FakeAgentsSetup _setup;
    private readonly string _name;
    private readonly RpcChannel _channel;
    private readonly RqdReportInterface.RqdReportInterfaceClient _cuebot;
    private readonly WebApplication _app;
    private readonly Random _random;
    private readonly ConcurrentQueue<long> _freeSince = new();

    private FakeAgent(FakeAgentsSetup setup, int number)
    {
        _setup = setup;
        _name = string.Create(CultureInfo.InvariantCulture, $"fake{number:000}");
        _random = new Random(number);
        _channel = new RpcChannel(setup.Cuebot);
        _cuebot = new RqdReportInterface.RqdReportInterfaceClient(_channel);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenRpc(IPAddress.Loopback, 0));
        builder.Services.AddRpc();
        _app = builder.Build();
        _app.MapRpcService(this);
    }

    /// <summary>What is being measured.</summary>
    public FakeAgentsWindow Window { get; set; } = new();

    /// <summary>Starts an agent and reports its host to the server.</summary>
    public static async Task<FakeAgent> StartAsync(FakeAgentsSetup setup, int number)
    {
        var agent = new FakeAgent(setup, number);
        await agent._app.StartAsync();
        await agent._cuebot.ReportRqdStartupAsync(new RqdReportRqdStartupRequest { BootReport = new BootReport { Host = agent.Host() } });
        return agent;
    }

    /// <inheritdoc/>
    public override Task<RqdStaticLaunchFrameResponse> LaunchFrame(RqdStaticLaunchFrameRequest request, ServerCallContext context)
    {
        var now = Stopwatch.GetTimestamp();
        if (_freeSince.TryDequeue(out var since))
        {
            Window.Launched(Stopwatch.GetElapsedTime(since, now));
        }

        var frame = request.RunFrame;
        _ = Task.Run(() => RunAsync(frame));
        return Task.FromResult(new RqdStaticLaunchFrameResponse());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _channel.Dispose();
    }

    private async Task RunAsync(RunFrame frame)
    {
        try
        {
            if (_setup.LongestMs > 0)
            {
                int wait;
                lock (_random)
                {
                    wait = _random.Next(_setup.ShortestMs, _setup.LongestMs + 1);
                }

                await Task.Delay(wait);
            }

            var request = new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = Completion(frame) };
            var sent = Stopwatch.GetTimestamp();
            _freeSince.Enqueue(sent);
            await _cuebot.ReportRunningFrameCompletionAsync(request);
            Window.Acknowledged(Stopwatch.GetElapsedTime(sent));
        }
        catch (RpcException e)
        {
            Window.Failed(e);
        }
    }

    private FrameCompleteReport Completion(RunFrame frame) => new()
    {
        Host = Host(),
        Frame = new RunningFrameInfo
        {
            ResourceId = frame.ResourceId,
            JobId = frame.JobId,
            JobName = frame.JobName,
            FrameId = frame.FrameId,
            FrameName = frame.FrameName,
            LayerId = frame.LayerId,
            NumCores = frame.NumCores,
            StartTime = frame.StartTime,
            MaxRss = 200_000,
            MaxVsize = 400_000,
            Children = new ChildrenProcStats(),
        },
        RunTime = 1,
    };

    private RenderHost Host() => new()
    {
        Name = _name,
        Facility = "local",
        NumProcs = 1,
        CoresPerProc = 100 * _setup.Cores,
        TotalMem = 32 * Gib,
        FreeMem = 31 * Gib,
        TotalSwap = Gib,
        FreeSwap = Gib,
        TotalMcp = 100 * Gib,
        FreeMcp = 80 * Gib,
        Load = 25,
        BootTime = 1_700_000_000,
        Tags = { "general" },
        Attributes =
        {
            ["SP_OS"] = "linux",
            ["opencue_agent"] = "fake",
            ["opencue_instance_id"] = _name,
            ["opencue_boot_id"] = _name,
            ["rqd_address"] = "127.0.0.1",
            ["rqd_port"] = Port().ToString(CultureInfo.InvariantCulture),
        },
    };

    private int Port() => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
}
