using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using OpenCue.Benchmarks.Engines;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Listing;

/// <summary>All jobs of a farm, as a client gets them: from the request to the last byte of the answer, which nobody reads here, on a connection that is there.</summary>
internal sealed class ListJobsBenchmark : IBenchmark
{
    private const int LayersPerJob = 4;
    private const int FramesPerLayer = 10;
    private const int WarmUps = 40;
    private const int Calls = 100;

    public string Name => "listjobs";

    public string Summary => "milliseconds to list 5,000 jobs of 4 layers each, in the server, serialised; --jobs N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var jobs = options.Jobs ?? 5000;
        report.Remark($"GetJobs of {jobs} jobs of {LayersPerJob} layers of {FramesPerLayer} frames: from sending the request to the last byte of the answer; the bytes are not parsed");
        report.Remark($"{Calls} calls one after the other, {WarmUps} before; PostgreSQL; the farm is idle");
        await using var postgres = await PrivatePostgres.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await FarmSetup.PrepareAsync(FarmSetup.Postgres(database), (farm, _) => FillAsync(farm, jobs));
        await using var server = await CuebotProcess.StartAsync("--postgres", database);
        using var channel = server.Connect();
        var seen = await new JobInterface.JobInterfaceClient(channel).GetJobsAsync(
            new JobGetJobsRequest { R = new JobSearchCriteria() }, cancellationToken: cancellationToken);
        Expect.That(seen.Jobs.Jobs.Count == jobs, $"{seen.Jobs.Jobs.Count} of {jobs} jobs were listed.");
        Expect.That(
            seen.Jobs.Jobs.All(job => job.JobStats.WaitingFrames == LayersPerJob * FramesPerLayer), "Not all jobs were listed with all of their frames.");

        using var connection = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
        var uri = new Uri(new Uri(server.Address), "/job.JobInterface/GetJobs");
        var (times, bytes, busy) = (new List<double>(), 0L, default(TimeSpan));
        for (var call = 0; call < WarmUps + Calls; call++)
        {
            busy = call == WarmUps ? server.ProcessorTime : busy;
            var started = Stopwatch.GetTimestamp();
            bytes = await CallAsync(connection, uri, cancellationToken);
            if (call >= WarmUps)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        Expect.That(bytes > jobs * 50L, $"The answer has {bytes} bytes.");
        report.Figure("ms", Samples.Median(times), "ms");
        report.Figure("p99_ms", Samples.Percentile(times, 0.99), "ms");
        report.Figure("longest_ms", times.Max(), "ms");
        report.Figure("server_cpu_ms", (server.ProcessorTime - busy).TotalMilliseconds / Calls, "ms");
        report.Figure("mib", bytes / 1048576.0, "MiB");
        report.Figure("peak_memory_mib", server.PeakMemoryMib, "MiB");
    }

    private static async Task FillAsync(EngineFarm farm, int jobs)
    {
        foreach (var chunk in Enumerable.Range(1, jobs).Chunk(50))
        {
            await farm.LaunchAsync(TestJob.Spec(
                chunk.Select(number => TestJob.Job($"seq{number % 40:00}_shot{number:00000}_lighting_v042", Enumerable.Repeat("general", LayersPerJob), FramesPerLayer))));
        }
    }

    private static async Task<long> CallAsync(HttpMessageInvoker connection, Uri uri, CancellationToken cancellationToken)
    {
        // An empty message: all jobs that are not finished.
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await connection.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, all) = (new byte[65536], 0L);
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            all += read;
        }

        Expect.That(
            response.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.Single() == "0",
            $"The server answered HTTP {(int)response.StatusCode} and no OK.");
        return all;
    }
}
