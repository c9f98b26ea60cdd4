using System.Diagnostics;
using Npgsql;
using OpenCue.Benchmarks.Engines;
using OpenCue.Benchmarks.Servers;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;

namespace OpenCue.Benchmarks.Steady;

/// <summary>
/// A full farm whose frames end all the time: each run is booked, committed, launched, confirmed, completed, committed, and its place booked again. The
/// engine, scheduler and store are the server's; there is no RPC.
/// </summary>
internal sealed class SteadyBenchmark : IBenchmark
{
    private const int Cores = 8;
    private const int FramesPerLayer = 5000;
    private const int MostRunsPerSecond = 40_000;

    private static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualWindow = TimeSpan.FromSeconds(60);

    public string Name => "steady";

    public string Summary => "runs completed and booked anew per second, durable in PostgreSQL, a million frames present, without RPC; --seconds N, --frames N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (warmUp, window) = (options.WarmUp(UsualWarmUp), options.Window(UsualWindow));
        var (hosts, present) = (options.Hosts ?? 1000, options.Frames ?? 1_000_000);

        // Whatever the machine, there must be a million at the end.
        var frames = present + (int)((warmUp + window).TotalSeconds * Math.Min(MostRunsPerSecond, present));
        report.Remark($"{hosts} hosts of {Cores} cores; each run is booked, confirmed and completed by steps of its own");
        report.Remark($"PostgreSQL: {FarmPostgres.Settings}; ratio_to_plain_statements: against plain prepared array statements of the same rows, on tables of the same size, after it");
        await using var postgres = await FarmPostgres.StartAsync(isLong: window > TimeSpan.FromSeconds(5));
        var database = await postgres.CreateDatabaseAsync();
        Measured measured;
        InstantAgents? agents = null;
        await using (var farm = await EngineFarm.StartAsync(
            FarmSetup.Postgres(database),
            farm => agents = new InstantAgents(farm, completes: true)))
        {
            await farm.SetBurstAsync(100_000_000);
            var jobs = await farm.FillAsync(frames, FramesPerLayer);
            report.Remark($"{jobs} jobs of 4 layers of {FramesPerLayer} frames");
            await postgres.CheckpointAsync();
            await farm.AddHostsAsync(hosts, Cores);
            await Task.Delay(warmUp, cancellationToken);
            measured = await MeasureAsync(farm, agents!, window, cancellationToken);
            agents!.Stop();
            await CheckAsync(farm, agents, database, present, cancellationToken);
        }

        var commits = measured.Commits;
        var perCommit = (int)Math.Round((double)measured.Runs / commits.Count);
        var rate = measured.Runs / measured.Seconds;
        report.Figure("runs_per_second", rate, "runs/s");
        report.Figure("commit_p50_ms", Samples.Median(commits.Select(c => c.Milliseconds)), "ms");
        report.Figure("commit_p99_ms", Samples.Percentile(commits.Select(c => c.Milliseconds), 0.99), "ms");
        report.Figure("commit_longest_ms", commits.Max(c => c.Milliseconds), "ms");
        report.Figure("commits_per_second", commits.Count / measured.Seconds, "commits/s");
        report.Figure("runs_per_commit", perCommit, "runs");
        report.Figure("store_busy_percent", 100 * commits.Sum(c => c.Milliseconds) / 1000 / measured.Seconds, "percent");
        report.Remark($"rows per run: {string.Join(", ", measured.Rows.Select(rows => $"{(double)rows.Value / measured.Runs:0.00} {rows.Key}"))}");
        report.Remark($"window {measured.Seconds:0.0} s, {measured.Runs} runs; processor of this process {measured.ProcessorShare:0.00} cores");
        report.Figure("peak_memory_mib", Machine.PeakMemoryMib(Environment.ProcessId), "MiB");
        var plain = await new BareStatements(database).RunAsync(TimeSpan.FromSeconds(Math.Min(15, window.TotalSeconds)), perCommit, cancellationToken);
        report.Figure("plain_statements_runs_per_second", plain, "runs/s");
        report.Figure("ratio_to_plain_statements", rate / plain, "ratio");
    }

    private static async Task<Measured> MeasureAsync(EngineFarm farm, InstantAgents agents, TimeSpan window, CancellationToken cancellationToken)
    {
        using var self = Process.GetCurrentProcess();
        farm.Store.CountsRows = true;
        var busy = self.TotalProcessorTime;
        var (since, before) = (Stopwatch.GetTimestamp(), agents.Completed);
        await Task.Delay(window, cancellationToken);
        var (until, after) = (Stopwatch.GetTimestamp(), agents.Completed);
        farm.Store.CountsRows = false;
        self.Refresh();
        var seconds = Stopwatch.GetElapsedTime(since, until).TotalSeconds;
        return new Measured(
            seconds,
            after - before,
            [.. farm.Store.Samples.Where(c => c.SentAt >= since && c.SentAt < until)],
            (self.TotalProcessorTime - busy).TotalSeconds / seconds,
            farm.Store.Rows);
    }

    /// <summary>That it really happened: what the agents counted is what the model holds and what PostgreSQL holds, and there was work to the end.</summary>
    private static async Task CheckAsync(EngineFarm farm, InstantAgents agents, string database, int present, CancellationToken cancellationToken)
    {
        await agents.RestAsync(cancellationToken);
        var (succeeded, waiting, total) = await farm.ReadAsync(model => (
            model.Jobs.All.Sum(job => (long)job.Frames[FrameState.Succeeded]),
            model.Jobs.All.Sum(job => (long)job.Frames[FrameState.Waiting]),
            model.Jobs.All.Sum(job => (long)job.Frames.Total)));
        Expect.That(agents.Refused == 0, $"{agents.Refused} completions did not count.");
        Expect.That(succeeded == agents.Completed, $"The model holds {succeeded} succeeded frames, and {agents.Completed} completions were acknowledged.");
        Expect.That(waiting > 0, "The frames ran out before the end.");
        Expect.That(total >= present, $"There were {total} frames.");
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var ask = new NpgsqlCommand("SELECT count(*) FROM run WHERE end_kind <> 0", connection);
        var stored = (long)(await ask.ExecuteScalarAsync(cancellationToken))!;
        Expect.That(stored == agents.Completed, $"PostgreSQL holds {stored} runs that have ended, and {agents.Completed} completions were acknowledged.");
        var problems = await farm.ReadAsync(FarmInvariants.Check);
        Expect.That(problems.Count == 0, $"The model is not sound: {string.Join(' ', problems.Take(3))}");
    }

    private sealed record Measured(double Seconds, long Runs, IReadOnlyList<CommitSample> Commits, double ProcessorShare, IReadOnlyDictionary<string, long> Rows);
}
