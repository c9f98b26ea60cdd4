using System.Diagnostics;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Benchmarks.Passes;

/// <summary>
/// What the scheduler costs on a big farm, without engine and store: the first pass over all of it, and passes when one thing changed. And what the model
/// itself takes of memory, and how long it keeps the writer at a time.
/// </summary>
internal sealed class PassBenchmark : IBenchmark
{
    private const int TagSets = 200;
    private const int LayersPerJob = 4;
    private const int FramesPerLayer = 50;
    private const int FinishedForEachWaiting = 3;
    private const int EndsInBatch = 20;
    private const double SliceMs = 5;

    /// <summary>The runtime compiles what runs often twice, in the background, and looks in between what is worth it.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public string Name => "pass";

    public string Summary => "seconds of the first pass over 100,000 hosts and 1,000,000 waiting frames, milliseconds of one when a host reports; --hosts N, --frames N, --seconds N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var (hosts, frames) = (options.Hosts ?? 100_000, options.Frames ?? 1_000_000);
        var jobs = Math.Max(1, frames / (LayersPerJob * FramesPerLayer));
        report.Remark($"{hosts} hosts of 8 to 32 cores in 5 allocations, {TagSets} tags; {jobs} jobs of {LayersPerJob} layers of {FramesPerLayer} frames of 4 to 16 cores, 20 shows; {Environment.GetEnvironmentVariable("DOTNET_GCgen0size") ?? "usual"} gen0 size");

        report.Remark($"small farms first, for {WarmUp.TotalSeconds:0} s, so that no compiling is measured; then the big one is built, and its heap settled by a full collection");
        var warming = Stopwatch.GetTimestamp();
        do
        {
            var small = new BigFarm(TagSets);
            small.AddHosts(2000);
            small.AddJobs(100, FramesPerLayer);
            Cold(small);
            Incremental(small, 2000, cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(warming) < WarmUp);

        var before = Memory();
        var farm = new BigFarm(TagSets);
        farm.AddHosts(hosts);
        farm.AddJobs(jobs, FramesPerLayer);
        var model = Memory() - before;

        var paused = GC.GetTotalPauseDuration();
        var (seconds, bookings, longestMs, slices) = Cold(farm);
        report.Figure("cold_collecting_seconds", (GC.GetTotalPauseDuration() - paused).TotalSeconds, "s");
        report.Figure("cold_seconds", seconds, "s");
        report.Figure("bookings", bookings, "bookings");
        report.Figure("bookings_per_second", bookings / seconds, "bookings/s");
        report.Figure("cold_slices", slices, "slices");
        report.Figure("cold_longest_slice_ms", longestMs, "ms");
        report.Figure("failed_tries_percent", 100.0 * farm.Scheduler.Counters.FailedTries / Math.Max(1, farm.Scheduler.Counters.HostTries), "%");
        Expect.That(bookings > 0, "Nothing was booked.");

        report.Remark("incremental: a frame ends, its place goes back, and the host reports: the time of the pass that books it anew");
        var passes = Incremental(farm, Math.Min(20_000, bookings / 2), cancellationToken);
        report.Figure("incremental_p50_ms", Samples.Percentile(passes, 0.5), "ms");
        report.Figure("incremental_p99_ms", Samples.Percentile(passes, 0.99), "ms");
        report.Figure("incremental_longest_ms", passes.Max(), "ms");

        report.Remark("pause: batches of 20 ends of frames and the pass after them, one after the other; how long one took");
        var pauses = Pauses(farm, TimeSpan.FromSeconds(options.Seconds ?? 20), cancellationToken);
        report.Figure("pause_p50_ms", Samples.Percentile(pauses, 0.5), "ms");
        report.Figure("pause_p999_ms", Samples.Percentile(pauses, 0.999), "ms");
        report.Figure("pause_longest_ms", pauses.Max(), "ms");

        farm.Scheduler.Reset();
        var again = Cold(farm);
        report.Figure("full_again_seconds", again.Seconds, "s");
        Expect.That(again.Bookings == 0, $"The look at everything booked {again.Bookings} more than the passes before.");
        var problems = FarmInvariants.Check(farm.Farm);
        Expect.That(problems.Count == 0, $"The model is not sound: {string.Join(' ', problems.Take(3))}");

        report.Figure("model_gib", model / 1024.0 / 1024 / 1024, "GiB");
        before = Memory();
        farm.AddJobs(jobs * FinishedForEachWaiting, FramesPerLayer, finished: true);
        report.Figure("finished_mib", (Memory() - before) / 1024.0 / 1024, "MiB");
        report.Figure("peak_memory_mib", Machine.PeakMemoryMib(Environment.ProcessId), "MiB");
    }

    private static (double Seconds, int Bookings, double LongestMs, int Slices) Cold(BigFarm farm)
    {
        var (total, bookings, longest, slices) = (0.0, 0, 0.0, 0);
        while (true)
        {
            var edit = farm.Begin();
            var started = Stopwatch.GetTimestamp();
            var end = started + (long)(SliceMs / 1000 * Stopwatch.Frequency);
            var pass = farm.Scheduler.Pass(edit, () => Stopwatch.GetTimestamp() < end);
            var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            total += took;
            longest = Math.Max(longest, took);
            bookings += pass.Booked;
            slices++;
            farm.EndBatch();
            if (!pass.HasMore)
            {
                return (total / 1000, bookings, longest, slices);
            }
        }
    }

    private static List<double> Incremental(BigFarm farm, int count, CancellationToken cancellationToken)
    {
        var random = new Random(3);
        var hosts = farm.Farm.Hosts.All.ToList();
        var times = new List<double>(count);
        while (times.Count < count && farm.Farm.Runs.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var host = hosts[random.Next(hosts.Count)];
            if (host.Procs.Count == 0)
            {
                continue;
            }

            var edit = farm.Begin();
            End(edit, host.Procs.First());
            edit.Marks.Hosts.Add(host);
            var started = Stopwatch.GetTimestamp();
            farm.Scheduler.Pass(edit, () => true);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            farm.EndBatch();
        }

        return times;
    }

    private static List<double> Pauses(BigFarm farm, TimeSpan length, CancellationToken cancellationToken)
    {
        var random = new Random(4);
        var hosts = farm.Farm.Hosts.All.ToList();
        var times = new List<double>();
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < length && farm.Farm.Runs.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            var edit = farm.Begin();
            var ended = 0;
            for (var i = 0; i < EndsInBatch; i++)
            {
                if (hosts[random.Next(hosts.Count)].Procs.FirstOrDefault() is { } proc)
                {
                    var result = FrameCompletion.Apply(edit, proc.Run!, Outcome());
                    ProcDisposition.AfterRun(edit, farm.Scheduler, result);
                    ended++;
                }
            }

            farm.Scheduler.Pass(edit, () => true);
            farm.EndBatch();
            if (ended < EndsInBatch / 2)
            {
                // The farm runs empty: what is left is no load.
                break;
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times;
    }

    private static void End(FarmEdit edit, Proc proc)
    {
        FrameCompletion.Apply(edit, proc.Run!, Outcome());
        OpenCue.Farm.Runs.ProcRules.Release(edit, proc);
    }

    private static RunOutcome Outcome() => new() { End = RunEnd.Completed, ExitStatus = 0, RunSeconds = 60 };

    private static long Memory()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
