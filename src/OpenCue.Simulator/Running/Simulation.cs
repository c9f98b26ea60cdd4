using System.Diagnostics.Metrics;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Cuebot.Maintenance;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Reports;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Running;

/// <summary>How far a simulation is.</summary>
/// <param name="Virtual">Virtual time so far.</param>
/// <param name="Real">Real time so far.</param>
/// <param name="Running">Frames that run.</param>
/// <param name="JobsLeft">Jobs that are not done, or not submitted yet.</param>
internal sealed record SimulationProgress(TimeSpan Virtual, TimeSpan Real, int Running, int JobsLeft);

/// <summary>
/// A farm in virtual time: the server's engine with its steps, driven by hand on the caller's thread, a store in memory, and agents that take every
/// launch. Nothing in it follows real time or chance but what the seed gives.
/// </summary>
internal sealed class Simulation : IAsyncDisposable
{
    private const long TickMs = 1000;
    private const int SamplesUntilStuck = 3;

    private static readonly Actor s_agents = new(ActorKind.Server, "cue-sim");

    private readonly SimulationOptions _options;
    private readonly Action<SimulationProgress>? _tell;
    private readonly TimeProvider _realTime;
    private readonly long _startedAt;
    private readonly EventQueue _events = new();
    private readonly VirtualTimeProvider _time;
    private readonly JobFeeder _feeder = new();
    private readonly Measurements _measurements;
    private readonly Agents _agents;
    private readonly SchedulerStep _scheduler;
    private readonly CountedScheduler _counted;
    private readonly DefectLog _log = new();
    private readonly List<Task> _commands = [];
    private readonly FarmEngine _engine;
    private FarmModel? _farm;
    private long _turns;
    private long _checks;
    private int _quietSamples;
    private int _submitted;
    private long _lastSubmissionMs;

    /// <param name="options">What is simulated.</param>
    /// <param name="realTime">Measures the real time that it takes.</param>
    /// <param name="tell">Told now and then how far it is.</param>
    /// <param name="store">Where the farm is stored; it must store at once. In memory if none is given.</param>
    public Simulation(SimulationOptions options, TimeProvider realTime, Action<SimulationProgress>? tell = null, IFarmStore? store = null)
    {
        _options = options;
        _realTime = realTime;
        _tell = tell;
        _startedAt = realTime.GetTimestamp();
        _time = new VirtualTimeProvider(_events, options.Trace.Start);
        _measurements = new Measurements(_events, options);
        _agents = new Agents(_events, _feeder, _measurements, options);
        _scheduler = new SchedulerStep(new SchedulingPolicies(options.OwnPolicies) { OnFailure = failure => throw new SimException($"The policy {failure.Policy} failed: {failure.Message}") });
        _counted = new CountedScheduler(_scheduler, realTime);
        _engine = new FarmEngine(
            store ?? new MemoryStore(),
            new EngineOptions { Owner = "cue-sim", Seed = options.Seed, Farm = options.Settings, StepLooks = 100_000, SinkBacklog = int.MaxValue },
            _time,
            new EngineInstruments(new Meter("cue-sim")),
            _log);
    }

    /// <summary>Real time that the scheduler took.</summary>
    public TimeSpan SchedulerTook => _counted.Took;

    /// <summary>Real time that all took so far.</summary>
    public TimeSpan Took => _realTime.GetElapsedTime(_startedAt);

