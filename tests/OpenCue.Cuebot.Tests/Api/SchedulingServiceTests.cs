using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;
using OpenCue.Storage.Sqlite;
using OpenCue.TestKit;
using V1 = OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class SchedulingServiceTests
{
    [Fact]
    public async Task A_facility_chooses_its_policy_and_goes_back_to_the_default()
    {
        await using var server = await StartAsync();
        var before = await server.Scheduling.GetPoliciesAsync(new());
        Assert.Equal("PRIORITY_ONLY", before.DefaultPolicy);
        Assert.Contains(before.Policies, policy => policy is { Name: "BROKEN", Failure: "", Failures: 0 });
        Assert.All(before.Facilities, facility => Assert.Equal(("PRIORITY_ONLY", ""), (facility.Policy, facility.Chosen)));

        var chosen = (await server.Scheduling.SetFacilityPolicyAsync(new() { Facility = "local", Policy = "broken" })).Facility;
        Assert.Equal(("local", "BROKEN", "BROKEN"), (chosen.Facility, chosen.Policy, chosen.Chosen));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "There are", server.Scheduling.SetFacilityPolicyAsync(new() { Facility = "local", Policy = "lottery" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "mars", server.Scheduling.SetFacilityPolicyAsync(new() { Facility = "mars", Policy = "BROKEN" }));
        chosen = (await server.Scheduling.SetFacilityPolicyAsync(new() { Facility = "local" })).Facility;
        Assert.Equal(("PRIORITY_ONLY", ""), (chosen.Policy, chosen.Chosen));
    }

    [Fact]
    public async Task A_policy_that_throws_is_named_and_nothing_else_is_lost()
    {
        await using var server = await StartAsync();
        await server.Scheduling.SetFacilityPolicyAsync(new() { Facility = "local", Policy = "BROKEN" });
        await server.AddHostAsync("node1", cores: 2);
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-2"));
        var frames = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames;
        await server.WaitForFrameAsync(frames[0].Id, Wire.FrameState.Running);
        await server.WaitForFrameAsync(frames[1].Id, Wire.FrameState.Running);

        var broken = (await server.Scheduling.GetPoliciesAsync(new())).Policies.Single(policy => policy.Name == "BROKEN");
        Assert.StartsWith("InvalidOperationException: it rains (at OpenCue.Cuebot.Tests", broken.Failure, StringComparison.Ordinal);
        Assert.True(broken is { Failures: > 0, Failed: > 0 });
        await Eventually.TrueAsync(
            async () => (await server.Admin.GetStatusAsync(new())).Alarms.Any(alarm => alarm.Text.Contains("BROKEN failed", StringComparison.Ordinal)),
            "the alarm is told");
        Assert.Empty((await server.Admin.VerifyAsync(new())).Problems);
    }

    [Fact]
    public async Task What_was_chosen_survives_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("opencue-scheduling-").FullName;
        try
        {
            await using (var store = Store(folder))
            await using (var first = await TestServer.StartAsync(store))
            {
                await first.AddHostAsync("node1");
                await first.Scheduling.SetFacilityPolicyAsync(new() { Facility = "local", Policy = "FAIR_SHARE" });
                await first.Scheduling.SetHostCapAsync(new() { Host = "node1", MaxProcs = 2 });
                await first.LimitDetails.CreateLimitAsync(new() { Name = "katana", MaxValue = 4, Kind = V1.LimitKind.Host, Headroom = 1 });
            }

            await using var again = Store(folder);
            await using var second = await TestServer.StartAsync(again);
            Assert.Equal("FAIR_SHARE", (await second.Scheduling.GetPoliciesAsync(new())).Facilities.Single(f => f.Facility == "local").Policy);
            Assert.Equal(2, (await second.Scheduling.GetHostCapsAsync(new())).Hosts.Single().MaxProcs);
            var limit = (await second.LimitDetails.GetLimitAsync(new() { Name = "katana" })).Limit;
            Assert.Equal((V1.LimitKind.Host, 4, 1), (limit.Kind, limit.MaxValue, limit.Headroom));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_host_is_capped_and_freed_again()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1", cores: 4);
        await server.AddHostAsync("node2", cores: 4);
        Assert.Empty((await server.Scheduling.GetHostCapsAsync(new())).Hosts);
        var cap = (await server.Scheduling.SetHostCapAsync(new() { Host = "node1", MaxProcs = 1 })).Host;
        Assert.Equal(("node1", 1, 0), (cap.Host, cap.MaxProcs, cap.Procs));
        await server.LaunchAsync("comp", SpecText.Layer("render", "1-9"));
        await Eventually.TrueAsync(async () => await RunningAsync() == 5, "one runs on the capped host, four on the other");
        Assert.Equal(1, (await server.Scheduling.GetHostCapsAsync(new())).Hosts.Single().Procs);

        await server.Scheduling.SetHostCapAsync(new() { Host = "node1" });
        await Eventually.TrueAsync(async () => await RunningAsync() == 8, "both are full");
        Assert.Equal(0, (await server.Scheduling.GetHostCapsAsync(new() { Host = "node1" })).Hosts.Single().MaxProcs);
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "at most -1", server.Scheduling.SetHostCapAsync(new() { Host = "node1", MaxProcs = -1 }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "node9", server.Scheduling.SetHostCapAsync(new() { Host = "node9", MaxProcs = 1 }));

        async Task<int> RunningAsync() => (await server.Admin.GetStatusAsync(new())).Counts.FramesRunning;
    }

    private static SqliteFarmStore Store(string folder) =>
        new(Path.Combine(folder, "cue.db"), TimeProvider.System, NullLogger<SqliteFarmStore>.Instance);

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(configure: services => services.AddSingleton(new SchedulingPolicies([new BrokenPolicy()])));

    private sealed class BrokenPolicy : ISchedulingPolicy
    {
        public string Name => "BROKEN";

        public double ShowRank(Show show, Allocation allocation) => double.NaN;

        public JobRank RankOf(Job job, FarmTime now) => throw new InvalidOperationException("it rains");
    }
}
