using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm.Hosts;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class FarmServicesTests
{
    [Fact]
    public async Task A_host_is_shown_as_it_reported_and_can_be_found_by_each_criterion()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1", cores: 4, memoryGib: 16);
        await server.AddHostAsync("node2.studio.example", cores: 8);

        var host = (await server.Hosts.FindHostAsync(new() { Name = "node1" })).Host;
        Assert.Equal(host, (await server.Hosts.GetHostAsync(new() { Id = host.Id })).Host);
        Assert.Equal(("local.general", "linux", 4f, 4f), (host.AllocName, host.Os, host.Cores, host.IdleCores));
        Assert.Equal((16 * 1048576L, 15 * 1048576L), (host.TotalMemory, host.FreeMemory));
        Assert.Equal((16 * 1048576L) - 524288, host.Memory);
        Assert.Equal((25, 1_700_000_000), (host.Load, host.BootTime));
        Assert.Equal(["general", "linux", "node1"], host.Tags);
        Assert.Equal((Wire.HardwareState.Up, Wire.LockState.Open), (host.State, host.LockState));
        Assert.True(host.PingTime > 0);

        Assert.Equal(["node1", "node2"], await NamesAsync(new()));
        Assert.Equal(["node2"], await NamesAsync(new() { Regex = { "2$" } }));
        Assert.Equal(["node1"], await NamesAsync(new() { Substr = { "e1" }, Allocs = { "local.general" } }));
        Assert.Equal(["node1"], await NamesAsync(new() { Ids = { host.Id }, Hosts = { "node1", "node2" } }));
        Assert.Empty(await NamesAsync(new() { States = new() { State = { Wire.HardwareState.Down } } }));
        Assert.Equal(2, (await NamesAsync(new() { LockStates = new() { State = { Wire.LockState.Open } } })).Length);

        async Task<string[]> NamesAsync(Wire.HostSearchCriteria criteria) => [.. (await server.Hosts.GetHostsAsync(new() { R = criteria })).Hosts.Hosts.Select(found => found.Name)];
    }

    [Fact]
    public async Task A_lock_stands_when_it_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1");
        var host = (await server.Hosts.FindHostAsync(new() { Name = "node1" })).Host;

        await server.Hosts.LockAsync(new() { Host = host });
        Assert.Equal(Wire.LockState.Locked, (await server.Hosts.GetHostAsync(new() { Id = host.Id })).Host.LockState);
        var allocation = (await server.Allocations.FindAsync(new() { Name = "local.general" })).Allocation;
        Assert.Equal((4f, 1, 0f), (allocation.Stats.LockedCores, allocation.Stats.LockedHosts, allocation.Stats.AvailableCores));
        await server.Hosts.UnlockAsync(new() { Host = host });
        Assert.Equal(Wire.LockState.Open, (await server.Hosts.GetHostAsync(new() { Id = host.Id })).Host.LockState);
        await server.Hosts.SetHardwareStateAsync(new() { Host = host, State = Wire.HardwareState.Repair });
        Assert.Equal(Wire.HardwareState.Repair, (await server.Hosts.GetHostAsync(new() { Id = host.Id })).Host.State);
    }

    [Fact]
    public async Task Allocations_facilities_and_subscriptions_count_what_is_used()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1", cores: 4);
        await server.AddHostAsync("node2", cores: 2);
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-2"));
        var frames = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames;
        foreach (var frame in frames)
        {
            await server.WaitForFrameAsync(frame.Id, Wire.FrameState.Running);
        }

        var allocations = (await server.Allocations.GetAllAsync(new())).Allocations.Allocations;
        Assert.Equal(["cloud.general", "cloud.unassigned", "local.desktop", "local.general", "local.unassigned"], allocations.Select(allocation => allocation.Name));
        var local = allocations.Single(allocation => allocation.Name == "local.general");
        Assert.Equal((6f, 2f, 4f, 4f, 2), (local.Stats.Cores, local.Stats.RunningCores, local.Stats.IdleCores, local.Stats.AvailableCores, local.Stats.Hosts));
        Assert.Equal(local, (await server.Allocations.GetAsync(new() { Id = local.Id })).Allocation);
        Assert.Equal(local, (await server.Allocations.GetAsync(new() { Id = "local.general" })).Allocation);
        Assert.Equal(local, (await server.Allocations.GetDefaultAsync(new())).Allocation);
        Assert.Equal(2, (await server.Allocations.GetHostsAsync(new() { Allocation = local })).Hosts.Hosts.Count);
        Assert.Equal("node2", (await server.Allocations.FindHostsAsync(new() { Allocation = local, R = new() { Substr = { "2" } } })).Hosts.Hosts.Single().Name);

        var subscription = (await server.Subscriptions.FindAsync(new() { Name = "local.general.testing" })).Subscription;
        Assert.Equal((200, "testing", "local", "local.general"), (subscription.ReservedCores, subscription.ShowName, subscription.Facility, subscription.AllocationName));
        Assert.Equal(subscription, (await server.Subscriptions.GetAsync(new() { Id = subscription.Id })).Subscription);
        Assert.Contains(subscription, (await server.Allocations.GetSubscriptionsAsync(new() { Allocation = local })).Subscriptions.Subscriptions);
        var show = (await server.Shows.FindShowAsync(new() { Name = "testing" })).Show;
        Assert.Equal((2f, 2, 1), (show.ShowStats.ReservedCores, show.ShowStats.RunningFrames, show.ShowStats.PendingJobs));
        Assert.Contains(subscription, (await server.Shows.GetSubscriptionsAsync(new() { Show = show })).Subscriptions.Subscriptions);
        await RpcAssert.FailsAsync(StatusCode.NotFound, "A subscription to x was not found.", server.Subscriptions.FindAsync(new() { Name = "x" }));

        var facility = (await server.Facilities.GetAsync(new() { Name = "local" })).Facility;
        Assert.Equal(facility, (await server.Facilities.GetAsync(new() { Name = facility.Id })).Facility);
        Assert.Equal(3, (await server.Facilities.GetAllocationsAsync(new() { Facility = facility })).Allocations.Allocations.Count);
        Assert.Equal(3, (await server.Facilities.GetAllocationsAsync(new() { Facility = new() { Name = "local" } })).Allocations.Allocations.Count);
    }

    [Fact]
    public async Task Stats_of_hundreds_of_hosts_and_jobs_are_summed_over_all_slices()
    {
        await using var server = await TestServer.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(i => server.AddHostAsync($"node{i:D4}", cores: 2)));
        await Task.WhenAll(Enumerable.Range(0, 230).Select(i => server.LaunchAsync($"job{i:D3}", SpecText.Layer("render", "1-2"))));

        var local = (await server.Allocations.FindAsync(new() { Name = "local.general" })).Allocation.Stats;
        Assert.Equal((1200, 2400f), (local.Hosts, local.Cores));
        var stats = (await server.Shows.GetShowsAsync(new())).Shows.Shows.Single().ShowStats;
        Assert.Equal((230, 460), (stats.PendingJobs, stats.RunningFrames + stats.PendingFrames));
        var counts = (await server.Admin.GetStatusAsync(new())).Counts;
        Assert.Equal((1200, 230, 460), (counts.Hosts, counts.JobsPending, counts.Frames));
    }

    [Fact]
    public async Task A_show_is_created_once_and_has_a_root_group()
    {
        await using var server = await TestServer.StartAsync();

        var show = (await server.Shows.CreateShowAsync(new() { Name = "Big-Film" })).Show;
        Assert.Equal("big_film", show.Name);
        Assert.Equal(show, (await server.Shows.FindShowAsync(new() { Name = "big_film" })).Show);
        Assert.Equal(["big_film", "testing"], (await server.Shows.GetShowsAsync(new())).Shows.Shows.Select(found => found.Name));
        Assert.Equal(2, (await server.Shows.GetActiveShowsAsync(new())).Shows.Shows.Count);
        var root = (await server.Shows.GetRootGroupAsync(new() { Show = show })).Group;
        Assert.Equal(("big_film", 0, ""), (root.Name, root.Level, root.ParentId));
        Assert.Equal(root, (await server.Groups.GetGroupAsync(new() { Id = root.Id })).Group);
        Assert.Equal(root, (await server.Groups.FindGroupAsync(new() { Show = "big_film", Name = "big_film" })).Group);
        Assert.Equal([root], (await server.Shows.GetGroupsAsync(new() { Show = show })).Groups.Groups);
        Assert.Empty((await server.Groups.GetGroupsAsync(new() { Group = root })).Groups.Groups);
        await RpcAssert.FailsAsync(StatusCode.AlreadyExists, "Show could not be created.", server.Shows.CreateShowAsync(new() { Name = "big_film" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "Show could not be created.", server.Shows.CreateShowAsync(new() { Name = "x" }));
    }

    [Fact]
    public async Task Jobs_are_listed_by_show_and_by_group()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-2"));
        var show = (await server.Shows.FindShowAsync(new() { Name = "testing" })).Show;
        var root = (await server.Shows.GetRootGroupAsync(new() { Show = show })).Group;

        Assert.Equal([job], (await server.Shows.GetJobsAsync(new() { Show = show })).Jobs.Jobs);
        Assert.Equal([job], (await server.Groups.GetJobsAsync(new() { Group = root })).Jobs.Jobs);
        Assert.Equal((1, 2), (root.GroupStats.PendingJobs, root.GroupStats.WaitingFrames));
    }

    [Fact]
    public async Task Services_are_listed_with_core_points_and_without_empty_tags()
    {
        await using var server = await TestServer.StartAsync();

        var services = (await server.Services.GetDefaultServicesAsync(new())).Services.Services;
        Assert.Equal(10, services.Count);
        Assert.Equal(services.Select(service => service.Name).Order(StringComparer.Ordinal), services.Select(service => service.Name));
        var arnold = (await server.Services.GetServiceAsync(new() { Name = "arnold" })).Service;
        Assert.Equal(arnold, (await server.Services.GetServiceAsync(new() { Name = arnold.Id })).Service);
        Assert.Equal((true, 100, 3355443L, 2097152), (arnold.Threadable, arnold.MinCores, arnold.MinMemory, arnold.MinMemoryIncrease));
        Assert.Equal(["general", "desktop"], arnold.Tags);
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Service not found", server.Services.GetServiceAsync(new() { Name = "blender9" }));
    }

    [Fact]
    public void The_numbers_of_enums_are_those_of_the_wire()
    {
        Same<Farm.Jobs.FrameState, Wire.FrameState>();
        Same<Farm.Jobs.CheckpointState, Wire.CheckpointState>();
        Same<Farm.Jobs.JobState, Wire.JobState>();
        Same<Specs.Launch.LayerType, Wire.LayerType>();
        Same<Specs.Launch.DependType, Wire.DependType>();
        Same<HardwareState, Wire.HardwareState>();
        Same<LockState, Wire.LockState>();
        Same<ThreadMode, Wire.ThreadMode>();
        Same<Farm.Jobs.FrameOrderKind, Wire.Order>();
        Assert.Equal((int)Farm.Depends.DependTarget.Any, (int)Wire.DependTarget.AnyTarget);

        static void Same<TFarm, TWire>()
            where TFarm : struct, Enum
            where TWire : struct, Enum =>
            Assert.Equal(
                Enum.GetValues<TWire>().ToDictionary(value => value.ToString(), value => Convert.ToInt32(value)),
                Enum.GetValues<TFarm>().ToDictionary(value => value.ToString(), value => Convert.ToInt32(value)));
    }
}