    /// <summary>Runs it to its end.</summary>
    public RunReport Run(CancellationToken cancel)
    {
        Start();
        var endMs = _options.Hours is { } hours ? (long)(hours * 3_600_000) : long.MaxValue;
        while (!IsOver() && _events.NextMs is { } next && next <= endMs)
        {
            cancel.ThrowIfCancellationRequested();
            _events.RunUntil(next);
            Turn();
        }

        _measurements.End(_agents.Running);
        return Report();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private void Start()
    {
        _engine.StartByHand(new EngineParts
        {
            Steps = [new MaintenanceStep(), new BulkOperationStep(), _counted],
            Effects = _agents,
            Seed = FarmSeed.Apply,
            AfterLoad = Recovery.Begin,
            Check = Check,
        });
        Post(CommandClass.UserAction, edit => FarmBuilder.Build(edit, _options.Farm, _options.Policy));
        AddHosts();
        Turn();
        foreach (var job in _options.Trace.Jobs)
        {
            _events.At(WholeStep((long)(job.SubmitSeconds * 1000)), () => Submit(job));
        }

        _events.At(TickMs, Tick);
        _events.At(_options.SampleEveryMs, Sample);
        _measurements.Begin(_options.Farm);
    }

    private void AddHosts()
    {
        var bootSeconds = (_options.Trace.Start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond - 3600;
        var count = _options.Farm.HostCount;
        var number = 0;
        foreach (var plan in _options.Farm.Hosts)
        {
            foreach (var name in plan.Names())
            {
                var host = new SimHost(name, plan, bootSeconds);
                _agents.Add(host);
                Post(CommandClass.Report, edit => FarmBuilder.Configure(edit, HostReports.Apply(edit, host.BootReport()), plan));

                // Spread over the interval, as they are on a farm.
                _events.At(WholeStep(_options.ReportEveryMs * ++number / count), () => Report(host));
            }
        }
    }

    private void Submit(TraceJob job)
    {
        _submitted++;
        _lastSubmissionMs = _events.NowMs;
        Post(CommandClass.UserAction, edit => _feeder.Submit(edit, job, _events.NowMs));
    }

    private void Report(SimHost host)
    {
        Post(CommandClass.Report, edit => HostReports.Apply(edit, host.Report(_events.NowMs, edit.Now.WallMs)));
        _events.After(_options.ReportEveryMs, () => Report(host));
    }

    /// <summary>As in the server: lets the writer see what time alone makes due.</summary>
    private void Tick()
    {
        if (_commands.Count == 0)
        {
            Post(CommandClass.Internal, _ => { });
        }

        _events.After(TickMs, Tick);
    }

    private void Sample()
    {
        if (_farm is { } farm)
        {
            _measurements.Sample(farm);
        }

        _quietSamples = _agents.Running.Count == 0 && _submitted == _options.Trace.Jobs.Count ? _quietSamples + 1 : 0;
        _tell?.Invoke(new SimulationProgress(
            TimeSpan.FromMilliseconds(_events.NowMs), Took, _agents.Running.Count, _options.Trace.Jobs.Count - _feeder.Submitted.Count(j => j.FinishedMs is not null)));
        _events.After(_options.SampleEveryMs, Sample);
    }

    /// <summary>Lets the engine do all that there is to do at this moment.</summary>
    private void Turn()
    {
        do
        {
            if (_agents.AnyDue)
            {
                Post(CommandClass.Completion, edit => _agents.ReportEnded(edit, _scheduler.Scheduler));
            }

            if (_agents.Calls.Count > 0)
            {
                var calls = _agents.Calls.ToArray();
                _agents.Calls.Clear();
                Post(CommandClass.Internal, edit => _agents.Answer(edit, calls));
            }

            while (_engine.RunBatch())
            {
            }

            ExpectNoDefect();
        }
        while (_agents.AnyDue || _agents.Calls.Count > 0);
    }

    private void Post(CommandClass commandClass, Action<FarmEdit> command) => _commands.Add(_engine.ExecuteAsync(
        commandClass,
        s_agents,
        edit =>
        {
            command(edit);
            return 0;
        },
        CancellationToken.None,
        "Simulation"));

    private void ExpectNoDefect()
    {
        if (_log.Defect is { } defect)
        {
            throw defect.InnerException is SimException complaint ? complaint : defect;
        }

        foreach (var command in _commands)
        {
            if (command.Exception?.InnerException is { } failure)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure is CommandFailedException { InnerException: { } cause } ? cause : failure);
            }

            if (!command.IsCompleted)
            {
                throw new InvalidOperationException("The engine left a command unanswered with nothing left to do.");
            }
        }

        _commands.Clear();
    }

