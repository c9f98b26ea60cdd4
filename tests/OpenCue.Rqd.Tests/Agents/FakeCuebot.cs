using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Server;

namespace OpenCue.Rqd.Tests.Agents;

/// <summary>A server for reports that can refuse, hang, and forget to answer.</summary>
internal sealed class FakeCuebot : RqdReportInterface.RqdReportInterfaceBase, IAsyncDisposable
{
    private WebApplication? _server;

    public ConcurrentQueue<BootReport> Boots { get; } = [];

    public ConcurrentQueue<HostReport> Reports { get; } = [];

    /// <summary>All completions that arrived, whether they were acknowledged or not.</summary>
    public ConcurrentQueue<FrameCompleteReport> Arrived { get; } = [];

    /// <summary>Those that were acknowledged.</summary>
    public ConcurrentQueue<FrameCompleteReport> Completions { get; } = [];

    /// <summary>What happens to a completion; returning acknowledges it.</summary>
    public Func<FrameCompleteReport, ServerCallContext, Task> OnCompletion { get; set; } = (_, _) => Task.CompletedTask;

    public Func<Task> OnBoot { get; set; } = () => Task.CompletedTask;

    public int Port { get; private set; }

    public static async Task<FakeCuebot> StartAsync()
    {
        var cuebot = new FakeCuebot();
        await cuebot.ListenAsync();
        return cuebot;
    }

    /// <summary>Starts serving; again at the same port if it did before.</summary>
    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRpc(options => options.ShutdownGrace = TimeSpan.Zero);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenRpc(null, Port));
        _server = builder.Build();
        _server.MapRpcService(this);
        await _server.StartAsync();
        var addresses = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Port = new Uri(addresses.Single()).Port;
    }

    public async Task StopListeningAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }
    }

    /// <summary>The acknowledged completion of a run, as soon as it is there.</summary>
    public Task<FrameCompleteReport> CompletionAsync(string resourceId, string? frameId = null) => Eventually.NotNullAsync(
        () => Completions.FirstOrDefault(report =>
            report.Frame.ResourceId == resourceId && (frameId is null || report.Frame.FrameId == frameId)),
        $"the completion of {resourceId}");

    /// <summary>A host report of which this is true, as soon as there is one that was made after this call.</summary>
    public Task<HostReport> ReportAsync(Func<HostReport, bool> condition)
    {
        // One may be on its way already.
        var seen = Reports.Count + 1;
        return Eventually.NotNullAsync(() => Reports.Skip(seen).FirstOrDefault(condition), "a host report of which the condition is true");
    }

    public override async Task<RqdReportRqdStartupResponse> ReportRqdStartup(RqdReportRqdStartupRequest request, ServerCallContext context)
    {
        await OnBoot();
        Boots.Enqueue(request.BootReport);
        return new RqdReportRqdStartupResponse();
    }

    public override Task<RqdReportStatusResponse> ReportStatus(RqdReportStatusRequest request, ServerCallContext context)
    {
        Reports.Enqueue(request.HostReport);
        return Task.FromResult(new RqdReportStatusResponse());
    }

    public override async Task<RqdReportRunningFrameCompletionResponse> ReportRunningFrameCompletion(
        RqdReportRunningFrameCompletionRequest request, ServerCallContext context)
    {
        Arrived.Enqueue(request.FrameCompleteReport);
        await OnCompletion(request.FrameCompleteReport, context);
        Completions.Enqueue(request.FrameCompleteReport);
        return new RqdReportRunningFrameCompletionResponse();
    }

    public async ValueTask DisposeAsync() => await StopListeningAsync();
}
