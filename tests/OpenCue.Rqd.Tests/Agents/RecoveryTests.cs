using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Tests.Agents;

/// <summary>What becomes of frames when the agent, a supervisor or the machine dies under them.</summary>
public sealed class RecoveryTests
{
    [Theory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 42", 42, 0)]
    [InlineData("kill -11 $$", 1, 11)]
    public async Task A_frame_that_ends_while_no_agent_is_there_is_reported_truly_by_the_next(string end, int status, int signal)
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync($"echo started >> starts; while [ ! -e end ]; do sleep 0.02; done; echo ended > ended; {end}");
        await agent.WrittenAsync("starts");

        await agent.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        await agent.WrittenAsync("ended");
        await agent.StartAsync();
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((status, signal), (completion.ExitStatus, completion.ExitSignal));
        Assert.Equal("started", agent.Written("starts"));
        Assert.Single(cuebot.Arrived);
    }

    [Fact]
    public async Task A_frame_that_still_runs_is_taken_over_with_its_cores()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "2").StartAsync();
        var frame = await agent.LaunchAsync("echo $$ > pid; while [ ! -e end ]; do sleep 0.02; done; exit 9", frame => frame.NumCores = 150);
        await agent.WrittenAsync("pid");

        await agent.KillAsync();
        await agent.StartAsync();
        var report = await cuebot.ReportAsync(report => report.Frames.Count == 1 && report.Frames[0].Rss > 0);
        var tooMuch = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync("true", frame => frame.NumCores = 51));
        var twice = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync(frame));
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((frame.ResourceId, 50), (report.Frames[0].ResourceId, report.CoreInfo.IdleCores));
        Assert.Equal((StatusCode.Aborted, StatusCode.AlreadyExists), (tooMuch.StatusCode, twice.StatusCode));
        Assert.Equal((9, 0), (completion.ExitStatus, completion.ExitSignal));
        await agent.LaunchAsync("true", frame => frame.NumCores = 200);
    }

    [Fact]
    public async Task Stopping_the_agent_leaves_its_frames_alone()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("echo $$ > pid; while [ ! -e end ]; do sleep 0.02; done; exit 6");
        await agent.WrittenAsync("pid");

        var exitCode = await agent.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        await agent.StartAsync();
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((0, 6), (exitCode, completion.ExitStatus));
    }

    [Fact]
    public async Task An_agent_can_be_told_to_take_its_frames_with_it()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--kill-frames-on-exit").StartAsync();
        var frame = await agent.LaunchAsync("trap '' TERM; echo $$ > pid; while true; do sleep 0.02; done");
        var main = await agent.WrittenProcessAsync("pid");

        await agent.StopAsync();

        Assert.False(AgentProcess.IsAlive(main));
        var completion = Assert.Single(cuebot.Completions);
        // It was no fault of the frame: this status uses up none of its retries.
        Assert.Equal((frame.ResourceId, 286, 0), (completion.Frame.ResourceId, completion.ExitStatus, completion.ExitSignal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_a_supervisor_is_killed_its_frame_dies_and_nobody_makes_up_an_exit_status(bool agentIsThere)
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync(
            "setsid sh -c 'trap \"\" TERM; echo $$ > runaway; while true; do sleep 0.02; done' & echo $$ > pid; while true; do sleep 0.02; done");
        var processes = new[] { await agent.WrittenProcessAsync("pid"), await agent.WrittenProcessAsync("runaway") };
        var supervisor = new RunFile(Path.Combine(agent.State, "runs", frame.ResourceId)).ReadStarted()!.Supervisor;
        if (!agentIsThere)
        {
            await agent.KillAsync();
        }

        Libc.Kill(supervisor.Pid, Libc.SigKill);
        if (!agentIsThere)
        {
            await agent.StartAsync();
        }
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((286, 0, "supervisor-lost"), (completion.ExitStatus, completion.ExitSignal, completion.Frame.Attributes["opencue_end"]));
        Assert.All(processes, process => Assert.False(AgentProcess.IsAlive(process), $"process {process.Pid} outlived the report of its end"));
    }

    [Fact]
    public async Task After_a_boot_of_the_machine_all_that_ran_is_over_and_what_is_known_counts()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var lost = await agent.LaunchAsync("echo $$ > pid; sleep 600");
        var kept = await agent.LaunchAsync("while [ ! -e end ]; do sleep 0.02; done; exit 5");
        var main = await agent.WrittenProcessAsync("pid");
        await agent.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        await Eventually.NotNullAsync(() => RunFileOf(agent, kept).ReadEnded());

        // A machine that boots takes its processes with it, and comes back with another boot id.
        var file = RunFileOf(agent, lost);
        Libc.Kill(file.ReadStarted()!.Supervisor.Pid, Libc.SigKill);
        await Eventually.TrueAsync(() => !AgentProcess.IsAlive(main));
        PretendAnotherBoot(agent);
        await agent.StartAsync();

        var ended = await cuebot.CompletionAsync(lost.ResourceId);
        Assert.Equal((399, 0, "host-reboot"), (ended.ExitStatus, ended.ExitSignal, ended.Frame.Attributes["opencue_end"]));
        Assert.Equal(5, (await cuebot.CompletionAsync(kept.ResourceId)).ExitStatus);
    }

    [Fact]
    public async Task A_launch_that_was_accepted_but_not_begun_when_the_agent_died_fails_as_a_launch()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        await agent.LaunchAsync("true");
        await Eventually.TrueAsync(() => cuebot.Completions.Count == 1);
        await agent.KillAsync();
        var record = Frames.Orders.Record(Guid.NewGuid().ToString()) with { BootId = new MachineProbe(new MachinePaths(), new MachineOverrides(), "/tmp", "").Facts.BootId };
        await File.AppendAllBytesAsync(Path.Combine(agent.State, "journal"), JournalFormat.Encode([new JournalEntry.Accepted(record)]));

        await agent.StartAsync();
        var completion = await cuebot.CompletionAsync(record.ResourceId);

        Assert.Equal((256, "failed-launch"), (completion.ExitStatus, completion.Frame.Attributes["opencue_end"]));
    }

    [Fact]
    public async Task A_kill_that_was_answered_is_carried_out_even_if_the_agent_dies_at_once()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("trap '' TERM; echo $$ > pid; while true; do sleep 0.02; done");
        var main = await agent.WrittenProcessAsync("pid");

        await agent.KillFrameAsync(frame, "Not needed any more");
        await agent.KillAsync();
        await Eventually.TrueAsync(() => !AgentProcess.IsAlive(main));
        await agent.StartAsync();
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((1, 9, "Not needed any more"),
            (completion.ExitStatus, completion.ExitSignal, completion.Frame.Attributes["opencue_end_detail"]));
        Assert.Contains("killed      Not needed any more\n", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
    }

    /// <remarks>OPENCUE_TEST_KILLS and OPENCUE_TEST_SEED make it longer and different.</remarks>
    [Fact]
    public async Task Killed_at_random_moments_under_load_an_agent_loses_nothing_and_runs_nothing_twice()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("OPENCUE_TEST_KILLS") ?? "8", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("OPENCUE_TEST_SEED") ?? "20261121", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "100").StartAsync();
        var launches = new ConcurrentBag<(RunFrame Frame, int Status, bool WasAccepted, string Answer)>();
        for (var life = 0; life < kills; life++)
        {
            using var over = new CancellationTokenSource();
            var before = launches.Count(launch => launch.WasAccepted);
            var enough = before + random.Next(1, 25);
            var load = Enumerable.Range(0, 3).Select(lane => LaunchUntilAsync(new Random(seed + (life * 10) + lane), over.Token)).ToList();
            await Eventually.TrueAsync(() => launches.Count(launch => launch.WasAccepted) >= enough);
            await agent.KillAsync();
            await over.CancelAsync();
            await Task.WhenAll(load);
            await agent.StartAsync();
        }

        var accepted = launches.Where(launch => launch.WasAccepted).ToList();
        await Eventually.TrueAsync(() => accepted.All(launch => cuebot.Completions.Any(report => report.Frame.ResourceId == launch.Frame.ResourceId)));
        await cuebot.ReportAsync(report => report.Frames.Count == 0 && !report.Host.Attributes.ContainsKey("opencue_pending_completions"));

        Assert.InRange(accepted.Count, kills, int.MaxValue);
        foreach (var launch in launches)
        {
            var starts = Starts(launch.Frame);
            var ends = cuebot.Completions.Where(report => report.Frame.ResourceId == launch.Frame.ResourceId)
                .Select(report => (report.ExitStatus, report.ExitSignal)).Distinct().ToList();
            var isTrue = ends switch
            {
                [] => !launch.WasAccepted && starts == 0,
                [(256, 0)] => starts == 0,
                [var (status, signal)] => starts == 1 && (status, signal) == (launch.Status, 0),
                _ => false,
            };
            Assert.True(isTrue, $"Seed {seed}. Run {launch.Frame.ResourceId}: launch answered {launch.Answer}, started {starts} times, "
                + $"should end with {launch.Status}, was reported as {string.Join(" and ", ends)}.\n{agent.Log}");
        }

        async Task LaunchUntilAsync(Random choice, CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var status = choice.Next(0, 100);
                var frame = agent.Frame("");
                frame.Command = $"echo x >> run-{frame.ResourceId}; sleep 0.{choice.Next(0, 4)}; exit {status}";
                try
                {
                    await agent.Client.LaunchFrameAsync(
                        new RqdStaticLaunchFrameRequest { RunFrame = frame }, AgentProcess.RunIdHeader(frame.ResourceId), cancellationToken: stop);
                    launches.Add((frame, status, true, "OK"));
                }
                catch (RpcException error)
                {
                    // The agent died before it answered: whether it took the frame is for its reports to say.
                    launches.Add((frame, status, false, error.Message));
                }
            }
        }

        int Starts(RunFrame frame)
        {
            var path = Path.Combine(agent.Work, $"run-{frame.ResourceId}");
            return File.Exists(path) ? File.ReadAllLines(path).Length : 0;
        }
    }

    private static RunFile RunFileOf(AgentProcess agent, RunFrame frame) => new(Path.Combine(agent.State, "runs", frame.ResourceId));

    private static void PretendAnotherBoot(AgentProcess agent)
    {
        var path = Path.Combine(agent.State, "journal");
        var entries = JournalFormat.Decode(File.ReadAllBytes(path), out _).Select(entry => entry is JournalEntry.Accepted accepted
            ? accepted with { Run = accepted.Run with { BootId = "the boot before" } }
            : entry);
        File.WriteAllBytes(path, JournalFormat.Encode(entries));
    }
}
