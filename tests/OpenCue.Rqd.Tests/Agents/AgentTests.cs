using Grpc.Core;
using OpenCue.Protocol;

namespace OpenCue.Rqd.Tests.Agents;

/// <summary>An agent in its own process, and a cuebot that listens: what each call and report says.</summary>
public sealed class AgentTests
{
    [Fact]
    public async Task An_agent_says_what_it_is_when_it_starts()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--name", "render07", "--facility", "lax", "--tags", "fast").StartAsync();

        var boot = await Eventually.NotNullAsync(() => cuebot.Boots.FirstOrDefault());

        Assert.Equal(("render07", "lax"), (boot.Host.Name, boot.Host.Facility));
        Assert.Equal(boot.CoreInfo.TotalCores, boot.Host.NumProcs * boot.Host.CoresPerProc);
        Assert.InRange(boot.CoreInfo.TotalCores, 100, Environment.ProcessorCount * 100);
        Assert.Equal((boot.CoreInfo.TotalCores, 0), (boot.CoreInfo.IdleCores, boot.CoreInfo.BookedCores));
        Assert.InRange(boot.Host.FreeMem, 1, boot.Host.TotalMem);
        Assert.InRange(boot.Host.FreeMcp, 1, boot.Host.TotalMcp);
        Assert.Contains("fast", boot.Host.Tags);
        var attributes = boot.Host.Attributes;
        Assert.Equal("Linux", attributes["SP_OS"]);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), attributes["opencue_boot_id"]);
        Assert.StartsWith("opencue.net/", attributes["opencue_agent"], StringComparison.Ordinal);
        Assert.Equal((agent.Port.ToString(), "127.0.0.1"), (attributes["rqd_port"], attributes["rqd_address"]));
        Assert.True(Guid.TryParse(attributes["opencue_instance_id"], out _));
    }

    [Fact]
    public async Task The_instance_stays_and_the_start_changes_when_an_agent_starts_again()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        await Eventually.TrueAsync(() => cuebot.Boots.Count == 1);
        await agent.KillAsync();
        await agent.StartAsync();
        await Eventually.TrueAsync(() => cuebot.Boots.Count == 2);

        Assert.Single(cuebot.Boots.Select(boot => boot.Host.Attributes["opencue_instance_id"]).Distinct());
        Assert.Equal(2, cuebot.Boots.Select(boot => boot.Host.Attributes["opencue_start_id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_frame_runs_and_its_end_is_reported()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("echo hello from $zframe, $GREETING; exit 3", frame => frame.Environment["GREETING"] = "bonjour");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((3, 0), (completion.ExitStatus, completion.ExitSignal));
        Assert.Equal((frame.FrameId, frame.JobId, frame.LayerId), (completion.Frame.FrameId, completion.Frame.JobId, completion.Frame.LayerId));
        Assert.Equal((frame.NumCores, frame.StartTime), (completion.Frame.NumCores, completion.Frame.StartTime));
        Assert.Equal("exit", completion.Frame.Attributes["opencue_end"]);
        Assert.InRange(completion.Frame.MaxRss, 1, 100_000);
        Assert.Contains($"hello from {frame.FrameName}, bonjour\n", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Directory.GetFiles(Path.Combine(agent.State, "runs")).Length == 0);
    }

    [Fact]
    public async Task Reports_show_what_runs_and_which_cores_are_left()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "4").StartAsync();
        var frame = await agent.LaunchAsync(
            // 60 MB in a child of the shell
            "(x=$(head -c 60000000 /dev/zero | tr '\\0' x); while [ ! -e end ]; do sleep 0.05; done); echo done", frame => frame.NumCores = 150);

        // While the shell builds its text it uses more.
        var report = await cuebot.ReportAsync(report => report.Frames.Any(running => running.Rss is > 60_000 and < 70_000 && running.Pss is > 50_000 and < 70_000));

        var info = Assert.Single(report.Frames);
        Assert.Equal((frame.ResourceId, frame.FrameId, 150), (info.ResourceId, info.FrameId, info.NumCores));
        Assert.Equal((400, 250, 150), (report.CoreInfo.TotalCores, report.CoreInfo.IdleCores, report.CoreInfo.BookedCores));
        Assert.True(info.MaxRss >= info.Rss && info.Vsize >= info.Rss);
        Assert.InRange(info.LluTime, DateTimeOffset.UnixEpoch.ToUnixTimeSeconds() + 1, long.MaxValue);
        Assert.InRange(info.Children.Children.Count, 2, 10);
        Assert.Contains(info.Children.Children, child => child.Cmdline.StartsWith("sh -c ", StringComparison.Ordinal) && child.Stat.Rss > 0);
        Assert.True(info.Attributes.ContainsKey("pcpu"));

        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);
        Assert.True(completion.Frame.MaxRss >= info.MaxRss && completion.Frame.Rss == 0);
        await cuebot.ReportAsync(report => report.Frames.Count == 0 && report.CoreInfo.IdleCores == 400);
    }

    [Fact]
    public async Task A_running_frame_can_be_asked_for_and_one_that_has_ended_cannot()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("while [ ! -e end ]; do sleep 0.05; done");
        var question = new RqdStaticGetRunningFrameStatusRequest { FrameId = frame.FrameId };

        var answer = await agent.Client.GetRunningFrameStatusAsync(question);
        Assert.Equal(frame.ResourceId, answer.RunningFrameInfo.ResourceId);

        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        await cuebot.CompletionAsync(frame.ResourceId);
        var byFrame = await Assert.ThrowsAsync<RpcException>(async () => await agent.Client.GetRunningFrameStatusAsync(question));
        Assert.Equal((StatusCode.NotFound, "not-running"), (byFrame.StatusCode, byFrame.Trailers.GetValue("opencue-run-state")));
        var byRun = await Assert.ThrowsAsync<RpcException>(
            async () => await agent.Client.GetRunningFrameStatusAsync(question, AgentProcess.RunIdHeader(frame.ResourceId)));
        Assert.Equal((StatusCode.NotFound, "ended"), (byRun.StatusCode, byRun.Trailers.GetValue("opencue-run-state")));
    }

    [Fact]
    public async Task Of_many_launches_of_one_frame_at_the_same_time_one_is_taken()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = agent.Frame("echo started >> starts; while [ ! -e end ]; do sleep 0.05; done");

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var copy = frame.Clone();
            copy.ResourceId = Guid.NewGuid().ToString();
            try
            {
                await agent.LaunchAsync(copy);
                return (Run: copy.ResourceId, Error: null);
            }
            catch (RpcException error)
            {
                return (Run: copy.ResourceId, Error: (RpcException?)error);
            }
        }));

        var taken = Assert.Single(results, result => result.Error is null);
        Assert.All(results.Where(result => result.Error is not null), result =>
        {
            Assert.Equal(StatusCode.AlreadyExists, result.Error!.StatusCode);
            Assert.Contains(taken.Run, result.Error.Status.Detail, StringComparison.Ordinal);
        });
        await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
        await cuebot.CompletionAsync(taken.Run);
        Assert.Equal("started", agent.Written("starts"));
    }

    [Fact]
    public async Task A_run_is_launched_once_even_if_its_launch_comes_again_when_it_is_over()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("echo started >> starts");
        await cuebot.CompletionAsync(frame.ResourceId);

        var again = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync(frame));
        await agent.KillAsync();
        await agent.StartAsync();
        var afterRestart = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync(frame));

        Assert.Equal((StatusCode.AlreadyExists, StatusCode.AlreadyExists), (again.StatusCode, afterRestart.StatusCode));
        Assert.Equal("started", agent.Written("starts"));
    }

    [Fact]
    public async Task OpenCues_cuebot_may_use_the_id_of_a_place_again()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var first = await agent.LaunchAsync("exit 1", withRunId: false);
        await cuebot.CompletionAsync(first.ResourceId, first.FrameId);

        var second = await agent.LaunchAsync("exit 2", frame => frame.ResourceId = first.ResourceId, withRunId: false);
        await cuebot.CompletionAsync(first.ResourceId, second.FrameId);
        await agent.LaunchAsync(first, withRunId: false); // a retry of the frame in the same place
        await Eventually.TrueAsync(() => cuebot.Completions.Count == 3);

        Assert.Equal([1, 2, 1], cuebot.Completions.Select(completion => completion.ExitStatus));
    }

    public static TheoryData<string, StatusCode, string> Refusals => new()
    {
        { "no frame", StatusCode.InvalidArgument, "run_frame" },
        { "uid 0", StatusCode.InvalidArgument, "uid is 0" },
        { "bad id", StatusCode.InvalidArgument, "frame_id is 'x'" },
        { "no cores", StatusCode.InvalidArgument, "num_cores is 0" },
        { "other run id", StatusCode.InvalidArgument, "run id" },
        { "too many cores", StatusCode.Aborted, "only 200 are idle" },
        { "gpus", StatusCode.InvalidArgument, "num_gpus is 1" },
    };

    [Fact]
    public async Task A_launch_that_cannot_be_is_refused_with_a_status_that_says_why()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "2").StartAsync();
        foreach (var (fault, status, text) in Refusals.Select(row => row.Data))
        {
            var frame = agent.Frame("echo started >> starts");
            var header = AgentProcess.RunIdHeader(frame.ResourceId);
            switch (fault)
            {
                case "uid 0": frame.Uid = 0; break;
                case "bad id": frame.FrameId = "x"; break;
                case "no cores": frame.NumCores = 0; break;
                case "other run id": header = AgentProcess.RunIdHeader(Guid.NewGuid().ToString()); break;
                case "too many cores": frame.NumCores = 201; break;
                case "gpus": frame.NumGpus = 1; break;
                default: frame = null; break;
            }

            var error = await Assert.ThrowsAsync<RpcException>(
                async () => await agent.Client.LaunchFrameAsync(new RqdStaticLaunchFrameRequest { RunFrame = frame }, header));

            Assert.Equal(status, error.StatusCode);
            Assert.Contains(text, error.Status.Detail, StringComparison.Ordinal);
        }
        Assert.Null(agent.Written("starts"));
    }

    [Fact]
    public async Task What_the_agent_does_not_do_yet_is_unimplemented()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(async () => await agent.Client.RebootNowAsync(new RqdStaticRebootNowRequest()));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task A_frame_that_cannot_be_started_fails_as_a_launch_and_says_why()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("true", frame => frame.LogDir = "/dev/null/logs");
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        Assert.Equal((256, 0, 0), (completion.ExitStatus, completion.ExitSignal, completion.RunTime));
        Assert.Contains("cannot make the log directory", completion.Frame.Attributes["opencue_end_detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_that_makes_use_of_several_cores_gets_its_own()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("grep Cpus_allowed_list /proc/self/status; echo $CUE_THREADS threads", frame =>
        {
            frame.NumCores = 100;
            frame.Environment["CUE_THREADABLE"] = "1";
        });
        var completion = await cuebot.CompletionAsync(frame.ResourceId);

        var processors = completion.Frame.Attributes["CPU_LIST"].Split(',');
        Assert.Contains($"Cpus_allowed_list:\t{processors[0]}", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
        Assert.Contains($"\n{processors.Length} threads\n", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_root_a_frame_runs_as_its_jobs_user()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("echo uid $(id -u); touch mine", frame => frame.ClearUid());
        await cuebot.CompletionAsync(frame.ResourceId);

        var expected = Environment.IsPrivilegedProcess ? "65534" : $"{OpenCue.Rqd.Supervision.Libc.EffectiveUserId()}";
        Assert.Contains($"uid {expected}\n", AgentProcess.FrameLog(frame), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_root_a_job_of_root_or_of_nobody_known_is_refused()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // others run all frames as themselves
        }
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        foreach (var user in new[] { "root", "no-such-user" })
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync("true", frame =>
            {
                frame.ClearUid();
                frame.UserName = user;
            }));
            Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
            Assert.Contains(user, error.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_agents_do_not_share_a_state_directory_or_a_port()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        using var other = new TempDirectory();

        var (sameState, stateError) = await AgentProcess.RunToEndAsync("--state-dir", agent.State, "--port", $"{AgentProcess.FreePort()}");
        var (samePort, portError) = await AgentProcess.RunToEndAsync("--state-dir", other["state"], "--port", $"{agent.Port}");
        var (badPlace, placeError) = await AgentProcess.RunToEndAsync("--state-dir", "/proc/nowhere", "--port", $"{AgentProcess.FreePort()}");

        Assert.Equal((1, 1, 1), (sameState, samePort, badPlace));
        Assert.Equal($"rqd: Another rqd is using the state directory {agent.State}: stop it, or give this one its own with --state-dir.\n", stateError);
        Assert.Equal(
            $"rqd: Port {agent.Port} on 127.0.0.1 cannot be opened: another program has it; stop that, or choose another with --port.\n", portError);
        Assert.StartsWith("rqd: The state directory /proc/nowhere cannot be used: ", placeError, StringComparison.Ordinal);
        Assert.Single(placeError.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_journal_of_a_newer_agent_is_not_touched()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        await agent.KillAsync();
        var journal = Path.Combine(agent.State, "journal");
        var json = """{"entry":"teleported","key":"x"}"""u8.ToArray();
        var checksum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(json))[..8];
        byte[] newer = [.. System.Text.Encoding.ASCII.GetBytes(checksum + " "), .. json, (byte)'\n'];
        await File.WriteAllBytesAsync(journal, newer);

        var (exitCode, error) = await AgentProcess.RunToEndAsync("--state-dir", agent.State, "--port", $"{AgentProcess.FreePort()}");

        Assert.Equal(1, exitCode);
        Assert.Contains("was written by a newer rqd", error, StringComparison.Ordinal);
        Assert.Equal(newer, await File.ReadAllBytesAsync(journal));
    }
}
