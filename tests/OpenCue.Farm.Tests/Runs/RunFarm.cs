using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>A small farm for tests of runs: one show with everything it needs, and a clock that tests move.</summary>
internal sealed class RunFarm
{
    private const long MiB = 1024;
    private readonly FarmSettings _settings;
    private readonly IdSource _ids = new(1);
    private long _sequence = 1;
    private FarmEdit _edit;
    private ChangeSet? _last;

    public RunFarm(FarmSettings? settings = null)
    {
        _settings = settings ?? new FarmSettings();
        Farm = new FarmModel { Settings = _settings };
        _edit = new FarmEdit(Farm, _ids, _sequence);
        Scheduler = new Scheduler(Farm, new SchedulingPolicies());
        Do(AddShow);
    }

    /// <summary>A farm of one host, and a job of one layer.</summary>
    public static (RunFarm Farm, FakeAgent Agent, Layer Layer) OneHost(FakeKind kind, Func<LayerRow, LayerRow>? layer = null, int frames = 4)
    {
        var farm = new RunFarm();
        var agent = new FakeAgent(kind, "host");
        farm.AddHost(agent);
        return (farm, agent, farm.AddJob(frames: frames, layer: layer));
    }

    public FarmModel Farm { get; private set; }

    public Scheduler Scheduler { get; private set; }

    public long EngineMs { get; set; }

    public long WallMs { get; set; } = 1_800_000_000_000;

    public List<Effect> Effects { get; } = [];

    public List<FarmEvent> Events { get; } = [];

    /// <summary>Applies a command as the engine does, and keeps what it asked for and told.</summary>
    public void Do(Action<FarmEdit> command) => Do(edit =>
    {
        command(edit);
        return 0;
    });

    /// <summary>Applies a command and gives what would be stored.</summary>
    public ChangeSet DoAndTake<T>(Func<FarmEdit, T> command)
    {
        Do(command);
        return _last!;
    }

    /// <summary>Applies a command as the engine does, and keeps what it asked for and told.</summary>
    public T Do<T>(Func<FarmEdit, T> command)
    {
        var time = new FarmTime(EngineMs, WallMs);
        var mark = _edit.Begin(time, Actor.Maintenance);
        T result;
        try
        {
            result = command(_edit);
        }
        catch
        {
            _edit.RollBack(mark);
            throw;
        }

        var changes = _edit.Take(time);
        _sequence++;
        _last = changes;
        Effects.AddRange(changes.Effects);
        Events.AddRange(changes.Events);
        return result;
    }

    public void Pass(long ms)
    {
        EngineMs += ms;
        WallMs += ms;
    }

    /// <summary>What the server has ordered since the last call.</summary>
    public List<Effect> TakeEffects()
    {
        var taken = Effects.ToList();
        Effects.Clear();
        return taken;
    }

    public Effect TakeEffect(EffectKind kind)
    {
        var found = Assert.Single(Effects, e => e.Kind == kind);
        Effects.Remove(found);
        return found;
    }

    public int EventCount(FarmEventKind kind) => Events.Count(e => e.Kind == kind);

    public Layer AddJob(string name = "job", int frames = 4, Func<LayerRow, LayerRow>? layer = null, Func<JobRow, JobRow>? job = null) => Do(edit =>
    {
        var show = Farm.Shows.Find("show")!;
        var jobRow = new JobRow
        {
            Id = edit.NewId(),
            Name = name,
            ShowId = show.Id,
            ShowAsWritten = "show",
            GroupId = show.RootGroup.Id,
            FacilityId = Farm.Facilities.Find("local")!.Id,
            State = JobState.Pending,
            Shot = "shot",
            User = "user",
            LogDir = "/tmp",
            MaxCores = 100_000,
            // Tests book by hand: a place that came free takes no next frame.
            Paused = true,
        };
        jobRow = job?.Invoke(jobRow) ?? jobRow;
        var newJob = new Job(jobRow, show, show.RootGroup, Farm.Facilities.Find("local")!);
        edit.Add(newJob);
        var layerRow = new LayerRow
        {
            Id = edit.NewId(),
            JobId = newJob.Id,
            Name = "layer",
            Command = "true",
            Range = $"1-{frames}",
            MinMemoryKib = 512 * MiB,
            FrameCount = frames,
        };
        layerRow = layer?.Invoke(layerRow) ?? layerRow;
        var values = Enumerable.Range(0, frames).Select(i => Frame.New(i, WallMs) with { State = FrameState.Waiting }).ToArray();
        var usage = new LayerUsage(new LayerUsageRow { Id = layerRow.Id });
        edit.Add(usage);
        var newLayer = new Layer(layerRow, newJob, usage, FrameChunks.Of(FrameSet.Parse(layerRow.Range), 1), values);
        edit.Add(newLayer);
        return newLayer;
    });

    public Host AddHost(FakeAgent agent) => Do(edit => HostReports.Apply(edit, agent.Boot()));

    public Run Book(Host host, Layer layer, int ordinal = 0) =>
        Do(edit => Booking.Start(edit, host, layer, ordinal, new Resources(100, 512 * MiB))) ?? throw new InvalidOperationException("Not booked.");

    public void End(Effect effect, CallAnswer answer, string detail = "test") => Do(edit => RunCalls.Ended(edit, effect, answer, detail));

