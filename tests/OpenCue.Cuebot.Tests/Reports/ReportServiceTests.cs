using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Hosting;
using OpenCue.Cuebot.Launching;
using OpenCue.Cuebot.Reports;
using OpenCue.Cuebot.Tests.Launching;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Rpc.Client;
using OpenCue.TestKit;
using Reporter = OpenCue.Protocol.Reports.RqdReportInterface.RqdReportInterfaceClient;

namespace OpenCue.Cuebot.Tests.Reports;

/// <summary>How agents' reports are answered, and what becomes of them.</summary>
public sealed class ReportServiceTests
{
    [Fact]
    public async Task A_host_that_reports_is_there_with_what_it_said()
    {
        await using var server = await TestServer.StartAsync();
        await Reports(server).ReportStatusAsync(new() { HostReport = new() { Host = Node("node7.studio.example") } });
        await Eventually.TrueAsync(async () => await HostsAsync(server) == 1, "the host is known");
        var host = (await server.Hosts.FindHostAsync(new() { Name = "node7" })).Host;
        Assert.Equal((8f, "local.general", "rocky9", Wire.HardwareState.Up), (host.Cores, host.AllocName, host.Os, host.State));
        Assert.Equal((32 * 1048576, 1_000_000, 77), (host.TotalMemory, host.FreeMcp, host.Load));
        Assert.Equal(["general", "fast", "node7"], host.Tags);
    }

