using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Reports;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Running;

/// <summary>Gathers what happens in a simulation, for the report.</summary>
internal sealed class Measurements(EventQueue events, SimulationOptions options)
{
    private readonly Stretches _cores = new(options.SampleEveryMs);
    private readonly Stretches _memory = new(options.SampleEveryMs);
    private readonly Stretches _gpus = new(options.SampleEveryMs);
    private readonly SortedDictionary<string, ShowMeasures> _shows = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Show, int Priority), (List<double> Waits, List<double> Turnarounds)> _times = [];
    private readonly List<int> _waiting = [];
    private readonly List<int> _running = [];
    private double _farmCores;
    private double _jainSum;
    private int _contended;
    private int _samples;

    /// <summary>Runs booked.</summary>
    public long Bookings { get; private set; }

    /// <summary>Of these, in places that the job held already.</summary>
    public long InKeptPlaces { get; private set; }

    /// <summary>Runs that ended.</summary>
    public int Runs { get; private set; }

    /// <summary>Of these, those that failed.</summary>
    public int RunsFailed { get; private set; }

    /// <summary>Core hours of those that failed.</summary>
    public double CoreHoursWasted { get; private set; }

    /// <summary>Core hours of all.</summary>
    public double CoreHours => _cores.Total / 3_600_000;

    /// <summary>Names the shows and what their subscriptions give them.</summary>
    public void Begin(FarmPlan farm)
    {
        _farmCores = farm.Hosts.Sum(h => (double)h.Count * h.Cores);
        foreach (var show in farm.Shows)
        {
            var measures = ShowOf(show.Name);
            measures.SizeCores = show.Subscriptions.Sum(s => s.Size);
            measures.BurstCores = show.Subscriptions.Sum(s => s.Burst);
        }
    }

    /// <summary>A run began.</summary>
    public void Started(SimRun run, Run booked)
    {
        Bookings++;
        InKeptPlaces += booked.Proc.Row.BookedAtMs == booked.Row.BookedAtMs ? 0 : 1;
        ShowOf(run.Layer.Job.Trace.Show).CoresNow += run.Reserved.CorePoints / 100.0;
        if (run.Attempt == 0)
        {
            var eligible = booked.Layer.Frames[booked.Ordinal].EligibleAtMs;
            TimesOf(run.Layer.Job).Waits.Add((booked.Row.BookedAtMs - eligible) / 1000.0);
        }
    }

    /// <summary>A run ended.</summary>
    public void Ended(SimRun run, bool succeeded, CompletionVerdict verdict)
    {
        if (verdict != CompletionVerdict.Applied)
        {
            throw new InvalidOperationException(
                $"The farm refused the completion of run {run.Id} on {run.Host.Name} with {verdict}: its agent loses nothing, so this is a defect.");
        }

        Runs++;
        var coreHours = Count(run);
        if (!succeeded)
        {
            RunsFailed++;
            CoreHoursWasted += coreHours;
        }
    }

    /// <summary>A job is done.</summary>
    public void JobFinished(SimJob job) => TimesOf(job).Turnarounds.Add((job.FinishedMs!.Value - job.SubmittedMs) / 1000.0); // It was set just now.

    /// <summary>Looks at the farm at the end of a stretch.</summary>
    public void Sample(FarmModel farm)
    {
        var (waiting, running) = (0, 0);
        foreach (var show in _shows.Values)
        {
            show.WaitsForCores = 0;
        }

        foreach (var job in farm.Jobs.All)
        {
            if (job.Row.State == JobState.Pending)
            {
                waiting += job.Frames[FrameState.Waiting];
                running += job.Frames[FrameState.Running];
                ShowOf(job.Show.Row.Name).WaitsForCores += FairShares.WaitedFor(job, _farmCores / Math.Max(1, farm.Hosts.Count));
            }
        }

        _samples++;
        _waiting.Add(waiting);
        _running.Add(running);
        SampleFairness();
    }

    private void SampleFairness()
    {
        var shows = _shows.Values.ToList();
        var demands = shows.ConvertAll(s => new ShowDemand(s.SizeCores, s.CoresNow, Math.Min(s.CoresNow + s.WaitsForCores, Math.Max(s.BurstCores, s.CoresNow))));
        if (!FairShares.Contend(demands, _farmCores))
        {
            return;
        }

        _contended++;
        var fair = FairShares.Of(demands);
        var parts = new List<double>();
        for (var i = 0; i < shows.Count; i++)
        {
            shows[i].ContendedCores += shows[i].CoresNow;
            shows[i].FairCores += fair[i];
            if (fair[i] > 0)
            {
                parts.Add(shows[i].CoresNow / fair[i]);
            }
        }

        _jainSum += FairShares.Jain(parts);
    }

    /// <summary>Counts what still runs.</summary>
    public void End(IEnumerable<SimRun> running)
    {
        foreach (var run in running)
        {
            Count(run);
        }
    }

    /// <summary>Use of the whole farm up to a time, on whole stretches.</summary>
    public Utilisation Use(FarmSize farm, long untilMs) => new(
        Percent(Mean(_cores, untilMs), farm.Cores),
        Percent(Mean(_memory, untilMs), farm.MemoryGib),
        farm.Gpus > 0 ? Percent(Mean(_gpus, untilMs), farm.Gpus) : null);

    /// <summary>How evenly shows were served.</summary>
    public Fairness Fairness()
    {
        var sizes = _shows.Values.Sum(s => s.SizeCores);
        var use = _shows.Values.Sum(s => s.Cores.Total);
        var contended = _shows.Values.Sum(s => s.ContendedCores);
        return new Fairness(
            _contended > 0 ? Math.Round(_jainSum / _contended, 4) : null,
            Percent(_contended, _samples),
            [
                .. _shows.Where(s => s.Value.SizeCores > 0 || s.Value.Cores.Total > 0).Select(s => new ShowUse(
                    s.Key,
                    s.Value.SizeCores,
                    Percent(s.Value.SizeCores, sizes),
                    Percent(s.Value.Cores.Total, use),
                    Percent(s.Value.FairCores, contended),
                    Percent(s.Value.ContendedCores, contended),
                    Math.Round(s.Value.Cores.Total / 3_600_000, 2))),
            ]);
    }

    /// <summary>How long frames waited.</summary>
    public IReadOnlyList<SpreadRow> Waits() => Spreads.Of(_times.Select(t => (t.Key.Show, t.Key.Priority, t.Value.Waits)));

    /// <summary>How long jobs took.</summary>
    public IReadOnlyList<SpreadRow> Turnarounds() => Spreads.Of(_times.Select(t => (t.Key.Show, t.Key.Priority, t.Value.Turnarounds)));

    /// <summary>How things went on.</summary>
    public Course Course(FarmSize farm)
    {
        var now = events.NowMs;
        return new Course
        {
            StepMinutes = options.SampleEveryMs / 60_000.0,
            Cores = Percents(_cores.Means(now), farm.Cores),
            Memory = Percents(_memory.Means(now), farm.MemoryGib),
            Gpus = farm.Gpus > 0 ? Percents(_gpus.Means(now), farm.Gpus) : [],
            Waiting = _waiting,
            Running = _running,
            Shows = [.. _shows.Where(s => s.Value.Cores.Total > 0).Select(s => new ShowCourse(s.Key, [.. s.Value.Cores.Means(now).Select(c => Math.Round(c, 1))]))],
        };
    }

    private double Count(SimRun run)
    {
        var (from, to) = (run.StartedMs, events.NowMs);
        var cores = run.Reserved.CorePoints / 100.0;
        var show = ShowOf(run.Layer.Job.Trace.Show);
        show.CoresNow -= cores;
        show.Cores.Add(cores, from, to);
        _cores.Add(cores, from, to);
        _memory.Add(run.Reserved.MemoryKib / 1048576.0, from, to);
        _gpus.Add(run.Reserved.Gpus, from, to);
        return cores * (to - from) / 3_600_000;
    }

    private ShowMeasures ShowOf(string show)
    {
        if (!_shows.TryGetValue(show, out var measures))
        {
            _shows.Add(show, measures = new ShowMeasures(options.SampleEveryMs));
        }

        return measures;
    }

    private (List<double> Waits, List<double> Turnarounds) TimesOf(SimJob job)
    {
        var key = (job.Trace.Show, job.Trace.Priority);
        if (!_times.TryGetValue(key, out var times))
        {
            _times.Add(key, times = ([], []));
        }

        return times;
    }

    private double Mean(Stretches amounts, long untilMs)
    {
        var means = amounts.Means(events.NowMs);
        return means.Take((int)Math.Clamp(untilMs / options.SampleEveryMs, 1, Math.Max(1, means.Length))).DefaultIfEmpty().Average();
    }

    private static double[] Percents(double[] amounts, double whole) => [.. amounts.Select(a => Percent(a, whole))];

    private static double Percent(double part, double whole) => whole > 0 ? Math.Round(100 * part / whole, 2) : 0;

    private sealed class ShowMeasures(long stretchMs)
    {
        public Stretches Cores { get; } = new(stretchMs);

        public double SizeCores { get; set; }

        public double BurstCores { get; set; }

        public double CoresNow { get; set; }

        public double ContendedCores { get; set; }

        public double FairCores { get; set; }

        public double WaitsForCores { get; set; }
    }
}
