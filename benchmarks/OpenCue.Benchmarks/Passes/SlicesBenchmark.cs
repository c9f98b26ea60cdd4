using System.Diagnostics;
using OpenCue.Farm;

namespace OpenCue.Benchmarks.Passes;

/// <summary>
/// For how long the scheduler keeps the writer at a time when very much changes at once on a big farm: every slice is meant to end after 5 ms.
/// </summary>
internal sealed class SlicesBenchmark : IBenchmark
{
    private const int TagSets = 200;
    private const int FramesPerLayer = 10;
    private const double SliceMs = 5;

    public string Name => "slices";

    public string Summary => "longest slice of a pass when very much is to be looked at at once: caps of a show, all hosts, all work, work that starves; --hosts N, --jobs N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var small = new BigFarm(TagSets);
        small.AddHosts(2000);
        small.AddJobs(200, FramesPerLayer);
        All(small, null);

        var (hosts, jobs) = (options.Hosts ?? 100_000, options.Jobs ?? 40_000);
        report.Remark($"{hosts} hosts in 5 allocations, {jobs} jobs of 4 layers of {FramesPerLayer} frames, 20 shows; slices of {SliceMs} ms");
        var farm = new BigFarm(TagSets);
        farm.AddHosts(hosts);
        farm.AddJobs(jobs, FramesPerLayer);
        All(farm, report);
        Expect.That(FarmInvariants.Check(farm.Farm).Count == 0, "The model is not sound.");
    }

    private static void All(BigFarm farm, Report? report)
    {
        var groups = farm.Farm.Shows.All.Where(s => s.Subscriptions.Count > 1).Select(s => s.RootGroup).Take(4).ToList();
        var caps = groups.ConvertAll(g => g.Row.MaxCores);
        Change(farm, edit => groups.ForEach(g => edit.Set(g, g.Row with { MaxCores = 0 })));
        Measure(farm, report, "first");
        Change(farm, edit => groups.ForEach(g => edit.Set(g, g.Row with { MaxCores = -1 })));
        Measure(farm, report, "groups_raised");
        Change(farm, edit =>
        {
            foreach (var job in farm.Farm.Jobs.All)
            {
                edit.Set(job, job.Row with { MaxCores = job.Use.CorePoints });
            }
        });
        Measure(farm, report, "jobs_capped");
        Change(farm, edit =>
        {
            foreach (var job in farm.Farm.Jobs.All)
            {
                edit.Set(job, job.Row with { MaxCores = int.MaxValue / 4 });
            }
        });
        Measure(farm, report, "jobs_raised");
        Change(farm, edit => edit.Marks.Hosts.UnionWith(farm.Farm.Hosts.All));
        Measure(farm, report, "hosts_marked");
        Change(farm, edit => edit.Marks.Everything = true);
        Measure(farm, report, "everything");
        farm.GoOn(11 * 60_000);
        Change(farm, _ => { });
        Measure(farm, report, "starving");
        for (var i = 0; i < 20; i++)
        {
            farm.GoOn(5001);
            Measure(farm, i == 19 ? report : null, "starving_later");
        }

        report?.Figure("reserved", farm.Scheduler.Reservations.All.Count, "hosts");
    }

    private static void Change(BigFarm farm, Action<OpenCue.Farm.Changes.FarmEdit> change)
    {
        change(farm.Begin());
        farm.EndBatch();
    }

    private static void Measure(BigFarm farm, Report? report, string name)
    {
        var (total, longest, slices, collected, which) = (0.0, 0.0, 0, 0.0, 0);
        for (var hasMore = true; hasMore; slices++)
        {
            var edit = farm.Begin();
            var paused = GC.GetTotalPauseDuration();
            var started = Stopwatch.GetTimestamp();
            var end = started + (long)(SliceMs / 1000 * Stopwatch.Frequency);
            hasMore = farm.Scheduler.Pass(edit, () => Stopwatch.GetTimestamp() < end).HasMore;
            var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            var pause = (GC.GetTotalPauseDuration() - paused).TotalMilliseconds;
            (total, collected) = (total + took, collected + pause);
            (longest, which) = took - pause > longest ? (took - pause, slices + 1) : (longest, which);
            farm.EndBatch();
        }

        report?.Figure($"{name}_longest_ms", longest, "ms");
        report?.Remark($"{name}: {slices} slices, the longest was number {which}, {total:0} ms in all, of which collecting {collected:0} ms");
    }
}
