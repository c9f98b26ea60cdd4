using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Hosting;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Cuebot.Maintenance;
using OpenCue.Cuebot.Reports;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Protocol.Reports;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Reports;

/// <summary>
/// Many more reports than the server can take, through the service that agents call. The engine is driven by hand, so who gets his turn when is counted in turns
/// of the writer, and not measured.
/// </summary>
public sealed class ReportFloodTests : IAsyncDisposable
{
    private const int Hosts = 400;
    private const int Frames = 40;

    /// <summary>Commands in one turn of the writer: far fewer than hosts.</summary>
    private const int Turn = 50;

    private readonly Meter _meter = new("test");
    private readonly SchedulerStep _scheduler = new();
    private readonly FarmEngine _engine;
    private readonly ReportService _service;

    public ReportFloodTests()
    {
        _engine = new FarmEngine(
            new MemoryStore(), new EngineOptions { Seed = 7, TurnCommands = Turn }, TimeProvider.System, new EngineInstruments(_meter), NullLogger<FarmEngine>.Instance);
        var instruments = new ReportInstruments(_meter);
        _service = new ReportService(
            _engine, _scheduler, new RefusalLog(TimeProvider.System, NullLogger<RefusalLog>.Instance), instruments, new ReportPace(TimeSpan.Zero, instruments, TimeProvider.System));
        _engine.StartByHand(FarmParts.Of([new MaintenanceStep(), new BulkOperationStep(), _scheduler], null, null));
        Run();
    }

    [Fact]
    public async Task Whatever_one_host_reports_while_the_writer_is_busy_takes_one_place_and_the_newest_counts()
    {
        await FloodAsync(hosts: 1, times: 1);
        Run();
        for (var i = 1; i <= 10_000; i++)
        {
            Assert.True(ReportAsync("node0", freeMemory: i * 1000).IsCompletedSuccessfully);
            Assert.True(_engine.Waiting(CommandClass.Report) <= 1);
        }

        Run();
        Assert.Equal(10_000_000, Peek(farm => farm.Hosts.Find("node0")!.Stat.Row.FreeMemory));
        Assert.Equal(2, Peek(farm => farm.ReportsApplied));
    }

    [Fact]
    public async Task A_flood_from_many_hosts_takes_as_many_places_as_there_are_hosts_and_each_is_heard()
    {
        await FloodAsync(Hosts, times: 50);
        Assert.Equal(Hosts, _engine.Waiting(CommandClass.Report));
        Run();

        Assert.Equal(Hosts, Peek(farm => farm.Hosts.Count));
        Assert.Equal(Hosts, Peek(farm => farm.ReportsApplied));
    }

    [Fact]
    public async Task Completions_and_actions_that_come_after_a_flood_go_before_it_and_none_is_lost()
    {
        var runs = await RunningAsync();
        await FloodAsync(Hosts, times: 20);
        var reportsBefore = Peek(farm => farm.ReportsApplied);
        var completions = runs.Select(CompleteAsync).ToArray();
        var action = ActAsync();
        Assert.DoesNotContain(completions, c => c.IsCompleted);

        // Half of a turn is the completions', half of what is left the actions'. The second turn answers what the first one made durable.
        var turns = 0;
        while (!completions.All(c => c.IsCompleted) || !action.IsCompleted)
        {
            Assert.True(++turns <= (Frames / (Turn / 2)) + 2, $"{completions.Count(c => !c.IsCompleted)} completions wait after {turns - 1} turns");
            _engine.RunBatch();
        }

        Assert.Equal(reportsBefore, await action);
        Assert.True(Peek(farm => farm.ReportsApplied) - reportsBefore < Hosts, "reports still wait");
        await Task.WhenAll(completions);
        Assert.Equal(Frames, Peek(farm => farm.Layers.Values.Sum(l => l.Counts[FrameState.Succeeded])));
        Run();
        Assert.Equal(0, _engine.Waiting(CommandClass.Report));
    }

    [Fact]
    public async Task While_reports_never_stop_coming_each_completion_and_action_has_its_turn_at_once_and_reports_go_on()
    {
        var runs = await RunningAsync();
        var reportsBefore = Peek(farm => farm.ReportsApplied);
        foreach (var run in runs)
        {
            await FloodAsync(Hosts, times: 1);
            var (completion, action) = (CompleteAsync(run), ActAsync());
            _engine.RunBatch();
            await FloodAsync(Hosts, times: 1);
            _engine.RunBatch();
            Assert.True(completion.IsCompletedSuccessfully && action.IsCompletedSuccessfully);
        }

        // Each turn took reports, too, and they were of different hosts: whoever waits keeps his place.
        Assert.True(Peek(farm => farm.ReportsApplied) - reportsBefore > Frames * Turn / 4);
        Assert.Equal(Hosts, Peek(farm => farm.Hosts.All.Count(h => h.LastReportEngineMs is not null)));
        Assert.Equal(Frames, Peek(farm => farm.Layers.Values.Sum(l => l.Counts[FrameState.Succeeded])));
    }

