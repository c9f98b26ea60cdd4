using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Tests.Machine;

public sealed class CpuTopologyTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 4, 1)]
    [InlineData(2, 4, 1)]
    [InlineData(2, 6, 2)]
    [InlineData(4, 12, 1)]
    public void Cores_count_once_whatever_their_threads(int sockets, int cores, int threads)
    {
        using var machine = new FakeMachine().Processors(sockets, cores, threads);

        var topology = CpuTopology.Read(machine.Paths, allowed: null);

        Assert.Equal(sockets, topology.Sockets);
        Assert.Equal(sockets * cores, topology.Cores.Length);
        Assert.Equal(threads, topology.HyperThreading);
        Assert.Equal(sockets * cores * threads, topology.Cores.SelectMany(core => core.Threads).Distinct().Count());
    }

    [Fact]
    public void The_threads_of_a_core_stay_together()
    {
        using var machine = new FakeMachine().Processors(sockets: 2, coresPerSocket: 2, threadsPerCore: 2);

        var topology = CpuTopology.Read(machine.Paths, allowed: null);

        Assert.Equal([[0, 4], [1, 5], [2, 6], [3, 7]], topology.Cores.Select(core => core.Threads.ToArray()));
    }

    [Fact]
    public void Processors_without_a_socket_or_core_are_cores_of_one_socket()
    {
        using var machine = new FakeMachine().Proc("cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.00\n\nprocessor\t: 1\nBogoMIPS\t: 50.00\n");

        var topology = CpuTopology.Read(machine.Paths, allowed: null);

        Assert.Equal((1, 2, 1), (topology.Sockets, topology.Cores.Length, topology.HyperThreading));
    }

    [Fact]
    public void What_the_list_of_processors_lacks_is_taken_from_their_directories()
    {
        using var machine = new FakeMachine().Proc("cpuinfo", "processor\t: 0\n\nprocessor\t: 1\n\nprocessor\t: 2\n\nprocessor\t: 3\n");
        for (var cpu = 0; cpu < 4; cpu++)
        {
            machine.Sys($"devices/system/cpu/cpu{cpu}/topology/physical_package_id", $"{cpu / 2}\n");
            machine.Sys($"devices/system/cpu/cpu{cpu}/topology/core_id", "7\n");
        }

        var topology = CpuTopology.Read(machine.Paths, allowed: null);

        Assert.Equal((2, 2, 2), (topology.Sockets, topology.Cores.Length, topology.HyperThreading));
    }

    [Fact]
    public void Processors_that_the_agent_may_not_use_do_not_count()
    {
        using var machine = new FakeMachine().Processors(sockets: 2, coresPerSocket: 4, threadsPerCore: 2);

        var topology = CpuTopology.Read(machine.Paths, CpuTopology.ParseProcessorList("0-2,8"));

        Assert.Equal([[0, 8], [1], [2]], topology.Cores.Select(core => core.Threads.ToArray()));
        Assert.Equal(1, topology.Sockets);
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3", new[] { 0, 1, 2, 3 })]
    [InlineData(" 1,4-5,9 ", new[] { 1, 4, 5, 9 })]
    [InlineData("", new int[0])]
    public void A_list_of_processors_is_read_as_the_kernel_writes_it(string list, int[] expected) =>
        Assert.Equal(expected, CpuTopology.ParseProcessorList(list));
}
