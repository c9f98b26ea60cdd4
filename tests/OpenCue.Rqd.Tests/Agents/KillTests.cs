using Grpc.Core;

namespace OpenCue.Rqd.Tests.Agents;

public sealed class KillTests
{
    [Fact]
    public async Task A_killed_frame_is_gone_when_its_end_is_reported_and_its_log_says_why()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync(
            "setsid sh -c 'trap \"\" TERM; echo $$ > runaway; while true; do sleep 0.02; done' & echo $$ > pid; while true; do sleep 0.02; done");
        var processes = new[] { await agent.WrittenProcessAsync("pid"), await agent.WrittenProcessAsync("runaway") };

        await agent.KillFrameAsync(frame, "Frame timed out", frame.ResourceId);
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((1, 15), (completion.ExitStatus, completion.ExitSignal));
        Assert.All(processes, process => Assert.False(AgentProcess.IsAlive(process)));
        Assert.Contains("killed      Frame timed out\n", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_that_refuses_is_killed_after_the_grace()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("trap '' TERM; echo $$ > pid; while true; do sleep 0.02; done");
        await agent.WrittenAsync("pid");

        await agent.KillFrameAsync(frame, "");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((1, 9), (completion.ExitStatus, completion.ExitSignal));
    }

    [Fact]
    public async Task A_kill_may_come_right_after_the_launch()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "100").StartAsync();
        var frames = Enumerable.Range(0, 20).Select(_ => agent.Frame("sleep 600")).ToList();

        await Task.WhenAll(frames.Select(async frame =>
        {
            await agent.LaunchAsync(frame);
            await agent.KillFrameAsync(frame, "changed my mind", frame.ResourceId);
        }));

        foreach (var frame in frames)
        {
            var completion = await cuebot.CompletionAsync(frame.ResourceId);
            Assert.Equal((1, 15), (completion.ExitStatus, completion.ExitSignal));
        }
    }

    [Fact]
    public async Task A_kill_meant_for_another_run_does_not_touch_the_one_that_runs()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("while [ ! -e end ]; do sleep 0.02; done; exit 3");

        var error = await Assert.ThrowsAsync<RpcException>(() => agent.KillFrameAsync(frame, "late", Guid.NewGuid().ToString()));
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");

        Assert.Equal((StatusCode.NotFound, "other-run"), (error.StatusCode, error.Trailers.GetValue("opencue-run-state")));
        Assert.Contains(frame.ResourceId, error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(3, (await cuebot.CompletionAsync(frame.ResourceId)).ExitStatus);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_was_killed_before_its_launch_arrived_is_refused(bool agentDiesBetween)
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = agent.Frame("echo started > started");

        var kill = await Assert.ThrowsAsync<RpcException>(() => agent.KillFrameAsync(frame, "overtaken", frame.ResourceId));
        if (agentDiesBetween)
        {
            await agent.KillAsync();
            await agent.StartAsync();
        }
        var launch = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync(frame));

        Assert.Equal((StatusCode.NotFound, "never-started"), (kill.StatusCode, kill.Trailers.GetValue("opencue-run-state")));
        Assert.Equal(StatusCode.FailedPrecondition, launch.StatusCode);
        Assert.Null(agent.Written("started"));

        // Another run of the frame is another matter.
        frame.ResourceId = Guid.NewGuid().ToString();
        await agent.LaunchAsync(frame);
        await agent.WrittenAsync("started");
    }

    [Fact]
    public async Task Whoever_is_told_that_a_run_was_never_started_can_rely_on_it()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "100").StartAsync();
        var frames = Enumerable.Range(0, 30).Select(_ => agent.Frame("echo started > started-$OPENCUE_RUN; exec sleep 600")).ToList();

        // Launch and kill race; whoever wins, the answer of the kill is true.
        var kills = await Task.WhenAll(frames.Select(async frame =>
        {
            var launch = Record.ExceptionAsync(() => agent.LaunchAsync(frame));
            var kill = await Record.ExceptionAsync(() => agent.KillFrameAsync(frame, "race", frame.ResourceId));
            return (Frame: frame, Launch: await launch, Kill: kill);
        }));

        foreach (var (frame, launch, kill) in kills)
        {
            if (kill is null)
            {
                Assert.Null(launch);
                Assert.Equal(1, (await cuebot.CompletionAsync(frame.ResourceId)).ExitStatus);
            }
            else
            {
                Assert.Equal(StatusCode.NotFound, Assert.IsType<RpcException>(kill).StatusCode);
                Assert.Equal(StatusCode.FailedPrecondition, Assert.IsType<RpcException>(launch).StatusCode);
                Assert.Null(agent.Written($"started-{frame.ResourceId}"));
            }
        }
    }

    [Fact]
    public async Task A_kill_without_a_run_id_of_a_frame_that_does_not_run_changes_nothing()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = agent.Frame("exit 8");

        var error = await Assert.ThrowsAsync<RpcException>(() => agent.KillFrameAsync(frame, "from OpenCue's cuebot"));
        await agent.LaunchAsync(frame);

        Assert.Equal((StatusCode.NotFound, "not-running"), (error.StatusCode, error.Trailers.GetValue("opencue-run-state")));
        Assert.Equal(8, (await cuebot.CompletionAsync(frame.ResourceId)).ExitStatus);
    }

    [Fact]
    public async Task A_frame_that_fills_the_disk_with_its_log_is_killed()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--log-limit", "100000").StartAsync();

        var frame = await agent.LaunchAsync("head -c 200000 /dev/zero | tr '\\0' x; sleep 600");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((287, 0), (completion.ExitStatus, completion.ExitSignal));
        Assert.Contains("more than the 100000 that are allowed", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
    }
}
