using System.Text;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Tests.Machine;

public sealed class ProcessTableTests
{
    [Theory]
    [InlineData("maya.bin")]
    [InlineData("tmux: server")]
    [InlineData("a) R 1 (b")]
    [InlineData("")]
    public void A_process_is_read_whatever_its_name(string name)
    {
        var process = ProcessTable.Parse(Encoding.UTF8.GetBytes(Stat(4242, name, parent: 17)));

        Assert.NotNull(process);
        Assert.Equal((name, 4242, 17, 99), (process.Name, process.Pid, process.Parent, process.Session));
        Assert.Equal((30L, 12345UL), (process.CpuTicks, process.Identity.StartTick));
        Assert.Equal((1024L, 100L * Environment.SystemPageSize / 1024), (process.VsizeKib, process.RssKib));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 (sh")]
    [InlineData("12 (sh) S 1 1 1")]
    public void A_line_that_is_cut_off_is_no_process(string line) => Assert.Null(ProcessTable.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Below_a_process_are_all_its_descendants_and_nobody_else()
    {
        using var machine = new FakeMachine();
        foreach (var (pid, parent) in new[] { (10, 1), (11, 10), (12, 11), (13, 12), (20, 1), (21, 20), (9, 12) })
        {
            machine.Proc($"{pid}/stat", Stat(pid, "p", parent));
        }

        var table = ProcessTable.Read(machine.Paths);

        Assert.Equal([9, 11, 12, 13], table.Below(new ProcessIdentity(10, 12345)).Select(process => process.Pid).Order());
    }

    [Fact]
    public void A_process_that_got_the_id_of_another_is_not_taken_for_it()
    {
        using var machine = new FakeMachine().Proc("10/stat", Stat(10, "new", 1)).Proc("11/stat", Stat(11, "child", 10));

        var table = ProcessTable.Read(machine.Paths);

        Assert.Empty(table.Below(new ProcessIdentity(10, StartTick: 999)));
        Assert.Null(table.Find(new ProcessIdentity(10, StartTick: 999)));
    }

    [Fact]
    public void This_very_process_is_found()
    {
        var table = ProcessTable.Read(new MachinePaths());

        Assert.Equal(ProcessTable.FindIdentity(new MachinePaths(), Environment.ProcessId), table.Find(Environment.ProcessId)?.Identity);
    }

    private static string Stat(int pid, string name, int parent) =>
        $"{pid} ({name}) S {parent} {pid} 99 0 -1 4194304 100 0 0 0 10 20 5 5 20 0 1 0 12345 1048576 100 18446744073709551615 1 1 0 0\n";
}
