using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Cuebot.Launching;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Specs;
using OpenCue.TestKit;
using Reporter = OpenCue.Protocol.Reports.RqdReportInterface.RqdReportInterfaceClient;

namespace OpenCue.Cuebot.Tests.Launching;

/// <summary>The whole way of calls to agents, over real connections: the ways of losing or doubling a frame that need the wire.</summary>
public sealed class LauncherTests
{
    /// <summary>Short, so that a lost answer costs a test little.</summary>
    private static readonly FarmSettings s_settings = new() { LaunchDeadlineMs = 1500, ForgottenAfterMs = 1000 };

    [Fact]
    public async Task A_frame_is_launched_with_all_that_agents_expect()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        var layer = SpecText.Layer("render", "1-4", chunk: 2) with
        {
            Command = "render #IFRAME# #FRAME_END# #FRAMESPEC# #LAYER# #JOB# #FRAME#",
            Environment = [new EnvironmentVariable("SCENE", "cat"), new EnvironmentVariable("CUE_JOB", "mine")],
        };
        var job = await server.LaunchAsync("comp", layer);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 2), "two frames run");

        var second = agent.Running.Single(f => f.FrameName == "0003-render");
        Assert.Equal($"render 3 4 3-4 render {job.Name} 0003-render", second.Command);
        Assert.Equal((job.Id, job.Name, job.Show, job.Shot, job.User), (second.JobId, second.JobName, second.Show, second.Shot, second.UserName));
        Assert.Equal(job.LogDir, second.LogDir);
        Assert.Equal(100, second.NumCores);
        Assert.Equal(2.0, (double)second.HardMemoryLimit / 3355443, 0.01);
        Assert.Equal(("cat", job.Name, "1", "2", "3", "1-4"), (
            second.Environment["SCENE"], second.Environment["CUE_JOB"], second.Environment["CUE_THREADS"], second.Environment["CUE_CHUNK"],
            second.Environment["CUE_IFRAME"], second.Environment["CUE_RANGE"]));
        Assert.Equal(0, second.Gid);
        var proc = Assert.Single((await server.Procs.GetProcsAsync(new() { R = new() })).Procs.Procs, p => p.FrameName == "0003-render");
        Assert.NotEqual(proc.Id, second.ResourceId);
        Assert.All(agent.Calls, c => Assert.Contains(agent.Running, f => f.ResourceId == c.RunId && f.FrameId == c.FrameId));

        foreach (var frame in agent.Running.ToArray())
        {
            await Reports(server).ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(frame.FrameId) });
        }

        Assert.Equal(Wire.JobState.Finished, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_launch_whose_answer_is_lost_is_settled_and_not_repeated(bool isOurs)
    {
        await using var agent = await WireAgent.StartAsync("node1", isOurs);
        agent.AfterLaunch = _ => Task.Delay(Timeout.Infinite);
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Any(c => c.What == "ask")), "the agent was asked");
        await agent.ReportAsync(Reports(server));
        await Eventually.TrueAsync(async () => await PhaseAsync(server, frame) == "Started", "the run is known to live");

        Assert.Single(agent.Calls, c => c.What == "launch");
        await Reports(server).ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(frame) });
        Assert.Equal(Wire.FrameState.Succeeded, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.State);
    }

    [Fact]
    public async Task A_launch_that_did_not_arrive_is_given_up_for_good_and_made_again()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        var hangs = 1;
        agent.BeforeLaunch = _ => Interlocked.Exchange(ref hangs, 0) == 1 ? throw new OpenCue.Rpc.Server.RpcDropConnectionException() : Task.CompletedTask;
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");

        var launches = agent.Calls.Where(c => c.What == "launch").ToArray();
        Assert.Equal(2, launches.Length);
        Assert.NotEqual(launches[0].RunId, launches[1].RunId);
        Assert.Contains(agent.Calls, c => c.What == "ask" && c.RunId == launches[0].RunId);
        Assert.Equal(0, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.RetryCount);
    }

    [Fact]
    public async Task A_refused_launch_costs_no_retry_and_is_tried_again_later()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        var refusals = 2;
        agent.BeforeLaunch = _ => Interlocked.Decrement(ref refusals) >= 0
            ? throw new RpcException(new Status(StatusCode.Aborted, "Not enough idle cores."))
            : Task.CompletedTask;
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");

        Assert.Equal(3, agent.Calls.Count(c => c.What == "launch"));
        Assert.DoesNotContain(agent.Calls, c => c.What == "ask");
        Assert.Equal(0, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.RetryCount);
    }

    [Fact]
    public async Task Where_nobody_listens_surely_nothing_was_started_and_another_host_gets_the_frame()
    {
        await using var gone = await WireAgent.StartAsync("gone");
        await using var agent = await WireAgent.StartAsync("node1");
        await using var server = await StartAsync();
        await gone.BootAsync(Reports(server));
        await Eventually.TrueAsync(async () => (await server.Hosts.GetHostsAsync(new() { R = new() })).Hosts.Hosts.Count == 1, "the host is known");
        await gone.DisposeAsync();
        var frame = await OneFrameAsync(server);
        await agent.BootAsync(Reports(server));
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs elsewhere");

        Assert.Equal(frame, agent.Running.Single().FrameId);
        Assert.Equal(0, await server.DoAsync(edit => edit.Farm.Unsettled.Count));
    }

    [Fact]
    public async Task A_kill_waits_for_the_answer_of_its_launch()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        var launched = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        agent.BeforeLaunch = async _ =>
        {
            launched.TrySetResult();
            await answer.Task;
        };
        await using var server = await StartAsync(new FarmSettings());
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await launched.Task;
        await server.Frames.KillAsync(new() { Frame = new() { Id = frame } });
        await Eventually.TrueAsync(
            () => server.DoAsync(edit => edit.Farm.Runs.Values.Single().Contact is { LaunchOpen: true, KillOpen: true }), "the kill waits behind the launch");
        Assert.DoesNotContain(agent.Calls, c => c.What == "kill");

        answer.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Any(c => c.What == "kill")), "the kill is sent");
        Assert.Single(agent.Calls, c => c.What == "launch");
        Assert.NotEqual("", agent.Calls.Single(c => c.What == "kill").Message);
    }

    [Fact]
    public async Task While_a_kill_is_on_its_way_the_frame_is_not_launched_on_that_host_again()
    {
        await using var agent = await WireAgent.StartAsync("node1", isOurs: false);
        var killing = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        agent.BeforeKill = async _ =>
        {
            killing.TrySetResult();
            await answer.Task;
        };
        await using var server = await StartAsync(new FarmSettings());
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");
        await server.Frames.RetryAsync(new() { Frame = new() { Id = frame } });
        await killing.Task;
        await Reports(server).ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(frame, 1, 9) });

        Assert.Equal(Wire.FrameState.Waiting, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.State);
        await server.DoAsync(edit => 0);
        Assert.Single(agent.Calls, c => c.What == "launch");

        answer.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs again");
        Assert.Equal(2, agent.Calls.Count(c => c.What == "launch"));
    }

    [Fact]
    public async Task A_kill_that_is_not_understood_is_repeated_until_the_run_has_ended()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        var failures = 2;
        agent.BeforeKill = _ => Interlocked.Decrement(ref failures) >= 0
            ? throw new RpcException(new Status(StatusCode.Unavailable, "The journal is not durable now."))
            : Task.CompletedTask;
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        var frame = await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");
        await server.Frames.EatAsync(new() { Frame = new() { Id = frame } });
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Count(c => c.What == "kill") >= 3), "the kill is repeated");

        Assert.Equal(Wire.FrameState.Running, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.State);
        await Reports(server).ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(frame, 1, 15) });
        Assert.Equal(Wire.FrameState.Eaten, (await server.Frames.GetFrameAsync(new() { Id = frame })).Frame.State);
    }

    [Fact]
    public async Task An_agent_that_lost_a_run_says_so_and_the_frame_runs_again()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        await OneFrameAsync(server);
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");
        var first = agent.Running.Single().ResourceId;
        agent.Forget();
        await Eventually.TrueAsync(
            async () =>
            {
                await agent.ReportAsync(Reports(server));
                return agent.Running.Count == 1;
            },
            "the frame runs again");
        Assert.NotEqual(first, agent.Running.Single().ResourceId);
    }

    [Fact]
    public async Task A_server_that_is_started_again_asks_what_became_of_its_launches()
    {
        var database = new MemoryDatabase();
        await using var agent = await WireAgent.StartAsync("node1");
        string frame;
        await using (var first = await StartAsync(store: new MemoryStore(database)))
        {
            await agent.BootAsync(Reports(first));
            frame = await OneFrameAsync(first);
            await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 1), "the frame runs");
        }

        await using var second = await StartAsync(store: new MemoryStore(database));
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Any(c => c.What == "ask")), "the agent is asked");
        await Eventually.TrueAsync(async () => await PhaseAsync(second, frame) == "Started", "the run is known to live");
        Assert.Single(agent.Calls, c => c.What == "launch");
        await Reports(second).ReportRunningFrameCompletionAsync(new() { FrameCompleteReport = agent.Finish(frame) });
        Assert.Equal(Wire.FrameState.Succeeded, (await second.Frames.GetFrameAsync(new() { Id = frame })).Frame.State);
    }

    [Fact]
    public async Task Effects_that_were_dropped_are_found_again_and_none_is_sent_twice()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        var answer = new TaskCompletionSource();
        agent.BeforeLaunch = _ => answer.Task;
        await using var server = await StartAsync(new FarmSettings());
        await agent.BootAsync(Reports(server));
        await server.LaunchAsync("comp", SpecText.Layer("render", "1-3"));
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Count == 3), "three launches are under way");
        var launcher = server.Parts.GetRequiredService<Launcher>();
        for (var i = 0; i < 5; i++)
        {
            await launcher.DeliverAsync(new EffectBatch(1, server.Engine.Now, [], Resync: true), CancellationToken.None);
        }

        answer.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 3), "three frames run");
        await Eventually.TrueAsync(() => server.DoAsync(edit => edit.Farm.OpenCalls.Count == 0), "all calls have ended");
        await launcher.DeliverAsync(new EffectBatch(1, server.Engine.Now, [], Resync: true), CancellationToken.None);
        Assert.Equal(0, launcher.Backlog);
        Assert.Equal(3, agent.Calls.Count);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_holds_up_no_other()
    {
        await using var deaf = await WireAgent.StartAsync("deaf");
        await using var agent = await WireAgent.StartAsync("node1");
        deaf.BeforeLaunch = _ => Task.Delay(Timeout.Infinite);
        await using var server = await StartAsync(new FarmSettings());
        await deaf.BootAsync(Reports(server));
        await agent.BootAsync(Reports(server));
        await server.LaunchAsync("comp", SpecText.Layer("render", "1-8"));
        await Eventually.TrueAsync(() => Task.FromResult(agent.Running.Count == 4), "the other host is full");
        Assert.Empty(deaf.Running);
    }

    [Fact]
    public async Task An_agent_is_told_its_lock()
    {
        await using var agent = await WireAgent.StartAsync("node1");
        await using var server = await StartAsync();
        await agent.BootAsync(Reports(server));
        await Eventually.TrueAsync(async () => (await server.Hosts.GetHostsAsync(new() { R = new() })).Hosts.Hosts.Count == 1, "the host is known");
        var host = (await server.Hosts.FindHostAsync(new() { Name = "node1" })).Host;
        await server.Hosts.LockAsync(new() { Host = host });
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Any(c => c.What == "lock")), "the agent is locked");
        await server.Hosts.UnlockAsync(new() { Host = host });
        await Eventually.TrueAsync(() => Task.FromResult(agent.Calls.Any(c => c.What == "unlock")), "the agent is unlocked");
        await Eventually.TrueAsync(() => server.DoAsync(edit => edit.Farm.HostsToTell.Count == 0), "nothing is left to tell");
    }

    private static Reporter Reports(TestServer server) => new(server.Channel);

    private static Task<TestServer> StartAsync(FarmSettings? settings = null, IFarmStore? store = null) => TestServer.StartAsync(
        store, settings ?? s_settings, services => services.AddSingleton<IEffectSink>(provider => provider.GetRequiredService<Launcher>()));

    private static async Task<string> OneFrameAsync(TestServer server)
    {
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));
        return (await server.Jobs.GetFramesAsync(new() { Job = job, Req = new() })).Frames.Frames.Single().Id;
    }

    private static async Task<string> PhaseAsync(TestServer server, string frame) => await server.DoAsync(edit =>
        edit.Farm.TryGetFrame(EntityId.Parse(frame), out var layer, out var ordinal) && layer.Runs.TryGetValue(ordinal, out var run) ? run.Row.Phase.ToString() : "");
}