    [Fact]
    public async Task A_report_that_cannot_be_used_is_answered_all_the_same_and_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var reports = Reports(server);
        await reports.ReportStatusAsync(new());
        await reports.ReportStatusAsync(new() { HostReport = new() });
        await reports.ReportRqdStartupAsync(new());
        await reports.ReportRqdStartupAsync(new() { BootReport = new() { Host = Node("two\nlines") } });
        await reports.ReportStatusAsync(new() { HostReport = new() { Host = Node("nul\0") } });
        var poor = Node("poor");
        poor.NumProcs = -4;
        await reports.ReportStatusAsync(new() { HostReport = new() { Host = poor } });
        await reports.ReportRunningFrameCompletionAsync(new());
        await reports.ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = new() { Host = Node("node1") } });
        await reports.ReportRunningFrameCompletionAsync(new()
        {
            FrameCompleteReport = new() { Host = Node("node1"), Frame = new() { ResourceId = "no id", FrameId = "none" } },
        });
        await reports.ReportRunningFrameCompletionAsync(new()
        {
            FrameCompleteReport = new() { Host = Node("node1"), Frame = new() { ResourceId = Guid.NewGuid().ToString(), FrameId = Guid.NewGuid().ToString() } },
        });

        // A good one after all of them.
        await reports.ReportStatusAsync(new() { HostReport = new() { Host = Node("node1") } });
        await Eventually.TrueAsync(async () => await HostsAsync(server) > 0, "the good host is known");
        Assert.Equal(1, await HostsAsync(server));
    }

    [Fact]
    public async Task A_report_whose_answer_waits_is_heard_at_once()
    {
        ReportPace? pace = null;
        await using var server = await TestServer.StartAsync(configure: services =>
        {
            services.Remove(services.Single(service => service.ImplementationType == typeof(ReportPacing)));
            services.AddSingleton(provider =>
                pace = new ReportPace(TimeSpan.FromHours(1), provider.GetRequiredService<ReportInstruments>(), TimeProvider.System));
        });
        pace!.NoteOther();
        pace.Adjust(late: true, perSecond: 0);
        while (pace.Take() < TimeSpan.FromMinutes(10))
        {
            // The line of those who wait gets long.
        }

        using var patience = new CancellationTokenSource();
        var call = Reports(server).ReportStatusAsync(new() { HostReport = new() { Host = Node("node1") } }, cancellationToken: patience.Token);
        await Eventually.TrueAsync(async () => await HostsAsync(server) == 1, "the host is known");
        Assert.False(call.ResponseAsync.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<RpcException>(() => call.ResponseAsync);
    }

    [Fact]
    public async Task What_a_lying_host_says_about_others_changes_nothing()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        await using var server = await TestServer.StartAsync(
            configure: services => services.AddSingleton<IEffectSink>(provider => provider.GetRequiredService<Launcher>()));
        var reports = Reports(server);
        await agent.BootAsync(reports);
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");
        var run = agent.Running.Single();
        var lie = new Wire.Reports.RunningFrameInfo { ResourceId = run.ResourceId, FrameId = run.FrameId, Rss = long.MaxValue, MaxRss = -1, StartTime = -5 };
        var liar = Node("liar");
        (liar.FreeMem, liar.TotalSwap, liar.BootTime) = (-7, long.MinValue, int.MinValue);
        await reports.ReportStatusAsync(new() { HostReport = new() { Host = liar, Frames = { lie, lie } } });
        await reports.ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = new() { Host = liar, Frame = lie, ExitStatus = 1 } });
        await agent.ReportAsync(reports);
        await server.DoAsync(edit => 0);

        var frame = (await server.Frames.GetFrameAsync(new() { Id = run.FrameId })).Frame;
        Assert.Equal(Wire.FrameState.Running, frame.State);
        Assert.DoesNotContain(agent.Calls, c => c.What == "kill");
        await reports.ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(run.FrameId) });
        Assert.Equal(Wire.JobState.Finished, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.State);
    }

    [Fact]
    public async Task While_the_store_is_away_a_completion_is_held_and_reports_are_answered()
    {
        var away = false;
        var store = new MemoryStore { OnCommit = _ => Volatile.Read(ref away) ? StoreFault.Unavailable : null };
        await using var server = await TestServer.StartAsync(store);
        await server.AddHostAsync("node1");
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));
        var frame = (await server.Jobs.GetFramesAsync(new() { Job = job, Req = new() })).Frames.Frames.Single();
        await server.WaitForFrameAsync(frame.Id, Wire.FrameState.Running);
        var run = await server.DoAsync(edit => edit.Farm.Runs.Values.Single().Id);

        Volatile.Write(ref away, true);
        var completion = Reports(server).ReportRunningFrameCompletionAsync(new()
        {
            FrameCompleteReport = new() { Host = Node("node1"), Frame = new() { ResourceId = run.ToString(), FrameId = frame.Id }, RunTime = 3 },
        });
        await server.WaitForAsync(EngineState.Unavailable);
        await Reports(server).ReportStatusAsync(new() { HostReport = new() { Host = Node("node1") } });
        Assert.False(completion.ResponseAsync.IsCompleted);

        Volatile.Write(ref away, false);
        await completion;
        Assert.Equal(Wire.FrameState.Succeeded, (await server.Frames.GetFrameAsync(new() { Id = frame.Id })).Frame.State);
    }

    [Fact]
    public async Task While_the_farm_is_being_loaded_reports_are_answered_and_completions_wait()
    {
        var there = false;
        var store = new MemoryStore { OnTakeOver = () => Volatile.Read(ref there) ? null : new StoreUnavailableException("no connection") };
        await using var server = await TestServer.StartLoadingAsync(new PatientStore(
            store, Timeout.InfiniteTimeSpan, TimeProvider.System, NullLogger<PatientStore>.Instance));
        await server.WaitForAsync(EngineState.Loading);
        await Reports(server).ReportStatusAsync(new() { HostReport = new() { Host = Node("node1") } });
        var completion = Reports(server).ReportRunningFrameCompletionAsync(new()
        {
            FrameCompleteReport = new() { Host = Node("node1"), Frame = new() { ResourceId = Guid.NewGuid().ToString(), FrameId = Guid.NewGuid().ToString() } },
        });
        Assert.False(completion.ResponseAsync.IsCompleted);

        Volatile.Write(ref there, true);
        await completion;
        await Eventually.TrueAsync(async () => await HostsAsync(server) == 1, "the host that reported meanwhile is known");
    }

    [Fact]
    public async Task A_server_that_stops_cuts_the_connection_instead_of_an_answer()
    {
        await using var server = await TestServer.StartAsync();
        await server.Engine.StopAsync(CancellationToken.None);
        var failure = await Assert.ThrowsAsync<RpcTransportException>(async () =>
            await Reports(server).ReportStatusAsync(new() { HostReport = new() { Host = Node("node1") } }));
        Assert.NotEqual(StatusCode.OK, failure.StatusCode);
        await Assert.ThrowsAsync<RpcTransportException>(async () => await Reports(server).ReportRunningFrameCompletionAsync(new()
        {
            FrameCompleteReport = new() { Host = Node("node1"), Frame = new() { ResourceId = Guid.NewGuid().ToString(), FrameId = Guid.NewGuid().ToString() } },
        }));
    }

    private static Reporter Reports(TestServer server) => new(server.Channel);

    private static async Task<int> HostsAsync(TestServer server) => (await server.Hosts.GetHostsAsync(new() { R = new() })).Hosts.Hosts.Count;

    private static Wire.Reports.RenderHost Node(string name)
    {
        var host = new Wire.Reports.RenderHost
        {
            Name = name,
            Facility = "local",
            NumProcs = 2,
            CoresPerProc = 400,
            TotalMem = 32 * 1048576,
            FreeMem = 30 * 1048576,
            TotalMcp = 2_000_000,
            FreeMcp = 1_000_000,
            Load = 77,
            BootTime = 1_790_000_000,
            State = Wire.HardwareState.Up,
        };
        host.Tags.Add(["fast", "general"]);
        host.Attributes["SP_OS"] = "Rocky9";
        return host;
    }
}
