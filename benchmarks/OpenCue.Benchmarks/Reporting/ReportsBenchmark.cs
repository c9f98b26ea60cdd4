using System.Diagnostics;
using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Reporting;

/// <summary>
/// Hosts that report what they run, over the wire, to the real server; and what becomes of completions, bookings and people's actions while far more
/// reports come than can be taken.
/// </summary>
internal sealed class ReportsBenchmark : IBenchmark
{
    private const int FramesPerHost = 8;
    private const int Connections = 32;
    private const int AtOnce = 256;
    private const int ActiveHosts = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    public string Name => "reports";

    public string Summary => "host reports with 8 running frames each taken per second, over the wire, from distinct hosts; --seconds N, --hosts N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var window = TimeSpan.FromSeconds(options.Seconds ?? 20);
        var hosts = options.Hosts ?? 5000;
        report.Remark($"{hosts} hosts of {FramesPerHost} cores, each with {FramesPerHost} frames that the farm holds there; each report names them all, and their memory changes");
        report.Remark($"per_second: reports answered and applied, {AtOnce} under way at once over {Connections} connections; reporters, server and PostgreSQL (fsync on) share this machine");
        await using var postgres = await PrivatePostgres.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await FarmSetup.PrepareAsync(FarmSetup.Postgres(database));
        await using var server = await CuebotProcess.StartMeteredAsync("--postgres", database);
        using var channel = server.Connect();
        var jobs = new JobInterface.JobInterfaceClient(channel);
        await LaunchAsync(jobs, "full", hosts * FramesPerHost, cancellationToken);
        await using var agents = await AgentsProcess.StartAsync(
            new AgentsSetup(server.Address, hosts, FramesPerHost, 0, AgentsSetup.ForEver) { Connections = 16 }, cancellationToken);
        await agents.FillAsync(hosts * FramesPerHost, Patience, cancellationToken);

        // A little of it first: the server has not compiled its code yet.
        await agents.FloodAsync(TimeSpan.FromSeconds(Math.Min(5, window.TotalSeconds)), Connections, AtOnce, 0, cancellationToken);
        var before = await server.CountersAsync(cancellationToken);
        var busy = server.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var flood = await agents.FloodAsync(window, Connections, AtOnce, 0, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = await server.CountersAsync(cancellationToken);
        Expect.That(flood.Failed == 0, $"{flood.Failed} reports failed.");
        double Since(string counter) => (after.GetValueOrDefault(counter) - before.GetValueOrDefault(counter)) / seconds;
        var coalesced = Since("opencue.engine.reports.coalesced");
        var dropped = Since("opencue.engine.reports.dropped");
        report.Figure("per_second", flood.PerSecond, "reports/s");
        report.Figure("applied_per_second", Since("opencue.reports") - coalesced - dropped, "reports/s");
        report.Figure("coalesced_per_second", coalesced, "reports/s");
        report.Figure("dropped_per_second", dropped, "reports/s");
        report.Figure("mean_bytes", flood.MeanBytes, "bytes");
        report.Figure("server_cores", (server.ProcessorTime - busy).TotalSeconds / seconds, "cores");
        report.Figure("reporter_cores", flood.ProcessorShare, "cores");
        Expect.That(await agents.RunningAsync(cancellationToken) == hosts * FramesPerHost, "Frames were killed, or ended.");

        await MeasureFloodAsync(report, server, jobs, agents, window, cancellationToken);
        report.Figure("peak_memory_mib", server.PeakMemoryMib, "MiB");
    }

    /// <summary>Hosts that turn runs around, and a person who pauses and resumes a job, first by themselves and then beside a flood of reports.</summary>
    private static async Task MeasureFloodAsync(
        Report report, CuebotProcess server, JobInterface.JobInterfaceClient jobs, AgentsProcess reporters, TimeSpan window, CancellationToken cancellationToken)
    {
        report.Remark($"flood_: {ActiveHosts} more hosts turn runs of 10 to 40 ms around and a person pauses and resumes a job, while all others report as fast as the machine can send");
        var active = await LaunchAsync(jobs, "active", 100_000, cancellationToken);
        var idle = await LaunchAsync(jobs, "idle", 1, cancellationToken);
        await using var agents = await AgentsProcess.StartAsync(
            new AgentsSetup(server.Address, ActiveHosts, 1, 10, 40) { FirstHost = 100_000 }, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        var calm = await MeasureAsync(jobs, idle, agents, window, cancellationToken);
        var flooding = reporters.FloodAsync(window + TimeSpan.FromSeconds(3), Connections, AtOnce * 4, 0, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var flooded = await MeasureAsync(jobs, idle, agents, window, cancellationToken);
        var flood = await flooding;
        foreach (var (name, seen) in new[] { ("calm", calm), ("flood", flooded) })
        {
            report.Figure($"{name}_turnaround_p50_ms", Samples.Median(seen.Agents.TurnaroundMs), "ms");
            report.Figure($"{name}_turnaround_p99_ms", Samples.Percentile(seen.Agents.TurnaroundMs, 0.99), "ms");
            report.Figure($"{name}_action_p50_ms", Samples.Median(seen.ActionMs), "ms");
            report.Figure($"{name}_action_p99_ms", Samples.Percentile(seen.ActionMs, 0.99), "ms");
            report.Figure($"{name}_runs_per_second", seen.Agents.TurnaroundMs.Count / seen.Agents.Seconds, "runs/s");
        }

        report.Figure("flood_per_second", flood.PerSecond, "reports/s");
        Expect.That(flood.Failed == 0, $"{flood.Failed} reports of the flood failed.");
        var after = await jobs.GetJobAsync(new JobGetJobRequest { Id = active }, cancellationToken: cancellationToken);
        Expect.That(after.Job.JobStats.WaitingFrames > 0, "The agents ran out of frames before the end.");
    }

    private static async Task<(AgentsResult Agents, List<double> ActionMs)> MeasureAsync(
        JobInterface.JobInterfaceClient jobs, string job, AgentsProcess agents, TimeSpan window, CancellationToken cancellationToken)
    {
        await agents.MeasureAsync(cancellationToken);
        var actions = new List<double>();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            var sent = Stopwatch.GetTimestamp();
            if (actions.Count % 2 == 0)
            {
                await jobs.PauseAsync(new JobPauseRequest { Job = new Job { Id = job } }, cancellationToken: cancellationToken);
            }
            else
            {
                await jobs.ResumeAsync(new JobResumeRequest { Job = new Job { Id = job } }, cancellationToken: cancellationToken);
            }

            actions.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            await Task.Delay(20, cancellationToken);
        }

        var seen = await agents.ResultAsync(cancellationToken);
        Expect.That(seen.Failures == 0 && seen.TurnaroundMs.Count > 0, $"{seen.Failures} completions were not taken; {seen.TurnaroundMs.Count} frames followed another. {seen.FirstFailure}");
        return (seen, actions);
    }

    private static async Task<string> LaunchAsync(JobInterface.JobInterfaceClient jobs, string name, int frames, CancellationToken cancellationToken)
    {
        var answer = await jobs.LaunchSpecAndWaitAsync(
            new JobLaunchSpecAndWaitRequest { Spec = TestJob.Spec(name, frames) }, cancellationToken: cancellationToken);
        return answer.Jobs.Jobs.Single().Id;
    }
}