    /// <summary>Books a frame and has its launch taken by the agent.</summary>
    public Run Launch(FakeAgent agent, Layer layer, int ordinal = 0)
    {
        var run = Book(HostOf(agent), layer, ordinal);
        var effect = TakeEffect(EffectKind.LaunchRun);
        End(effect, agent.Launch(run.Id, run.FrameId));
        return run;
    }

    public Host HostOf(FakeAgent agent) => Farm.Hosts.Find(agent.Name)!;

    public Host Report(FakeAgent agent) => Report(agent.Report());

    public Host Report(HostReport report) => Do(edit => HostReports.Apply(edit, report));

    public CompletionVerdict Complete(CompletionReport report) => Do(edit => CompletionReports.Apply(edit, Scheduler, report));

    public void Sweep() => Do(edit =>
    {
        RunUpkeep.Sweep(edit);
        LostHosts.Sweep(edit);
    });

    /// <summary>Carries out what was ordered, with the agents as they are.</summary>
    public void CarryOut(params FakeAgent[] agents)
    {
        while (Effects.Count > 0)
        {
            var effect = Effects[0];
            Effects.RemoveAt(0);
            if (effect.Kind is EffectKind.TellLock or EffectKind.JobEnded)
            {
                continue;
            }

            var agent = agents.First(a => HostOf(a).Id == effect.Host);
            End(effect, RunCalls.IsWanted(Farm, effect) ? agent.Answer(effect) : CallAnswer.Withdrawn);
        }
    }

    /// <summary>Nothing that was ordered is answered.</summary>
    public void NobodyAnswers()
    {
        foreach (var effect in TakeEffects())
        {
            End(effect, CallAnswer.Unanswered);
        }
    }

    /// <summary>Time passes in steps, with reports of these hosts, sweeps, and calls carried out.</summary>
    public void Live(long ms, params FakeAgent[] agents)
    {
        for (var left = ms; left > 0; left -= 5000)
        {
            Pass(Math.Min(left, 5000));
            foreach (var agent in agents)
            {
                Report(agent);
            }

            Sweep();
            CarryOut(agents);
        }
    }

    /// <summary>The server is killed and starts again: the model is built from what is stored. Orders that were not carried out are gone.</summary>
    public void Restart()
    {
        var rows = new FarmRows { Sequence = _sequence, EngineMs = EngineMs };
        rows.Facilities.AddRange(Farm.Facilities.All.Select(e => e.Row));
        rows.Allocations.AddRange(Farm.Allocations.All.Select(e => e.Row));
        rows.Shows.AddRange(Farm.Shows.All.Select(e => e.Row));
        rows.Groups.AddRange(Farm.Groups.Values.Select(e => e.Row));
        rows.Subscriptions.AddRange(Farm.Subscriptions.Values.Select(e => e.Row));
        rows.Hosts.AddRange(Farm.Hosts.All.Select(e => e.Row));
        rows.HostStats.AddRange(Farm.Hosts.All.Select(e => e.Stat.Row));
        rows.Jobs.AddRange(Farm.Jobs.All.Select(e => e.Row));
        rows.Layers.AddRange(Farm.Layers.Values.Select(e => e.Row));
        rows.LayerUsage.AddRange(Farm.Layers.Values.Select(e => e.Usage.Row));
        foreach (var layer in Farm.Layers.Values)
        {
            rows.Frames.Add(layer.Id, layer.Frames.ToArray());
        }

        rows.Procs.AddRange(Farm.Procs.Values.Select(e => e.Row));
        // That a launch was taken is stored with a later report.
        rows.Runs.AddRange(Farm.Runs.Values.Select(e =>
            e.Row.Phase == RunPhase.Started && !e.Contact.StartStored ? e.Row with { Phase = RunPhase.Launching } : e.Row));
        rows.OldRuns.AddRange(Farm.OldRuns.All.Select(e => e.Row));
        Farm = FarmLoader.Build(rows, _settings);
        _edit = new FarmEdit(Farm, _ids, _sequence);
        Scheduler = new Scheduler(Farm, new SchedulingPolicies());
        Effects.Clear();
        Do(Recovery.Begin);
    }

    /// <summary>Time passes without a word from any host but these; nothing that is sent is answered.</summary>
    public void Silence(long ms, params FakeAgent[] heard)
    {
        for (var left = ms; left > 0; left -= 10_000)
        {
            Pass(10_000);
            NobodyAnswers();
            foreach (var agent in heard)
            {
                Report(agent);
            }

            Sweep();
        }
    }

    private void AddShow(FarmEdit edit)
    {
        var facility = new Facility(new FacilityRow(edit.NewId(), "local", true));
        edit.Add(facility);
        var allocation = new Allocation(new AllocationRow(edit.NewId(), facility.Id, "local.general", "general", false, true), facility);
        edit.Add(allocation);
        var show = new Show(new ShowRow { Id = edit.NewId(), Name = "show" });
        edit.Add(show);
        edit.Add(new Group(new GroupRow { Id = edit.NewId(), ShowId = show.Id, Name = "show" }, show));
        edit.Add(new Subscription(new SubscriptionRow(edit.NewId(), show.Id, allocation.Id, 100_000, 100_000), show, allocation));
    }
}
