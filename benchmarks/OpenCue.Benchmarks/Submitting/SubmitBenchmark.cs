using System.Diagnostics;
using Npgsql;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Submitting;

/// <summary>
/// One job of 100,000 frames through the real server, from the call to its answer, which means that all of it is durable. A small job goes before, so
/// that what is measured is a server that runs, not one that starts.
/// </summary>
internal sealed class SubmitBenchmark : IBenchmark
{
    private const int UsualFrames = 100_000;
    private const int UsualJobs = 9;

    public string Name => "submit";

    public string Summary => "seconds until a job of 100,000 frames is accepted and durable, over gRPC, on SQLite and on PostgreSQL";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (jobs, frames) = (options.Jobs ?? UsualJobs, options.Frames ?? UsualFrames);
        report.Remark($"LaunchSpecAndWait from call to answer, {jobs} jobs of {frames} frames one after the other, medians; server and client are two processes");
        report.Remark("first_: the first of them, the server having seen one job of 100 frames before; postgres_bare_: PostgreSQL itself copies as many frames from table to table and commits");
        var folder = Directory.CreateTempSubdirectory("opencue-bench-").FullName;
        double sqliteMib, postgresMib;
        try
        {
            await using var server = await CuebotProcess.StartAsync("--data", folder);
            sqliteMib = await MeasureAsync(report, "sqlite", server, jobs, frames, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        await using (var postgres = await PrivatePostgres.StartAsync())
        {
            var database = await postgres.CreateDatabaseAsync();
            await using var server = await CuebotProcess.StartAsync("--postgres", database);
            postgresMib = await MeasureAsync(report, "postgres", server, jobs, frames, cancellationToken);
            report.Figure("postgres_bare_seconds", await CopyAsync(database, jobs, frames, cancellationToken), "s");
        }

        report.Figure("peak_memory_mib", Math.Max(sqliteMib, postgresMib), "MiB");
    }

    private static async Task<double> MeasureAsync(Report report, string store, CuebotProcess server, int count, int frames, CancellationToken cancellationToken)
    {
        using var channel = server.Connect();
        var jobs = new JobInterface.JobInterfaceClient(channel);
        await LaunchAsync(jobs, "small", 100, cancellationToken);
        var seconds = new List<double>();
        for (var i = 0; i < count; i++)
        {
            seconds.Add(await LaunchAsync(jobs, $"large{i}", frames, cancellationToken));
        }

        report.Figure($"{store}_seconds", Samples.Median(seconds), "s");
        report.Figure($"{store}_first_seconds", seconds[0], "s");
        report.Figure($"{store}_longest_seconds", seconds.Max(), "s");
        return server.PeakMemoryMib;
    }

    private static async Task<double> LaunchAsync(JobInterface.JobInterfaceClient jobs, string name, int frames, CancellationToken cancellationToken)
    {
        var request = new JobLaunchSpecAndWaitRequest { Spec = TestJob.Spec(name, frames) };
        var started = Stopwatch.GetTimestamp();
        var answer = await jobs.LaunchSpecAndWaitAsync(request, cancellationToken: cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var accepted = answer.Jobs.Jobs.Sum(job => job.JobStats.TotalFrames);
        return accepted == frames
            ? seconds
            : throw new InvalidOperationException($"The job {name} of {frames} frames was accepted with {accepted}.");
    }

    /// <summary>What PostgreSQL needs for as many rows by itself, s.</summary>
    private static async Task<double> CopyAsync(string database, int rounds, int frames, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await RunAsync("CREATE TABLE bare (LIKE frame INCLUDING ALL)");
        var seconds = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            await RunAsync("TRUNCATE bare");
            var started = Stopwatch.GetTimestamp();
            await RunAsync($"INSERT INTO bare SELECT * FROM frame LIMIT {frames}");
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return Samples.Median(seconds);

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
