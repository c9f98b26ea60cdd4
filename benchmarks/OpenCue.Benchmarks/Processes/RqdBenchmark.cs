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
        var program = await RqdProcess.PublishAsync(cancellationToken);
        report.Remark("the agent as ./publish makes it for hosts; managed_: the one of dotnet build, for development, which needs .NET installed");
        report.Remark($"real agents beside a real server on SQLite; resident memory and processor time over {window.TotalSeconds} s, {warmUp.TotalSeconds} s after their hosts were known");
        var folder = Directory.CreateTempSubdirectory("opencue-bench-").FullName;
        try
        {
            await using var server = await CuebotProcess.StartAsync("--data", Path.Combine(folder, "data"));
            using var channel = server.Connect();
            var cuebot = new Uri(server.Address).Authority;
            await using var agent = await RqdProcess.StartAsync(program, "127.0.0.1", cuebot, 8, Path.Combine(folder, "published"));
            await using var built = await RqdProcess.StartAsync(RqdProcess.Built, "127.0.0.2", cuebot, 8, Path.Combine(folder, "built"));
            await agent.WaitForHostsAsync(new HostInterface.HostInterfaceClient(channel), 2, cancellationToken);
            await Task.Delay(warmUp, cancellationToken);
            var busy = agent.ProcessorTime;
            await Task.Delay(window, cancellationToken);
            report.Figure("resident_mib", Machine.MemoryMib(agent.Id), "MiB");
            report.Figure("private_mib", Machine.PrivateMemoryMib(agent.Id), "MiB");
            report.Figure("processor_percent", (agent.ProcessorTime - busy) / window * 100, "percent");
            report.Figure("managed_resident_mib", Machine.MemoryMib(built.Id), "MiB");
            report.Figure("managed_private_mib", Machine.PrivateMemoryMib(built.Id), "MiB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