    [Fact]
    public async Task A_flood_of_completions_that_mean_nothing_keeps_no_report_and_no_action_from_its_turn()
    {
        await FloodAsync(hosts: 1, times: 1);
        Run();
        var strange = Enumerable.Range(0, 5000).Select(_ => CompleteAsync((Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), "node0"))).ToArray();
        var (report, action) = (ReportAsync("node0", freeMemory: 4321), ActAsync());
        _engine.RunBatch();
        _engine.RunBatch();

        Assert.True(report.IsCompletedSuccessfully && action.IsCompletedSuccessfully);
        Assert.Equal(4321, Peek(farm => farm.Hosts.Find("node0")!.Stat.Row.FreeMemory));
        Assert.Contains(strange, c => !c.IsCompleted);
        Run();
        await Task.WhenAll(strange);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _meter.Dispose();
    }

    private async Task FloodAsync(int hosts, int times)
    {
        for (var i = 0; i < times; i++)
        {
            for (var host = 0; host < hosts; host++)
            {
                await ReportAsync($"node{host}", 1_000_000 + i);
            }
        }
    }

    private Task<RqdReportStatusResponse> ReportAsync(string name, long freeMemory) =>
        _service.ReportStatus(new() { HostReport = new() { Host = Node(name, freeMemory) } }, new TestCall(name));

    private Task<RqdReportRunningFrameCompletionResponse> CompleteAsync((string Run, string Frame, string Host) run) => _service.ReportRunningFrameCompletion(
        new() { FrameCompleteReport = new() { Host = Node(run.Host, 1_000_000), Frame = new() { ResourceId = run.Run, FrameId = run.Frame }, RunTime = 3 } },
        new TestCall(run.Host));

    /// <summary>A person's action; tells how many reports were applied before it.</summary>
    private Task<long> ActAsync() => _engine.ExecuteAsync(CommandClass.UserAction, Actor.Maintenance, edit =>
    {
        edit.Emit(FarmEventKind.Administration, default, reason: "acted");
        return edit.Farm.ReportsApplied;
    }, CancellationToken.None);

    /// <summary>All hosts are there, and a job's frames run on them.</summary>
    private async Task<(string Run, string Frame, string Host)[]> RunningAsync()
    {
        await FloodAsync(Hosts, times: 1);
        Run();
        var submitted = _engine.ExecuteAsync(
            CommandClass.UserAction,
            Actor.Maintenance,
            edit =>
            {
                var submission = Submission.Begin(edit, SpecText.Of("comp", SpecText.Layer("render", $"1-{Frames}")));
                while (submission.Step(edit))
                {
                }

                return submission.Activate(edit).Count;
            },
            CancellationToken.None);
        Run();
        Assert.Equal(1, await submitted);
        var runs = Peek(farm => farm.Runs.Values.Select(r => (r.Id.ToString(), r.FrameId.ToString(), r.Row.HostName)).ToArray());
        Assert.Equal(Frames, runs.Length);
        return runs;
    }

    private void Run()
    {
        while (_engine.RunBatch())
        {
        }

        _engine.RunBatch();
    }

    private T Peek<T>(Func<FarmModel, T> read)
    {
        T seen = default!; // Set on the spot: the engine is driven by hand.
        Assert.True(_engine.PeekAsync(farm => seen = read(farm), CancellationToken.None).IsCompletedSuccessfully);
        return seen;
    }

    private static Wire.Reports.RenderHost Node(string name, long freeMemory)
    {
        var host = new Wire.Reports.RenderHost
        {
            Name = name,
            Facility = "local",
            NumProcs = 1,
            CoresPerProc = 100,
            TotalMem = 32 * 1048576,
            FreeMem = freeMemory,
            TotalMcp = 2_000_000,
            FreeMcp = 1_000_000,
            BootTime = 1_790_000_000,
            State = Wire.HardwareState.Up,
        };
        host.Tags.Add("general");
        host.Attributes["SP_OS"] = "linux";
        return host;
    }
}
