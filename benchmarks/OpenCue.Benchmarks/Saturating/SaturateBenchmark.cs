using System.Diagnostics;
using OpenCue.Benchmarks.Engines;
using OpenCue.Benchmarks.Servers;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Saturating;

/// <summary>
/// Shows with far more work than they may run, on far more hosts than they may use. After each batch of the writer, before anything of it is stored, each
/// show's use is compared with its burst: it must reach it, and never pass it.
/// </summary>
internal sealed class SaturateBenchmark : IBenchmark
{
    private const int Cores = 8;
    private const int Shows = 5;
    private const int BurstCores = 150;
    private const int JobsPerShow = 30;
    private const int FramesPerJob = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public string Name => "saturate";

    public string Summary => "whether shows reach bursts of 150 cores exactly and never pass them: 400 hosts, 150 jobs, 3,000 frames; --hosts N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var hosts = options.Hosts ?? 400;
        const int frames = Shows * JobsPerShow * FramesPerJob;
        report.Remark(
            $"{hosts} hosts of {Cores} cores; {Shows} shows with a burst of {BurstCores} cores each, {JobsPerShow} jobs of {FramesPerJob} frames each, of 1 core in "
            + "one half of the jobs and of 2 in the other; every run ends 20 to 60 ms after its launch; PostgreSQL, fsync on");
        report.Remark("use is compared with the burst after every batch of the writer, before it is stored");
        var watch = new BurstWatch();
        await using var postgres = await PrivatePostgres.StartAsync();
        var store = FarmSetup.Postgres(await postgres.CreateDatabaseAsync());
        InstantAgents? agents = null;
        await using var farm = await EngineFarm.StartAsync(
            store, farm => agents = new InstantAgents(farm, completes: true) { ShortestMs = 20, LongestMs = 60 }, watch.Look);
        await MakeShowsAsync(farm);
        await farm.AddHostsAsync(hosts, Cores);
        var started = Stopwatch.GetTimestamp();
        for (var show = 1; show <= Shows; show++)
        {
            await farm.LaunchAsync(TestJob.Spec(
                Enumerable.Range(1, JobsPerShow).Select(number => TestJob.Job($"job{number}", ["general"], FramesPerJob, 1 + (number % 2))), ShowName(show)));
        }

        while (agents!.Completed < frames)
        {
            Expect.That(Stopwatch.GetElapsedTime(started) < Patience, $"After {Patience.TotalSeconds} s {agents.Completed} of {frames} frames are done.");
            await Task.Delay(10, cancellationToken);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await agents.RestAsync(cancellationToken);
        var (succeeded, problems) = await farm.ReadAsync(model => (model.Jobs.All.Sum(job => job.Frames[FrameState.Succeeded]), FarmInvariants.Check(model)));
        Expect.That(succeeded == frames, $"{succeeded} of {frames} frames have succeeded.");
        Expect.That(problems.Count == 0, $"The model is not sound: {string.Join(' ', problems.Take(3))}");
        report.Figure("least_peak_cores", watch.Peaks.Values.DefaultIfEmpty().Min() / 100.0, "cores");
        report.Figure("highest_peak_cores", watch.Peaks.Values.DefaultIfEmpty().Max() / 100.0, "cores");
        report.Figure("batches", watch.Batches, "batches");
        report.Figure("wall_seconds", seconds, "s");
        report.Figure("runs_per_second", frames / seconds, "runs/s");
        report.Figure("peak_memory_mib", Machine.PeakMemoryMib(Environment.ProcessId), "MiB");
        Expect.That(
            watch.Peaks.Count == Shows && watch.Peaks.Values.All(peak => peak == BurstCores * 100),
            $"The shows' peaks are {string.Join(", ", watch.Peaks.Values.Select(peak => peak / 100.0))} cores; each must be {BurstCores}.");
    }

    private static string ShowName(int number) => $"show{number}";

    private static Task<int> MakeShowsAsync(EngineFarm farm) => farm.DoAsync(edit =>
    {
        var general = edit.Farm.Allocations.Find("local.general")!; // Every new farm has it.
        for (var number = 1; number <= Shows; number++)
        {
            var show = ShowRules.Create(edit, ShowName(number));
            edit.Add(new Subscription(new SubscriptionRow(edit.NewId(), show.Id, general.Id, BurstCores * 100, BurstCores * 100), show, general));
        }

        return 0;
    });

    /// <summary>The most that each show has used at the end of any batch.</summary>
    private sealed class BurstWatch
    {
        public Dictionary<EntityId, int> Peaks { get; } = [];

        public int Batches { get; private set; }

        public void Look(FarmModel model)
        {
            Batches++;
            foreach (var subscription in model.Subscriptions.Values)
            {
                if (subscription.Row.Burst == BurstCores * 100)
                {
                    Peaks[subscription.Id] = Math.Max(Peaks.GetValueOrDefault(subscription.Id), subscription.Use.CorePoints);
                }
            }
        }
    }
}
