using System.Diagnostics;
using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Servers;
using OpenCue.Engine.Storing;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Restarting;

/// <summary>
/// The server is ended and started again on a farm with a million frames, most of whose hosts are full, and some of which end a run every few milliseconds:
/// from the start of its process until one of these gets its next launch.
/// </summary>
internal sealed class RestartBenchmark : IBenchmark
{
    private const int Cores = 8;
    private const int FramesPerLayer = 5000;
    private const int QuickHosts = 20;
    private const int Rounds = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public string Name => "restart";

    public string Summary => "seconds from the start of the server's process to booking again, 1,000,000 frames, SQLite and PostgreSQL; --frames N, --hosts N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (frames, hosts) = (options.Frames ?? 1_000_000, options.Hosts ?? 1000);
        report.Remark($"{frames} frames in layers of {FramesPerLayer}; {hosts} hosts of {Cores} cores that all run frames, and {QuickHosts} whose runs end after 10 to 40 ms; agents live on and send again what was not taken");
        report.Remark($"from the start of the process until the first launch reaches a host; the longest of {Rounds} restarts on each store; serving_: until it says that it serves");
        var folder = Directory.CreateTempSubdirectory("opencue-bench-").FullName;
        double sqlite, postgres;
        try
        {
            sqlite = await MeasureAsync(report, "sqlite", FarmSetup.Sqlite(folder), ["--data", folder], frames, hosts, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        await using (var server = await PrivatePostgres.StartAsync())
        {
            var database = await server.CreateDatabaseAsync();
            postgres = await MeasureAsync(report, "postgres", FarmSetup.Postgres(database), ["--postgres", database], frames, hosts, cancellationToken);
        }

        report.Figure("seconds", Math.Max(sqlite, postgres), "s");
    }

    private static async Task<double> MeasureAsync(
        Report report, string name, IFarmStore store, string[] options, int frames, int hosts, CancellationToken cancellationToken)
    {
        await FarmSetup.PrepareAsync(store, (farm, _) => farm.FillAsync(frames, FramesPerLayer));
        var port = Machine.FreePort();
        var server = await CuebotProcess.StartAsync(port, options);
        try
        {
            var setup = new AgentsSetup(server.Address, hosts, Cores, 0, AgentsSetup.ForEver) { Connections = 16, ReportEveryMs = 5000, RetryMs = 20 };
            await using var full = await AgentsProcess.StartAsync(setup, cancellationToken);
            await full.FillAsync(Math.Min(frames, hosts * Cores), Patience, cancellationToken);
            await using var quick = await AgentsProcess.StartAsync(
                setup with { Hosts = QuickHosts, Cores = 1, ShortestMs = 10, LongestMs = 40, FirstHost = 100_000, Connections = 0 }, cancellationToken);
            var (serving, booking) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                await WaitForLaunchAsync(quick, cancellationToken);
                await server.DisposeAsync();
                await quick.MeasureAsync(cancellationToken);
                var started = Stopwatch.GetTimestamp();
                server = await CuebotProcess.StartAsync(port, options);
                serving.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                await WaitForLaunchAsync(quick, cancellationToken);
                booking.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            Expect.That(await full.RunningAsync(cancellationToken) == Math.Min(frames, hosts * Cores), "Frames were killed, or ended, by a restart.");
            report.Figure($"{name}_seconds", booking.Max(), "s");
            report.Figure($"{name}_median_seconds", Samples.Median(booking), "s");
            report.Figure($"{name}_serving_seconds", Samples.Median(serving), "s");
            report.Figure($"{name}_peak_memory_mib", server.PeakMemoryMib, "MiB");
            return booking.Max();
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task WaitForLaunchAsync(AgentsProcess agents, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (await agents.LaunchesAsync(cancellationToken) == 0)
        {
            Expect.That(Stopwatch.GetElapsedTime(since) < Patience, $"After {Patience.TotalSeconds} s nothing was launched.");
            await Task.Delay(5, cancellationToken);
        }
    }
}