    private void Check(FarmModel farm)
    {
        _farm = farm;
        _turns++;
        if (_options.CheckEvery > 0 && _turns % _options.CheckEvery == 0)
        {
            _checks++;
            if (FarmInvariants.Check(farm) is { Count: > 0 } findings)
            {
                throw new InvalidOperationException(
                    $"The farm is not sound at {_time.GetUtcNow():u} (policy {_options.Policy}, seed {_options.Seed}): {string.Join("; ", findings)}");
            }
        }
    }

    private bool IsOver() =>
        _options.Hours is null
        && _submitted == _options.Trace.Jobs.Count
        && (_quietSamples >= SamplesUntilStuck || (_agents.Running.Count == 0 && _feeder.Submitted.All(j => j.FinishedMs is not null)));

    private RunReport Report()
    {
        var farm = _farm ?? throw new InvalidOperationException("There is no farm.");
        var total = farm.Hosts.All.Aggregate(default(Resources), (sum, host) => sum + host.Row.Total with { GpuMemoryKib = 0 });
        var size = new FarmSize(farm.Hosts.Count, total.CorePoints / 100.0, Math.Round(total.MemoryKib / 1048576.0, 1), total.Gpus);
        var hours = _events.NowMs / 3_600_000.0;
        var (done, givenUp) = (0, 0);
        foreach (var (_, id) in _feeder.Jobs)
        {
            if (farm.Jobs.TryGet(id, out var job))
            {
                done += job.Frames[FrameState.Succeeded];
                givenUp += job.Frames[FrameState.Eaten];
            }
        }

        return new RunReport
        {
            Trace = _options.Trace.Name,
            Policy = _options.Policy,
            Seed = _options.Seed,
            Start = _options.Trace.Start,
            Hours = Math.Round(hours, 3),
            Farm = size,
            Work = new WorkDone
            {
                Jobs = _feeder.Jobs.Count,
                JobsDone = _feeder.Submitted.Count(j => j.FinishedMs is not null),
                Frames = _feeder.Submitted.Sum(j => j.Trace.Layers.Sum(l => l.Frames.Count)),
                FramesDone = done,
                FramesGivenUp = givenUp,
                Runs = _measurements.Runs,
                RunsFailed = _measurements.RunsFailed,
                CoreHours = Math.Round(_measurements.CoreHours, 2),
                CoreHoursWasted = Math.Round(_measurements.CoreHoursWasted, 2),
                FramesPerHour = hours > 0 ? Math.Round(done / hours, 1) : 0,
            },
            Utilisation = _measurements.Use(size, _lastSubmissionMs),
            Fairness = _measurements.Fairness(),
            Waits = _measurements.Waits(),
            Turnarounds = _measurements.Turnarounds(),
            Engine = new EngineWork(_engine.Status.DurableSequence, _counted.Passes, _measurements.Bookings, _measurements.InKeptPlaces, _checks),
            Left = LeftOvers(farm),
            Course = _measurements.Course(size),
        };
    }

    private static List<LeftOver> LeftOvers(FarmModel farm) =>
    [
        .. farm.Layers.Values
            .Where(l => l.Job.Row.State == JobState.Pending && !l.Counts.Complete)
            .Select(l => new LeftOver(
                l.Job.Row.Name, l.Row.Name, l.Counts[FrameState.Waiting], l.Counts[FrameState.Depend], l.Counts[FrameState.Running]))
            .OrderByDescending(l => l.Waiting)
            .ThenBy(l => l.Job, StringComparer.Ordinal)
            .ThenBy(l => l.Layer, StringComparer.Ordinal)
            .Take(20),
    ];

    private long WholeStep(long ms) => (ms + _options.StepMs - 1) / _options.StepMs * _options.StepMs;
}
