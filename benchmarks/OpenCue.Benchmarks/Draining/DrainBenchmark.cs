using System.Diagnostics;
using OpenCue.Benchmarks.Engines;
using OpenCue.Benchmarks.Servers;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Draining;

/// <summary>
/// The shape by which OpenCue measures its scheduler: an idle farm gets as much work as it can hold, and all of it is booked. Nothing is launched, as
/// there; but here each booking is durable before it counts, and the jobs' submission counts, too.
/// </summary>
internal sealed class DrainBenchmark : IBenchmark
{
    private const int Tags = 8;
    private const int Cores = 8;
    private const int Layers = 4;
    private const int FramesPerLayer = 5;
    private const int Rounds = 5;

    /// <summary>Submissions under way at once, as many as the server takes.</summary>
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public string Name => "drain";

    public string Summary => "seconds to submit 300 jobs of 4 layers of 5 frames with 8 tags and to book all frames on 1,200 hosts; --hosts N, --jobs N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (hosts, jobs) = (options.Hosts ?? 1200, options.Jobs ?? 300);
        report.Remark($"{hosts} hosts of {Cores} cores, each of one of {Tags} tags; {jobs} jobs of {Layers} layers of {FramesPerLayer} frames, each layer of one of the tags");
        report.Remark("wall: from before the first submission until the last booking is durable in PostgreSQL (fsync on); window: from the first durable booking to the last one");
        report.Remark($"the median of {Rounds} rounds, each on a new farm, after one that is not counted; nothing is launched");
        await using var postgres = await PrivatePostgres.StartAsync();
        var rounds = new List<Round>();
        await DrainAsync(postgres, hosts, jobs, cancellationToken);
        for (var i = 0; i < Rounds; i++)
        {
            rounds.Add(await DrainAsync(postgres, hosts, jobs, cancellationToken));
        }

        var frames = jobs * Layers * FramesPerLayer;
        var wall = Samples.Median(rounds.Select(r => r.WallSeconds));
        report.Figure("wall_seconds", wall, "s");
        report.Figure("wall_longest_seconds", rounds.Max(r => r.WallSeconds), "s");
        report.Figure("wall_per_second", frames / wall, "bookings/s");
        report.Figure("window_seconds", Samples.Median(rounds.Select(r => r.WindowSeconds)), "s");
        report.Figure("window_per_second", frames / Samples.Median(rounds.Select(r => r.WindowSeconds)), "bookings/s");
        report.Figure("pool_per_second", frames / Samples.Median(rounds.Select(r => r.PoolSeconds)), "bookings/s");
        report.Remark("pool_per_second: all jobs wait already when the hosts report for the first time, all at once; from then until the last durable booking");
        report.Figure("failed_tries_percent", 100.0 * rounds.Sum(r => r.FailedTries) / rounds.Sum(r => r.HostTries), "percent");
        report.Remark("failed_tries_percent: of the hosts that the index gave for a frame, those that then could not take it");
        report.Figure("peak_memory_mib", Machine.PeakMemoryMib(Environment.ProcessId), "MiB");
    }

    private static async Task<Round> DrainAsync(PrivatePostgres postgres, int hosts, int jobs, CancellationToken cancellationToken)
    {
        var frames = jobs * Layers * FramesPerLayer;
        InstantAgents? agents = null;
        double wall, window;
        long tries, failed;
        await using (var farm = await StartAsync(postgres, made => agents = made))
        {
            await farm.AddHostsAsync(hosts, Cores, TagsOf);
            var booked = agents!.WaitAsync(frames, Patience, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await SubmitAsync(farm, jobs, cancellationToken);
            await booked;
            wall = Stopwatch.GetElapsedTime(started, agents.LastLaunchAt).TotalSeconds;
            window = Stopwatch.GetElapsedTime(agents.FirstLaunchAt, agents.LastLaunchAt).TotalSeconds;
            await CheckAsync(farm, frames);
            var counters = farm.Scheduler.Scheduler.Counters;
            (tries, failed) = (counters.HostTries, counters.FailedTries);
        }

        await using (var farm = await StartAsync(postgres, made => agents = made))
        {
            await SubmitAsync(farm, jobs, cancellationToken);
            var booked = agents!.WaitAsync(frames, Patience, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await farm.AddHostsAsync(hosts, Cores, TagsOf);
            await booked;
            await CheckAsync(farm, frames);
            return new Round(wall, window, Stopwatch.GetElapsedTime(started, agents.LastLaunchAt).TotalSeconds, tries, failed);
        }
    }

    private static async Task<EngineFarm> StartAsync(PrivatePostgres postgres, Action<InstantAgents> made)
    {
        var store = FarmSetup.Postgres(await postgres.CreateDatabaseAsync());
        var farm = await EngineFarm.StartAsync(store, farm =>
        {
            var agents = new InstantAgents(farm, completes: false);
            made(agents);
            return agents;
        });
        await farm.SetBurstAsync(100_000_000);
        return farm;
    }

    private static string[] TagsOf(int host) => [$"tag{host % Tags}"];

    private static Task SubmitAsync(EngineFarm farm, int jobs, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(1, jobs),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (number, _) => await farm.LaunchAsync(
            TestJob.Spec([TestJob.Job($"drain{number}", Enumerable.Range(0, Layers).Select(layer => $"tag{(number + layer) % Tags}"), FramesPerLayer)])));

    private static async Task CheckAsync(EngineFarm farm, int frames)
    {
        var (running, problems) = await farm.ReadAsync(model => (model.Jobs.All.Sum(job => job.Frames[FrameState.Running]), FarmInvariants.Check(model)));
        Expect.That(running == frames, $"{running} frames of {frames} run.");
        Expect.That(problems.Count == 0, $"The model is not sound: {string.Join(' ', problems.Take(3))}");
    }

    private sealed record Round(double WallSeconds, double WindowSeconds, double PoolSeconds, long HostTries, long FailedTries);
}
