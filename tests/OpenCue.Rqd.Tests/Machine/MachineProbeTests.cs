using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Tests.Machine;

public sealed class MachineProbeTests
{
    private const string CgroupVersion2 = "0::/docker/abc\n";

    [Fact]
    public void A_machine_offers_what_it_has()
    {
        using var machine = new FakeMachine().Processors(sockets: 2, coresPerSocket: 6, threadsPerCore: 2);

        var facts = machine.Probe().Facts;

        Assert.Equal((1200, 2), (facts.CoreUnits, facts.Sockets));
        Assert.Equal((16384000, 2097148), (facts.TotalMemoryKib, facts.TotalSwapKib));
        Assert.Equal((1600000000, "11111111-2222-3333-4444-555555555555"), (facts.BootTime, facts.BootId));
        Assert.True(facts.CanPin);
    }

    [Fact]
    public void Tags_name_the_agent_the_sites_words_and_the_system()
    {
        using var machine = new FakeMachine();

        var facts = machine.Probe(new MachineOverrides { Tags = ["gpu", "fast"] }).Facts;

        Assert.Equal(["rqdv-1.2.3", "gpu", "fast", "64bit", "6.1.0-test"], facts.Tags);
    }

    [Fact]
    public void Free_memory_is_what_the_kernel_calls_available()
    {
        using var machine = new FakeMachine();

        var load = machine.Probe().ReadLoad();

        Assert.Equal((9000000, 1048576), (load.FreeMemoryKib, load.FreeSwapKib));
        Assert.InRange(load.FreeTempKib, 1, load.TotalTempKib);
    }

    [Theory]
    [InlineData(1, 0, 2038)]
    [InlineData(2, 0, 1019)]
    [InlineData(2, 100, 1119)]
    [InlineData(1, -5000, 0)]
    public void Load_is_by_core_and_never_negative(int threads, int modifier, int expected)
    {
        using var machine = new FakeMachine().Processors(1, 4, threads);

        Assert.Equal(expected, machine.Probe(new MachineOverrides { LoadModifier = modifier }).ReadLoad().Load);
    }

    [Fact]
    public void Overrides_are_the_totals_that_are_reported()
    {
        using var machine = new FakeMachine().Processors(2, 4, 2);

        var probe = machine.Probe(new MachineOverrides { Cores = 3, MemoryKib = 4_000_000 });

        Assert.Equal((300, 1, 4_000_000), (probe.Facts.CoreUnits, probe.Facts.Sockets, probe.Facts.TotalMemoryKib));
        Assert.Equal(4_000_000, probe.ReadLoad().FreeMemoryKib);
        Assert.False(probe.Facts.CanPin);
    }

    [Theory]
    [InlineData("400000 100000", 400)]
    [InlineData("250000 100000", 200)]
    [InlineData("50000 100000", 100)]
    [InlineData("max 100000", 800)]
    [InlineData("1600000 100000", 800)]
    public void A_container_offers_the_whole_cores_of_its_quota(string quota, int expected)
    {
        using var machine = new FakeMachine().Processors(1, 8, 1)
            .Proc("self/cgroup", CgroupVersion2).Sys("fs/cgroup/docker/abc/cpu.max", quota + "\n");

        Assert.Equal(expected, machine.Probe().Facts.CoreUnits);
    }

    [Fact]
    public void A_container_offers_the_memory_of_its_limit_less_what_it_uses()
    {
        using var machine = new FakeMachine().Proc("self/cgroup", CgroupVersion2)
            .Sys("fs/cgroup/docker/abc/memory.max", $"{8L << 30}\n")
            .Sys("fs/cgroup/docker/abc/memory.current", $"{3L << 30}\n")
            .Sys("fs/cgroup/docker/abc/memory.stat", $"anon {1L << 30}\ninactive_file {1L << 30}\nactive_file 5\n");

        var probe = machine.Probe();

        Assert.Equal(8L << 20, probe.Facts.TotalMemoryKib);
        Assert.Equal(6L << 20, probe.ReadLoad().FreeMemoryKib);
    }

    [Fact]
    public void The_lowest_limit_of_all_groups_above_counts()
    {
        using var machine = new FakeMachine().Proc("self/cgroup", "0::/farm/rqd\n")
            .Sys("fs/cgroup/farm/memory.max", $"{4L << 30}\n")
            .Sys("fs/cgroup/farm/rqd/memory.max", $"{6L << 30}\n")
            .Sys("fs/cgroup/farm/rqd/cpu.max", "300000 100000\n");

        var facts = machine.Probe().Facts;

        Assert.Equal((4L << 20, 300), (facts.TotalMemoryKib, facts.CoreUnits));
    }

    [Fact]
    public void Limits_of_the_older_control_groups_count_too()
    {
        using var machine = new FakeMachine().Processors(1, 8, 1)
            .Proc("self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box\n1:name=systemd:/box\n")
            .Sys("fs/cgroup/memory/box/memory.limit_in_bytes", $"{2L << 30}\n")
            .Sys("fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
            .Sys("fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n")
            .Sys("fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");

        var facts = machine.Probe().Facts;

        Assert.Equal((2L << 20, 200), (facts.TotalMemoryKib, facts.CoreUnits));
    }

    [Fact]
    public void Only_processors_that_the_process_may_use_are_offered()
    {
        using var machine = new FakeMachine().Processors(1, 8, 1).Proc("self/status", "Name:\trqd\nCpus_allowed_list:\t2-4\n");

        Assert.Equal(300, machine.Probe().Facts.CoreUnits);
    }

    [Fact]
    public void A_kernel_that_does_not_tell_its_boot_time_leaves_it_unknown()
    {
        using var machine = new FakeMachine().Proc("stat", "cpu 1 2\nbtime soon\n");

        Assert.Equal(0, machine.Probe().Facts.BootTime);
    }

    [Fact]
    public void This_very_machine_can_be_probed()
    {
        var probe = new MachineProbe(new MachinePaths(), new MachineOverrides(), "/tmp", "1.2.3");

        Assert.InRange(probe.Facts.CoreUnits, 100, Environment.ProcessorCount * 100);
        Assert.InRange(probe.ReadLoad().FreeMemoryKib, 1, probe.Facts.TotalMemoryKib);
        Assert.InRange(probe.Facts.BootTime, 1, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        Assert.True(Guid.TryParse(probe.Facts.BootId, out _));
    }
}
