using System.Globalization;
using System.Text;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Tests.Machine;

/// <summary>Files as a kernel would show them.</summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly TempDirectory _directory = new();

    public FakeMachine()
    {
        Proc("meminfo", """
            MemTotal:       16384000 kB
            MemFree:         1000000 kB
            MemAvailable:    9000000 kB
            Cached:          6000000 kB
            SwapTotal:       2097148 kB
            SwapFree:        1048576 kB
            HugePages_Total:       0
            """);
        Proc("loadavg", "20.38 15.10 9.99 3/456 12345\n");
        Proc("stat", "cpu  1 2 3 4\nbtime 1600000000\nprocesses 12\n");
        Proc("sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
        Proc("sys/kernel/osrelease", "6.1.0-test\n");
        Processors(sockets: 1, coresPerSocket: 4, threadsPerCore: 1);
    }

    public MachinePaths Paths => new() { Proc = _directory["proc"], Sys = _directory["sys"] };

    public FakeMachine Proc(string name, string text)
    {
        _directory.Write($"proc/{name}", text);
        return this;
    }

    public FakeMachine Sys(string name, string text)
    {
        _directory.Write($"sys/{name}", text);
        return this;
    }

    /// <summary>A list of processors as an Intel server has it: first one thread of each core, then the others.</summary>
    public FakeMachine Processors(int sockets, int coresPerSocket, int threadsPerCore)
    {
        var text = new StringBuilder();
        var id = 0;
        for (var thread = 0; thread < threadsPerCore; thread++)
        {
            for (var socket = 0; socket < sockets; socket++)
            {
                for (var core = 0; core < coresPerSocket; core++)
                {
                    text.Append(CultureInfo.InvariantCulture, $"""
                        processor	: {id++}
                        vendor_id	: GenuineIntel
                        model name	: Test CPU @ 2.00GHz
                        physical id	: {socket}
                        siblings	: {coresPerSocket * threadsPerCore}
                        core id		: {core * 2}
                        cpu cores	: {coresPerSocket}
                        flags		: fpu vme
                        """).Append("\n\n");
                }
            }
        }
        return Proc("cpuinfo", text.ToString());
    }

    public MachineProbe Probe(MachineOverrides? overrides = null) => new(Paths, overrides ?? new MachineOverrides(), _directory.Path, "1.2.3");

    public void Dispose() => _directory.Dispose();
}
