using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Steady;

/// <summary>
/// The steady state of a whole farm over the wire: each run is booked, committed, launched by a call to its host, confirmed, reported as complete by a call
/// from there, committed, and its place booked again. The server is the real one; each host has an address and connections of its own.
/// </summary>
internal sealed class SteadyRpcBenchmark : IBenchmark
{
    private const int Cores = 8;
    private const int FramesPerLayer = 5000;
    private const int MostRunsPerSecond = 10_000;
    private const int ShortestMs = 100;
    private const int LongestMs = 900;

    private static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualWindow = TimeSpan.FromSeconds(60);

    public string Name => "steady-rpc";

    public string Summary => "runs per second with launches and completions over gRPC to faked agents on this machine, PostgreSQL, a million frames present; --seconds N, --hosts N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (warmUp, window) = (options.WarmUp(UsualWarmUp), options.Window(UsualWindow));
        var (hosts, present) = (options.Hosts ?? 1000, options.Frames ?? 1_000_000);
        var frames = present + (int)((warmUp + window).TotalSeconds * Math.Min(present, MostRunsPerSecond));
        report.Remark($"{hosts} hosts of {Cores} cores, each at an address of its own, with one connection each way; runs of {ShortestMs} to {LongestMs} ms; each host reports every 5 s");
        report.Remark("server, agents and PostgreSQL (fsync on) are processes that share this machine");
        await using var postgres = await PrivatePostgres.StartAsync("max_wal_size=8GB", "shared_buffers=1GB");
        var database = await postgres.CreateDatabaseAsync();
        await FarmSetup.PrepareAsync(FarmSetup.Postgres(database), (farm, _) => farm.FillAsync(frames, FramesPerLayer));
        await using var server = await CuebotProcess.StartAsync("--postgres", database);
        using var channel = server.Connect();
        await using var agents = await AgentsProcess.StartAsync(
            new AgentsSetup(server.Address, hosts, Cores, ShortestMs, LongestMs) { ReportEveryMs = 5000 }, cancellationToken);
        await Task.Delay(warmUp, cancellationToken);
        var busy = (Server: server.ProcessorTime, Agents: agents.ProcessorTime);
        var before = await SucceededAsync(channel, cancellationToken);
        await agents.MeasureAsync(cancellationToken);
        await Task.Delay(window, cancellationToken);
        var seen = await agents.ResultAsync(cancellationToken);
        var after = await SucceededAsync(channel, cancellationToken);
        var done = seen.AnswerMs.Count;
        Expect.That(seen.Failures == 0, $"{seen.Failures} reports were not taken. {seen.FirstFailure}");
        Expect.That(after.Succeeded - before.Succeeded >= done, $"The server counts {after.Succeeded - before.Succeeded} frames, and acknowledged {done}.");
        Expect.That(after.Waiting > 0, "The frames ran out before the end.");
        report.Figure("runs_per_second", done / seen.Seconds, "runs/s");
        report.Figure("launches_per_second", seen.Launches / seen.Seconds, "launches/s");
        report.Figure("turnaround_p50_ms", Samples.Median(seen.TurnaroundMs), "ms");
        report.Figure("turnaround_p99_ms", Samples.Percentile(seen.TurnaroundMs, 0.99), "ms");
        report.Figure("server_cores", (server.ProcessorTime - busy.Server).TotalSeconds / seen.Seconds, "cores");
        report.Figure("agents_cores", (agents.ProcessorTime - busy.Agents).TotalSeconds / seen.Seconds, "cores");
        report.Figure("peak_memory_mib", server.PeakMemoryMib, "MiB");
        report.Remark($"window {seen.Seconds:0.0} s, {done} runs; {after.Waiting} frames wait at the end");
    }

    private static async Task<(long Succeeded, long Waiting)> SucceededAsync(Grpc.Core.ChannelBase channel, CancellationToken cancellationToken)
    {
        var jobs = await new JobInterface.JobInterfaceClient(channel).GetJobsAsync(
            new JobGetJobsRequest { R = new JobSearchCriteria { IncludeFinished = true } }, cancellationToken: cancellationToken);
        return (jobs.Jobs.Jobs.Sum(job => (long)job.JobStats.SucceededFrames), jobs.Jobs.Jobs.Sum(job => (long)job.JobStats.WaitingFrames));
    }
}
