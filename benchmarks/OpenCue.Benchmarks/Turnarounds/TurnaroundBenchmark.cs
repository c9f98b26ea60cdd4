using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;

namespace OpenCue.Benchmarks.Turnarounds;

/// <summary>
/// How soon a host that has finished a frame gets the next one, through everything: report, completion, next booking, commit, launch. Between them the
/// server must make two things durable, in one commit at best: that the frame has ended, and that the next one was booked.
/// </summary>
internal sealed class TurnaroundBenchmark : IBenchmark
{
    private const int Hosts = 20;
    private const int Cores = 8;
    private const int Frames = 100_000;
    private const int ShortestMs = 10;
    private const int LongestMs = 40;
    private const int BusyFrames = 100_000;
    private const int BusyClients = 200;

    private static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualWindow = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan UsualBareWindow = TimeSpan.FromSeconds(2);

    public string Name => "turnaround";

    public string Summary => "from a frame's end to the next launch on its host: 20 faked agents over gRPC, PostgreSQL with fsync on; --seconds N, --frames N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        report.Remark($"PostgreSQL: {FarmPostgres.Settings}");
        report.Remark("server, agents and PostgreSQL are processes that share this machine; a commit of one row alone is timed before, between and after, with nothing else running");
        report.Remark($"p50_ms, p99_ms: each host runs one frame at a time, for {ShortestMs} to {LongestMs} ms; the median of their answer to the agent is answered_p50_ms");
        report.Remark($"runs_per_second: each host runs {Cores} frames at a time, and each ends as soon as it was launched: {Hosts * Cores} runs turn around all the time");
        report.Remark($"busy_: the same as p50_ms while a job of {BusyFrames} frames is submitted, eaten and archived again and again and {BusyClients} clients list jobs and 500 frames of one once in five seconds each");
        var (warmUp, window, bareWindow) = (options.WarmUp(UsualWarmUp), options.Window(UsualWindow), options.WarmUp(UsualBareWindow));
        var busyFrames = options.Frames ?? BusyFrames;
        await using var postgres = await FarmPostgres.StartAsync(isLong: window > TimeSpan.FromSeconds(5));
        await using var bare = await BareCommits.PrepareAsync(await postgres.CreateDatabaseAsync("Pooling=false"));
        await bare.RunAsync(bareWindow, cancellationToken);

        var paced = new AgentsSetup("", Hosts, Cores: 1, ShortestMs, LongestMs);
        var (calm, calmMib) = await MeasureAsync(postgres, paced, jobCount: 1, warmUp, window, cancellationToken);
        await bare.RunAsync(bareWindow, cancellationToken);

        var atOnce = paced with { Cores = Cores, ShortestMs = 0, LongestMs = 0 };
        var (full, fullMib) = await MeasureAsync(postgres, atOnce, jobCount: 6, warmUp, window, cancellationToken);
        await bare.RunAsync(bareWindow, cancellationToken);

        report.Figure("p50_ms", Samples.Median(calm.TurnaroundMs), "ms");
        report.Figure("p99_ms", Samples.Percentile(calm.TurnaroundMs, 0.99), "ms");
        report.Figure("longest_ms", calm.TurnaroundMs.Max(), "ms");
        report.Figure("answered_p50_ms", Samples.Median(calm.AnswerMs), "ms");
        report.Figure("bare_commit_ms", Samples.Median(bare.Milliseconds), "ms");
        report.Figure("bare_commit_p99_ms", Samples.Percentile(bare.Milliseconds, 0.99), "ms");
        report.Figure("ratio_to_bare_commit", Samples.Median(calm.TurnaroundMs) / Samples.Median(bare.Milliseconds), "ratio");
        report.Figure("paced_runs_per_second", calm.TurnaroundMs.Count / calm.Seconds, "runs/s");
        report.Figure("runs_per_second", full.TurnaroundMs.Count / full.Seconds, "runs/s");
        report.Figure("peak_memory_mib", Math.Max(calmMib, fullMib), "MiB");
        await MeasureBusyAsync(report, postgres, paced, busyFrames, warmUp, window, cancellationToken);
    }

    private static async Task MeasureBusyAsync(
        Report report, FarmPostgres postgres, AgentsSetup setup, int frames, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        // Finished jobs become history at once.
        var settings = Path.GetTempFileName();
        await File.WriteAllTextAsync(settings, """{ "history.archive_jobs_cutoff_hours": 0 }""", cancellationToken);
        try
        {
            await using var server = await CuebotProcess.StartMeteredAsync("--postgres", await postgres.CreateDatabaseAsync(), "--config", settings);
            using var channel = server.Connect();
            var jobs = new JobInterface.JobInterfaceClient(channel);
            var launched = await jobs.LaunchSpecAndWaitAsync(new JobLaunchSpecAndWaitRequest { Spec = TestJob.Spec("long", Frames) }, cancellationToken: cancellationToken);
            var watched = launched.Jobs.Jobs.Single().Id;
            await using var agents = await AgentsProcess.StartAsync(setup with { Cuebot = server.Address }, cancellationToken);
            await using var busy = new BusyFarm(server, watched, frames, BusyClients);
            await Task.Delay(warmUp, cancellationToken);
            var (rounds, looks) = (busy.Rounds, busy.Looks);
            var seen = await agents.MeasureAsync(TimeSpan.Zero, window, cancellationToken);
            (rounds, looks) = (busy.Rounds - rounds, busy.Looks - looks);
            var counters = await server.CountersAsync(cancellationToken);
            await busy.StopAsync();
            Expect.That(busy.Rounds > 0, "No job was submitted, eaten and archived.");
            report.Figure("busy_p50_ms", Samples.Median(seen.TurnaroundMs), "ms");
            report.Figure("busy_p99_ms", Samples.Percentile(seen.TurnaroundMs, 0.99), "ms");
            report.Figure("busy_longest_ms", seen.TurnaroundMs.Max(), "ms");
            report.Figure("busy_huge_jobs", rounds, "jobs");
            report.Figure("busy_looks_per_second", looks / seen.Seconds, "calls/s");
            foreach (var (name, value) in counters.Where(counter => counter.Key.EndsWith(MeteredCuebot.Longest, StringComparison.Ordinal)))
            {
                report.Remark($"busy: {name} {value:0.0} ms");
            }

            report.Figure("busy_peak_memory_mib", server.PeakMemoryMib, "MiB");
        }
        finally
        {
            File.Delete(settings);
        }
    }

    /// <summary>A new server with more work than the agents can do, and agents.</summary>
    private static async Task<(AgentsResult Result, double PeakMib)> MeasureAsync(
        FarmPostgres postgres, AgentsSetup setup, int jobCount, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        await using var server = await CuebotProcess.StartAsync("--postgres", await postgres.CreateDatabaseAsync());
        using var channel = server.Connect();
        var jobs = new JobInterface.JobInterfaceClient(channel);
        for (var i = 0; i < jobCount; i++)
        {
            await jobs.LaunchSpecAndWaitAsync(
                new JobLaunchSpecAndWaitRequest { Spec = TestJob.Spec($"long{i}", Frames) }, cancellationToken: cancellationToken);
        }

        await using var agents = await AgentsProcess.StartAsync(setup with { Cuebot = server.Address }, cancellationToken);
        var result = await agents.MeasureAsync(warmUp, window, cancellationToken);
        var after = await jobs.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria() }, cancellationToken: cancellationToken);
        if (after.Jobs.Jobs.Sum(job => job.JobStats.WaitingFrames) == 0)
        {
            throw new InvalidOperationException("The agents ran out of frames before the end.");
        }

        return (result, server.PeakMemoryMib);
    }
}
