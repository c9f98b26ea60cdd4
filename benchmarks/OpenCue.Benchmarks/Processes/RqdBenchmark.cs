using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;

namespace OpenCue.Benchmarks.Processes;

/// <summary>What an agent takes from its host while nothing runs there: memory and processor belong to renders.</summary>
internal sealed class RqdBenchmark : IBenchmark
{
    private static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan UsualWindow = TimeSpan.FromSeconds(60);

    public string Name => "rqd";

    public string Summary => "resident memory and processor of one rqd that runs nothing and reports every 5 to 30 seconds; --seconds N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (warmUp, window) = (options.WarmUp(UsualWarmUp), options.Window(UsualWindow));
        report.Remark($"one real rqd beside a real server on SQLite; resident memory and processor time over {window.TotalSeconds} s, {warmUp.TotalSeconds} s after its host was known");
        var folder = Directory.CreateTempSubdirectory("opencue-bench-").FullName;
        try
        {
            await using var server = await CuebotProcess.StartAsync("--data", Path.Combine(folder, "data"));
            using var channel = server.Connect();
            await using var agent = await RqdProcess.StartAsync(new Uri(server.Address).Authority, 8, folder);
            await agent.WaitForHostAsync(new HostInterface.HostInterfaceClient(channel), cancellationToken);
            await Task.Delay(warmUp, cancellationToken);
            var busy = agent.ProcessorTime;
            await Task.Delay(window, cancellationToken);
            report.Figure("resident_mib", Machine.MemoryMib(agent.Id), "MiB");
            report.Figure("private_mib", Machine.PrivateMemoryMib(agent.Id), "MiB");
            report.Figure("processor_percent", (agent.ProcessorTime - busy) / window * 100, "percent");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
