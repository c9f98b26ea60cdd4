using System.Text.Json;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task Limits_are_listed_with_what_they_count()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Limits.Add(new Limit { Name = "katana", Kind = LimitKind.Host, MaxValue = 8, Headroom = 2, Tokens = 6, RunningFrames = 40, Layers = 3 });
        server.Farm.Limits.Add(new Limit { Name = "nuke", Kind = LimitKind.Frame, MaxValue = 20, Tokens = 1, RunningFrames = 1, Layers = 1 });

        var run = await CueRun.OfAsync(["limit", "list"], server);
        var json = await CueRun.OfAsync(["limit", "list", "--json"], server);

        Assert.Equal(0, run.Code);
        Assert.Equal(["katana", "hosts", "6", "8", "2", "40", "3"], run.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["nuke", "frames", "1", "20", "-", "1", "1"], run.Lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("LIMIT_KIND_HOST", JsonDocument.Parse(json.Out).RootElement[0].GetProperty("kind").GetString());
        server.Farm.Limits.Clear();
        Assert.Contains("There are no limits", (await CueRun.OfAsync(["limit", "list"], server)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_is_shown_with_its_holders()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Limits.Add(new Limit
        {
            Name = "katana",
            Kind = LimitKind.Host,
            MaxValue = 8,
            Tokens = 1,
            Hosts = { new LimitHolder { Name = "rnd01", RunningFrames = 4 } },
            Users = { new LimitHolder { Name = "anna", RunningFrames = 4 } },
        });

        var run = await CueRun.OfAsync(["limit", "show", "katana"], server);

        Assert.Contains("1 of 8", run.Out, StringComparison.Ordinal);
        Assert.Contains(run.Lines, line => line.StartsWith("rnd01", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("anna", StringComparison.Ordinal));
        Assert.Equal(3, (await CueRun.OfAsync(["limit", "show", "nuke"], server)).Code);
    }

    [Fact]
    public async Task A_limit_is_made_changed_renamed_and_deleted()
    {
        await using var server = await FakeCuebot.StartAsync();

        var made = await CueRun.OfAsync(["limit", "create", "katana", "8", "--kind", "host", "--headroom", "2"], server);
        var changed = await CueRun.OfAsync(["limit", "set", "katana", "--headroom", "0"], server);
        var renamed = await CueRun.OfAsync(["limit", "rename", "katana", "kat"], server);
        var declined = await CueRun.OfAsync(["limit", "delete", "kat"], server, answer: "n\n");
        Assert.Equal(4, declined.Code);
        var deleted = await CueRun.OfAsync(["limit", "delete", "kat", "--yes"], server);

        Assert.Equal("Made katana: 8 hosts, 2 held back, 0 used\n", made.Out);
        Assert.Equal(0, changed.Code + renamed.Code + deleted.Code);
        var requests = server.Farm.Requests.ToArray();
        Assert.Equal(new CreateLimitRequest { Name = "katana", MaxValue = 8, Kind = LimitKind.Host, Headroom = 2, Username = "anna" }, requests[0]);
        var update = Assert.IsType<UpdateLimitRequest>(requests[1]);
        Assert.Equal((false, true, 0, LimitKind.Unspecified), (update.HasMaxValue, update.HasHeadroom, update.Headroom, update.Kind));
        Assert.Empty(server.Farm.Limits);
    }

    [Theory]
    [InlineData("limit", "set", "nuke")]
    [InlineData("limit", "create", "nuke")]
    [InlineData("limit", "create", "nuke", "many")]
    [InlineData("limit", "create", "nuke", "1", "--kind", "core")]
    [InlineData("facility", "policy", "local")]
    [InlineData("host", "cap", "rnd01")]
    [InlineData("host", "cap", "--max", "3")]
    public async Task What_is_missing_or_makes_no_sense_is_wrong_usage(params string[] words)
    {
        await using var server = await FakeCuebot.StartAsync();
        var run = await CueRun.OfAsync(words, server);
        Assert.Equal(2, run.Code);
        Assert.Empty(server.Farm.Requests);
    }

    [Fact]
    public async Task Policies_are_listed_with_their_failures_and_chosen()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Policies.Policies.Add(new SchedulingPolicy { Name = "FAIR_SHARE", Description = "by shares" });
        server.Farm.Policies.Policies.Add(new SchedulingPolicy { Name = "OURS", Failure = "NullReferenceException: ...", Failures = 3, Failed = FakeFarm.Start * 1000L });
        server.Farm.Policies.Facilities.Add(new FacilityPolicy { Facility = "local", Policy = "FAIR_SHARE", Chosen = "FAIR_SHARE" });
        server.Farm.Policies.Facilities.Add(new FacilityPolicy { Facility = "cloud", Policy = "FAIR_SHARE", Chosen = "GONE" });

        var list = await CueRun.OfAsync(["facility", "policy"], server);
        Assert.Contains("by a person", list.Out, StringComparison.Ordinal);
        Assert.Contains("GONE, which the server has not", list.Out, StringComparison.Ordinal);
        Assert.Contains("3 times", list.Out, StringComparison.Ordinal);
        Assert.Contains("NullReferenceException", list.Out, StringComparison.Ordinal);

        var chosen = await CueRun.OfAsync(["facility", "policy", "local", "OURS"], server);
        var back = await CueRun.OfAsync(["facility", "policy", "local", "default"], server);
        Assert.Equal("Facility local serves its work by OURS\n", chosen.Out);
        Assert.Equal("Facility local serves its work by PRIORITY_ONLY\n", back.Out);
        Assert.Equal(new SetFacilityPolicyRequest { Facility = "local", Username = "anna" }, server.Farm.Requests.Last());
    }

    [Fact]
    public async Task Hosts_are_capped_and_the_cap_is_shown()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Hosts.Add(new Wire.Host { Name = "rnd01" });
        server.Farm.Caps.Add(new HostCap { Host = "rnd01", MaxProcs = 4, Procs = 3 });

        var capped = await CueRun.OfAsync(["host", "cap", "rnd01", "rnd02", "--max", "4"], server);
        var freed = await CueRun.OfAsync(["host", "cap", "rnd01", "--max", "0"], server);
        var list = await CueRun.OfAsync(["host", "cap"], server);
        var shown = await CueRun.OfAsync(["host", "show", "rnd01"], server);

        Assert.Equal("rnd01 runs at most 4 frames at once\nrnd02 runs at most 4 frames at once\n", capped.Out);
        Assert.Equal("rnd01 runs as many frames as fit\n", freed.Out);
        Assert.Equal(["rnd01", "3", "4"], list.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("3 of 4 run", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_is_shown_also_by_a_server_that_knows_no_caps()
    {
        await using var server = await FakeCuebot.StartAsync(withAdmin: false);
        server.Farm.Hosts.Add(new Wire.Host { Name = "rnd01" });
        var run = await CueRun.OfAsync(["host", "show", "rnd01"], server);
        Assert.Equal((0, ""), (run.Code, run.Error));
    }
}
