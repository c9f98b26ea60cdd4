using OpenCue.Simulator.Traces;

namespace OpenCue.Simulator.Workloads;

/// <summary>Makes a trace from a scenario: the same seed, the same trace.</summary>
internal sealed class WorkloadMaker(Scenario scenario, ulong seed)
{
    private const double KibPerGib = 1048576;
    private static readonly string[] Users = ["ada", "alan", "edsger", "grace", "barbara", "donald", "leslie", "niklaus"];

    private readonly Dice _dice = new(seed);

    /// <summary>Makes the trace.</summary>
    /// <param name="hours">For how many hours jobs arrive, if not as the scenario says.</param>
    public Trace Make(double? hours = null)
    {
        var times = Times((hours ?? scenario.Hours) * 3600);
        var jobs = new List<TraceJob>(times.Count);
        foreach (var time in times)
        {
            jobs.Add(MakeJob(jobs.Count + 1, time));
        }

        return new Trace
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}, seed {seed}"),
            Start = scenario.Start,
            Farm = scenario.Farm,
            Jobs = jobs,
        };
    }

    /// <summary>When jobs arrive: independently of each other, more in busy hours than in others.</summary>
    private List<double> Times(double seconds)
    {
        var shape = scenario.Jobs.DayShape.Count == 24 ? scenario.Jobs.DayShape : [.. Enumerable.Repeat(1.0, 24)];
        var mean = shape.Average();
        var busiest = shape.Max() / mean * Math.Max(1, scenario.Jobs.Weekend);
        var perSecond = scenario.Jobs.PerDay / 86400 * busiest;
        var times = new List<double>();
        for (var at = NextGap(perSecond); at < seconds; at += NextGap(perSecond))
        {
            var wall = scenario.Start.AddSeconds(at);
            var rate = shape[wall.Hour] / mean * (wall.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? scenario.Jobs.Weekend : 1);
            if (_dice.Unit() * busiest < rate)
            {
                times.Add(at);
            }
        }

        return times;
    }

    private double NextGap(double perSecond) => perSecond <= 0 ? double.PositiveInfinity : -Math.Log(1 - _dice.Unit()) / perSecond;

    private TraceJob MakeJob(int number, double time)
    {
        var kind = _dice.Pick(scenario.Jobs.Kinds, k => k.Weight);
        var show = _dice.Pick([.. scenario.Farm.Shows.Where(s => kind.Shows.Count == 0 || kind.Shows.Contains(s.Name))], s => s.Weight);
        return new TraceJob
        {
            Id = number.ToString(CultureInfo.InvariantCulture),
            Name = string.Create(CultureInfo.InvariantCulture, $"{kind.Name}_{number:D5}"),
            Show = show.Name,
            Shot = string.Create(CultureInfo.InvariantCulture, $"sh{10 * (1 + (int)(_dice.Unit() * 200)):D4}"),
            Group = show.Groups.Any(g => g.Name == kind.Group) ? kind.Group : "",
            User = Users[(int)(_dice.Unit() * Users.Length)],
            Priority = (int)kind.Priority.Draw(_dice),
            SubmitSeconds = Thousandths(time),
            MaxCores = (int)kind.MaxCores,
            Retries = kind.Retries,
            Layers = MakeLayers(kind),
            Depends = [.. kind.Layers.Where(l => l.After.Length > 0).Select(Depend)],
        };
    }

    private static TraceDepend Depend(LayerKind layer) => new()
    {
        Type = layer.FrameByFrame ? "FRAME_BY_FRAME" : "LAYER_ON_LAYER",
        Layer = layer.Name,
        OnLayer = layer.After,
    };

    private List<TraceLayer> MakeLayers(JobKind kind)
    {
        var layers = new List<TraceLayer>(kind.Layers.Count);
        foreach (var layer in kind.Layers)
        {
            var count = layer.Frames?.Draw(_dice) ?? layers.First(l => l.Name == layer.After).Frames.Count; // The check of the scenario saw to that.
            layers.Add(MakeLayer(layer, Math.Max(1, (int)Math.Round(count))));
        }

        return layers;
    }

    private TraceLayer MakeLayer(LayerKind kind, int count)
    {
        var seconds = kind.Seconds.Draw(_dice);
        var peakGib = kind.PeakGib?.Draw(_dice) ?? kind.MemoryGib * 0.6;
        var frames = new IReadOnlyList<TraceRun>[count];
        for (var i = 0; i < count; i++)
        {
            frames[i] = MakeFrame(kind, seconds, peakGib);
        }

        return new TraceLayer
        {
            Name = kind.Name,
            Range = count == 1 ? "1" : string.Create(CultureInfo.InvariantCulture, $"1-{count}"),
            Cores = (decimal)kind.Cores,
            Threadable = kind.Threadable,
            MemoryKib = (long)(kind.MemoryGib * KibPerGib),
            Gpus = kind.Gpus,
            GpuMemoryKib = (long)(kind.GpuMemoryGib * KibPerGib),
            Tags = kind.Tags,
            Limits = kind.Limits,
            Frames = frames,
        };
    }

    private TraceRun[] MakeFrame(LayerKind kind, double seconds, double peakGib)
    {
        var time = Math.Max(1, seconds * Math.Exp(kind.Spread * _dice.Normal()));
        var peak = (long)(peakGib * Math.Exp(kind.Spread / 2 * _dice.Normal()) * KibPerGib);
        var run = new TraceRun(Thousandths(time), peak, 0);

        // A frame that fails does so somewhere on its way.
        return _dice.Percent(kind.FailPercent)
            ? [new TraceRun(Thousandths(Math.Max(1, time * _dice.Unit())), peak, 1), run]
            : [run];
    }

    private static decimal Thousandths(double seconds) => Math.Round((decimal)seconds, 3);
}
