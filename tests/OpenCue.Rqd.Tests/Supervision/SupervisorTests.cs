using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Tests.Supervision;

public sealed class SupervisorTests
{
    [Theory]
    [InlineData("true", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 137", 137)]
    [InlineData("no-such-program", 127)]
    public async Task An_exit_status_is_kept_as_it_is(string command, int status)
    {
        using var frame = new SupervisedFrame(command);

        var end = await frame.RunAsync();

        Assert.Equal((SupervisorEndKind.Exit, status), (end.Kind, end.Value));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(15)]
    public async Task Death_by_a_signal_is_told_from_an_exit_status(int signal)
    {
        using var frame = new SupervisedFrame($"kill -{signal} $$; sleep 60");

        var end = await frame.RunAsync();

        Assert.Equal((SupervisorEndKind.Signal, signal), (end.Kind, end.Value));
        Assert.Contains($"killed by signal {signal} ", frame.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_supervisor_measures_what_its_frame_used()
    {
        // About 40 MB in one process, and some work.
        using var frame = new SupervisedFrame("""x=$(head -c 40000000 /dev/zero | tr '\0' x); sleep 0.2; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done""");

        var end = await frame.RunAsync();

        Assert.InRange(end.MaxRssKib, 40_000_000 / 1024, 1_000_000);
        Assert.InRange(end.Ran, TimeSpan.FromSeconds(0.2), TimeSpan.FromMinutes(1));
        Assert.True(end.UserTime + end.SystemTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_log_has_header_output_in_order_and_footer()
    {
        using var frame = new SupervisedFrame("echo one; echo two >&2; printf three; exit 3");

        await frame.RunAsync();

        Assert.StartsWith("HEADER\none\ntwo\nthree\n---- end of frame ----\n", frame.Log, StringComparison.Ordinal);
        Assert.Contains("result      exit status 3\n", frame.Log, StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0b110_110_100, File.GetUnixFileMode(frame.Plan.LogPath));
    }

    [Fact]
    public async Task Nothing_of_a_large_output_is_lost()
    {
        using var frame = new SupervisedFrame("head -c 30000000 /dev/zero | tr '\\0' x");

        await frame.RunAsync();

        Assert.Equal(30_000_000, File.ReadLines(frame.Plan.LogPath).Skip(1).First().Length);
    }

    [Fact]
    public async Task Logs_of_earlier_attempts_are_kept_the_oldest_first()
    {
        using var frame = new SupervisedFrame("echo attempt $(ls logs | wc -l)");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await frame.RunAsync();
            frame.RunFile.Delete();
        }

        Assert.Contains("attempt 1", File.ReadAllText(frame.Plan.LogPath + ".1"), StringComparison.Ordinal);
        Assert.Contains("attempt 2", File.ReadAllText(frame.Plan.LogPath + ".2"), StringComparison.Ordinal);
        Assert.Contains("attempt 3", frame.Log, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(Path.GetDirectoryName(frame.Plan.LogPath)!).Length);
    }

    [Fact]
    public async Task When_there_are_too_many_old_logs_the_newest_old_one_makes_room()
    {
        using var frame = new SupervisedFrame("echo attempt; ls logs | wc -l >> attempts", plan => plan with { LogRotations = 2 });
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await frame.RunAsync();
            frame.RunFile.Delete();
        }

        Assert.Equal(["job.0001-layer.rqlog", "job.0001-layer.rqlog.1", "job.0001-layer.rqlog.2"],
            Directory.GetFiles(Path.GetDirectoryName(frame.Plan.LogPath)!).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_frame_whose_log_cannot_be_written_is_not_started()
    {
        using var frame = new SupervisedFrame("touch started", plan => plan with { LogPath = "/dev/null/logs/x.rqlog" });

        var end = await frame.RunAsync();

        Assert.Equal(SupervisorEndKind.Failed, end.Kind);
        Assert.Contains("cannot make the log directory /dev/null", end.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(frame.Work, "started")));
    }

    [Theory]
    [InlineData("/bin/no-such-shell", null, "/bin/no-such-shell: No such file or directory")]
    [InlineData("/bin/sh", "/no/such/directory", "/no/such/directory: No such file or directory")]
    public async Task What_keeps_a_frame_from_starting_is_said(string shell, string? directory, string message)
    {
        using var frame = new SupervisedFrame("true", plan => plan with { Shell = shell, Directory = directory ?? plan.Directory });

        var end = await frame.RunAsync();

        Assert.Equal((SupervisorEndKind.Failed, message), (end.Kind, end.Message));
        Assert.Contains(message, frame.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_has_its_own_environment_and_no_other()
    {
        using var frame = new SupervisedFrame(
            "env; ulimit -n; umask; pwd; cat",
            plan => plan with
            {
                Environment = plan.Environment.Add("TEXT", "two\nlines=1").Add("EMPTY", ""),
                OpenFiles = 321,
                Umask = 0x17, // 0027
            });

        await frame.RunAsync();

        var lines = frame.Log.Split('\n');
        Assert.Contains("lines=1", lines);
        Assert.Contains("EMPTY=", lines);
        Assert.Contains("321", lines);
        Assert.Contains("0027", lines);
        Assert.Contains(frame.Work, lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("HOME=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_frame_starts_with_signals_as_usual_and_no_files_but_its_three()
    {
        using var frame = new SupervisedFrame("grep -E 'SigBlk|SigIgn' /proc/self/status; ls -l /proc/self/fd | grep -c -- '->'");

        await frame.RunAsync();

        Assert.Contains("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n4\n", frame.Log, StringComparison.Ordinal); // ls itself opens one
    }

    [Fact]
    public async Task A_frame_can_be_pinned_to_processors()
    {
        using var frame = new SupervisedFrame("grep Cpus_allowed_list /proc/self/status", plan => plan with { Processors = [0] });

        await frame.RunAsync();

        Assert.Contains("Cpus_allowed_list:\t0\n", frame.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_root_a_frame_runs_as_its_user_with_all_its_groups_and_owns_its_log()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // only root can become someone else
        }

        using var frame = new SupervisedFrame("id -u; id -g; id -G; touch mine", plan => plan with { RunAs = new FrameIdentity(65534, 65533, [65533, 4]) });

        var end = await frame.RunAsync();

        Assert.Equal(0, end.Value);
        Assert.Contains("65534\n65533\n65533 4\n", frame.Log, StringComparison.Ordinal);
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat")
        {
            ArgumentList = { "-c", "%u:%g", Path.GetDirectoryName(frame.Plan.LogPath)!, frame.Plan.LogPath, Path.Combine(frame.Work, "mine") },
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("65534:65533\n65534:65533\n65534:65533\n", await stat.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task As_root_a_log_where_the_user_may_not_write_fails_the_start()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // root itself may write everywhere, but it is not root who writes
        }

        using var closed = new TempDirectory();
        using var frame = new SupervisedFrame("true",
            plan => plan with { LogPath = closed["logs/x.rqlog"], RunAs = new FrameIdentity(65534, 65534, [65534]) });

        var end = await frame.RunAsync();

        Assert.Equal(SupervisorEndKind.Failed, end.Kind);
        Assert.Contains("as user 65534: Permission denied", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_ends_the_frame_gently_if_it_lets_itself()
    {
        using var frame = new SupervisedFrame("trap 'echo leaving; exit 5' TERM; echo $$ > pid; while true; do sleep 0.05; done");
        using var supervisor = frame.Start();
        await frame.WrittenProcessAsync("pid");

        frame.RunFile.WriteKillReason("Someone wanted it");
        Libc.Kill(supervisor.Id, Libc.SigTerm);
        await supervisor.WaitForExitAsync();

        Assert.Equal((SupervisorEndKind.Exit, 5), (frame.RunFile.ReadEnded()!.Kind, frame.RunFile.ReadEnded()!.Value));
        Assert.Contains("leaving\n", frame.Log, StringComparison.Ordinal);
        Assert.Contains("killed      Someone wanted it\n", frame.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_ends_a_frame_that_refuses_and_all_that_ran_away_from_it()
    {
        // One child ignores the request, one left the session, one has no parent any more, one is stopped.
        using var frame = new SupervisedFrame(
            """
            trap '' TERM
            sh -c 'trap "" TERM; echo $$ > stubborn; while true; do sleep 0.05; done' &
            setsid sh -c 'trap "" TERM; echo $$ > session; while true; do sleep 0.05; done' &
            setsid sh -c '(trap "" TERM; sh -c "echo \$PPID > orphan"; while true; do sleep 0.05; done) & exit' &
            sh -c 'echo $$ > stopped; kill -STOP $$; sleep 600' &
            while true; do sleep 0.05; done
            """,
            plan => plan with { KillGrace = TimeSpan.FromMilliseconds(200) });
        using var supervisor = frame.Start();
        var processes = new List<ProcessIdentity>();
        foreach (var name in new[] { "stubborn", "session", "orphan", "stopped" })
        {
            processes.Add(await frame.WrittenProcessAsync(name));
        }

        Libc.Kill(supervisor.Id, Libc.SigTerm);
        await supervisor.WaitForExitAsync();

        Assert.Equal((SupervisorEndKind.Signal, 9), (frame.RunFile.ReadEnded()!.Kind, frame.RunFile.ReadEnded()!.Value));
        Assert.All(processes, process => Assert.False(SupervisedFrame.IsAlive(process)));
    }

    [Fact]
    public async Task What_a_frame_leaves_behind_does_not_outlive_it()
    {
        using var frame = new SupervisedFrame("setsid sh -c 'echo $$ > left; sleep 600' & while [ ! -s left ]; do sleep 0.01; done; exit 4");
        using var supervisor = frame.Start();

        await supervisor.WaitForExitAsync();

        Assert.Equal((SupervisorEndKind.Exit, 4), (frame.RunFile.ReadEnded()!.Kind, frame.RunFile.ReadEnded()!.Value));
        Assert.False(Directory.Exists($"/proc/{frame.Written("left")}"));
        Assert.Contains("left over ", frame.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_has_one_supervisor_only()
    {
        using var frame = new SupervisedFrame("echo started >> starts; cat /proc/sys/kernel/random/uuid > go; while [ ! -e end ]; do sleep 0.01; done");
        using var first = frame.Start();
        await Eventually.NotNullAsync(() => frame.Written("go"));

        using (var second = SupervisorLauncher.Default.Start(frame.RunFile))
        {
            await second.WaitForExitAsync();
        }

        Assert.Null(frame.RunFile.TryLock());
        await File.WriteAllTextAsync(Path.Combine(frame.Work, "end"), "");
        await first.WaitForExitAsync();
        using (var third = SupervisorLauncher.Default.Start(frame.RunFile))
        {
            await third.WaitForExitAsync();
        }

        Assert.Equal("started", frame.Written("starts"));
        using var held = frame.RunFile.TryLock();
        Assert.NotNull(held);
    }

    [Fact]
    public async Task A_run_that_was_declared_never_started_never_starts()
    {
        using var frame = new SupervisedFrame("touch started");
        frame.RunFile.Create(frame.Plan);
        using (frame.RunFile.TryLock())
        {
            frame.RunFile.WriteNeverStarted("the agent was restarted", DateTimeOffset.UnixEpoch);
        }

        using var supervisor = SupervisorLauncher.Default.Start(frame.RunFile);
        await supervisor.WaitForExitAsync();

        Assert.False(File.Exists(Path.Combine(frame.Work, "started")));
        Assert.Equal((SupervisorEndKind.Failed, "the agent was restarted"), (frame.RunFile.ReadEnded()!.Kind, frame.RunFile.ReadEnded()!.Message));
    }

    [Fact]
    public async Task A_frame_killed_before_its_start_does_not_start()
    {
        using var frame = new SupervisedFrame("touch started");
        frame.RunFile.Create(frame.Plan);
        frame.RunFile.WriteKillReason("too late");

        using var supervisor = SupervisorLauncher.Default.Start(frame.RunFile);
        await supervisor.WaitForExitAsync();

        Assert.Equal((SupervisorEndKind.Signal, 15), (frame.RunFile.ReadEnded()!.Kind, frame.RunFile.ReadEnded()!.Value));
        Assert.Contains("Killed before it was started: too late", frame.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(frame.Work, "started")));
    }

    [Fact]
    public async Task A_frame_dies_with_its_supervisor_and_its_end_stays_unknown()
    {
        using var frame = new SupervisedFrame("echo $$ > pid; sleep 600");
        using var supervisor = frame.Start();
        var main = await frame.WrittenProcessAsync("pid");

        Libc.Kill(supervisor.Id, Libc.SigKill);
        await supervisor.WaitForExitAsync();

        await Eventually.TrueAsync(() => !SupervisedFrame.IsAlive(main));
        Assert.Null(frame.RunFile.ReadEnded());
        Assert.Equal(main, frame.RunFile.ReadStarted()!.Main);
        using var held = frame.RunFile.TryLock();
        Assert.NotNull(held);
    }

    [Fact]
    public async Task A_supervisor_is_small()
    {
        using var frame = new SupervisedFrame("echo $$ > pid; sleep 600");
        using var supervisor = frame.Start();
        await frame.WrittenProcessAsync("pid");

        var rss = ProcessTable.Read(new MachinePaths()).Find(supervisor.Id)!.RssKib;
        Libc.Kill(supervisor.Id, Libc.SigTerm);
        await supervisor.WaitForExitAsync();

        Assert.InRange(rss, 1, 4096);
    }

    [Fact]
    public void Long_texts_are_cut_to_their_slot_and_stay_one_line()
    {
        using var frame = new SupervisedFrame("true");
        frame.RunFile.Create(frame.Plan);

        frame.RunFile.WriteKillReason("first\nsecond\0" + new string('ü', 600));

        var reason = frame.RunFile.ReadKillReason();
        Assert.StartsWith("first second ü", reason, StringComparison.Ordinal);
        Assert.EndsWith("ü", reason, StringComparison.Ordinal);
        Assert.Null(frame.RunFile.ReadEnded());
    }

    [Fact]
    public void Peak_memory_is_remembered_with_the_run()
    {
        using var frame = new SupervisedFrame("true");
        frame.RunFile.Create(frame.Plan);
        Assert.Equal((0L, 0L, 0L), frame.RunFile.ReadPeakMemory());

        frame.RunFile.WritePeakMemory(3, 2, long.MaxValue);

        Assert.Equal((3L, 2L, long.MaxValue), frame.RunFile.ReadPeakMemory());
    }

    [Theory]
    [InlineData("exit 3 1700000000000 10 20 30 400 done", 3)]
    [InlineData("exit 3 1700000000000 10 20 30", null)]
    [InlineData("exit x 1700000000000 10 20 30 400 ", null)]
    [InlineData("exit 3 99999999999999999999 10 20 30 400 ", null)]
    [InlineData("vanish 3 1700000000000 10 20 30 400 ", null)]
    [InlineData("", null)]
    public void An_end_that_was_torn_is_no_end(string text, int? status)
    {
        using var frame = new SupervisedFrame("true");
        frame.RunFile.Create(frame.Plan);
        using (var bytes = new FileStream(frame.RunFile.Path, FileMode.Open, FileAccess.Write))
        {
            bytes.Position = 1024;
            bytes.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
        }

        Assert.Equal(status, frame.RunFile.ReadEnded()?.Value);
    }

    [Fact]
    public async Task Log_directories_above_the_jobs_own_are_open_to_the_jobs_of_other_users()
    {
        using var frame = new SupervisedFrame(
            "true", plan => plan with { LogPath = Path.Combine(plan.Directory, "show", "shot", "job--1", "job.0001-layer.rqlog") });

        await frame.RunAsync();

        const UnixFileMode EverybodyButSticky = (UnixFileMode)0b1_111_111_111;
        Assert.Equal(EverybodyButSticky, File.GetUnixFileMode(Path.Combine(frame.Work, "show")));
        Assert.Equal(EverybodyButSticky, File.GetUnixFileMode(Path.Combine(frame.Work, "show", "shot")));
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Path.Combine(frame.Work, "show", "shot", "job--1")) & UnixFileMode.OtherWrite);
    }
}
