using System.Text.Json;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Tests;

public sealed class FarmTests
{
    [Fact]
    public async Task Verify_says_that_the_books_are_right()
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["farm", "verify"], server);

        Assert.Equal((0, "No problems: the farm's books are right.\n", ""), (run.Code, run.Out, run.Error));
    }

    [Fact]
    public async Task Verify_lists_the_problems_and_fails()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Problems.AddRange(["host rnd01: idle cores are 3, should be 4", "job x: 2 running frames, should be 1"]);

        var run = await CueRun.OfAsync(["farm", "verify"], server);
        var json = await CueRun.OfAsync(["farm", "verify", "--json"], server);

        Assert.Equal(1, run.Code);
        Assert.Equal(server.Farm.Problems, run.Lines);
        Assert.Contains("2 problems", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, json.Code);
        Assert.Equal(2, JsonDocument.Parse(json.Out).RootElement.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public async Task Verify_on_a_server_of_another_kind_says_that_it_cannot()
    {
        await using var server = await FakeCuebot.StartAsync(withAdmin: false);

        var run = await CueRun.OfAsync(["farm", "verify"], server);

        Assert.Equal(1, run.Code);
        Assert.Contains("does not offer this", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_tells_what_a_person_must_look_at()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Status = new GetStatusResponse
        {
            State = ServerState.StoreAway,
            Reason = "disk full",
            Counts = new FarmCounts { Hosts = 3, HostsUp = 2, Cores = 24, CoresIdle = 7.5f, RunsUnknown = 2 },
            StrayRuns = new StrayRuns { Reported = 100, Unknown = 60, KillsHeld = true },
            Alarms = { new Alarm { Time = 1_700_000_000_000, Text = "something" } },
        };

        var run = await CueRun.OfAsync(["farm", "status"], server);

        Assert.Equal(0, run.Code);
        Assert.Contains("its store does not answer: disk full", run.Out, StringComparison.Ordinal);
        Assert.Contains("7.5 of 24.0 idle", run.Out, StringComparison.Ordinal);
        Assert.Contains("2; see cue farm unknown", run.Out, StringComparison.Ordinal);
        Assert.Contains("cue farm allow-kills", run.Out, StringComparison.Ordinal);
        Assert.Contains("something", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_of_a_server_of_another_kind_is_put_together_from_its_lists()
    {
        await using var server = await FakeCuebot.StartAsync(withAdmin: false);
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 4));
        server.Farm.Hosts.Add(new Wire.Host { Name = "rnd01", Cores = 8, IdleCores = 8 });
        server.Farm.Hosts.Add(new Wire.Host { Name = "rnd02", Cores = 8, IdleCores = 8, State = Wire.HardwareState.Down });

        var run = await CueRun.OfAsync(["farm", "status"], server);

        Assert.Equal(0, run.Code);
        Assert.Contains("1 of 2 up", run.Out, StringComparison.Ordinal);
        Assert.Contains("8.0 of 8.0 idle", run.Out, StringComparison.Ordinal);
        Assert.Contains("4 waiting", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_are_listed_and_shown_in_units_for_people()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Hosts.Add(new Wire.Host
        {
            Name = "rnd01",
            Cores = 16,
            IdleCores = 12.5f,
            Memory = 64L << 20,
            IdleMemory = 512 << 10,
            Load = 123,
            AllocName = "local.general",
            LockState = Wire.LockState.NimbyLocked,
            PingTime = (int)DateTimeOffset.UnixEpoch.AddSeconds(1).ToUnixTimeSeconds(),
        });
        server.Farm.Procs.Add(new Wire.Proc { JobName = "testing-sh010-anna_beauty", FrameName = "0001-render", ReservedCores = 3.5f, ReservedMemory = 4L << 20 });

        var list = await CueRun.OfAsync(["host", "list"], server);
        var show = await CueRun.OfAsync(["host", "show", "rnd01"], server);
        var none = await CueRun.OfAsync(["host", "show", "rnd09"], server);

        Assert.Matches(@"^rnd01 +up +nimby +12\.5 +16\.0 +512 MiB +64\.0 GiB +1\.23 +\d+d\d\dh ago +local\.general", list.Lines[1]);
        Assert.Matches(@"testing-sh010-anna_beauty +0001-render +3\.5 +0 KiB +4\.0 GiB", show.Out);
        Assert.Equal(3, none.Code);
    }

    [Fact]
    public async Task Hosts_are_locked_by_name_and_one_that_is_not_there_spoils_only_its_own()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Hosts.Add(new Wire.Host { Name = "rnd01" });

        var run = await CueRun.OfAsync(["host", "lock", "rnd01", "rnd09"], server);

        Assert.Equal(6, run.Code);
        Assert.Equal("Locked rnd01\n", run.Out);
        Assert.Contains("rnd09", run.Error, StringComparison.Ordinal);
        Assert.Equal("rnd01", Assert.Single(server.Farm.Requests.OfType<Wire.HostLockRequest>()).Host.Name);
    }

    [Theory]
    [InlineData("--state", "asleep")]
    [InlineData("--lock", "1")]
    public async Task A_state_of_hosts_that_does_not_exist_is_wrong_usage(string option, string text)
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["host", "list", option, text], server);

        Assert.Equal(2, run.Code);
        Assert.Contains($"{option} '{text}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_are_listed()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Shows.Add(new Wire.Show { Name = "testing", Active = true, BookingEnabled = true, ShowStats = new Wire.ShowStats { PendingJobs = 3 } });

        var run = await CueRun.OfAsync(["show", "list"], server);

        Assert.Matches("^testing +active +3 +0 +0 +0 +0.0 +on +off$", run.Lines[1]);
    }
}
