using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

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

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BareWindow = TimeSpan.FromSeconds(2);

    public string Name => "turnaround";

    public string Summary => "from a frame's end to the next launch on its host: 20 faked agents over gRPC, PostgreSQL with fsync on";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        report.Remark("server, agents and PostgreSQL are processes that share this machine; a commit of one row alone is timed before, between and after, with nothing else running");
        report.Remark($"p50_ms, p99_ms: each host runs one frame at a time, for {ShortestMs} to {LongestMs} ms; the median of their answer to the agent is answered_p50_ms");
        report.Remark($"runs_per_second: each host runs {Cores} frames at a time, and each ends as soon as it was launched: {Hosts * Cores} runs turn around all the time");
        await using var postgres = await PrivatePostgres.StartAsync();
        await using var bare = await BareCommits.PrepareAsync(await postgres.CreateDatabaseAsync("Pooling=false"));
        await bare.RunAsync(BareWindow, cancellationToken);

        var paced = new AgentsSetup("", Hosts, Cores: 1, ShortestMs, LongestMs);
        var (calm, calmMib) = await MeasureAsync(postgres, paced, jobCount: 1, cancellationToken);
        await bare.RunAsync(BareWindow, cancellationToken);

        var atOnce = paced with { Cores = Cores, ShortestMs = 0, LongestMs = 0 };
        var (full, fullMib) = await MeasureAsync(postgres, atOnce, jobCount: 6, cancellationToken);
        await bare.RunAsync(BareWindow, cancellationToken);

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
    }

    /// <summary>A new server with more work than the agents can do, and agents.</summary>
    private static async Task<(AgentsResult Result, double PeakMib)> MeasureAsync(
        PrivatePostgres postgres, AgentsSetup setup, int jobCount, CancellationToken cancellationToken)
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
        var result = await agents.MeasureAsync(WarmUp, Window, cancellationToken);
        var after = await jobs.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria() }, cancellationToken: cancellationToken);
        if (after.Jobs.Jobs.Sum(job => job.JobStats.WaitingFrames) == 0)
        {
            throw new InvalidOperationException("The agents ran out of frames before the end.");
        }

        return (result, server.PeakMemoryMib);
    }
}
