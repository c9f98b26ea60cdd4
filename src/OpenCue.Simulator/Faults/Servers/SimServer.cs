using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Hosting;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Cuebot.Launching;
using OpenCue.Cuebot.Maintenance;
using OpenCue.Cuebot.Reports;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Server;
using OpenCue.Simulator.Faults.Checking;
using OpenCue.Simulator.Faults.World;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>One cuebot process: the real engine, scheduler, launcher and report service on simulated threads, clock, store and network.</summary>
internal sealed class SimServer : IDisposable
{
    /// <summary>The edge between a commit and its answer.</summary>
    public const string AfterCommit = "after a commit, before its answer";

    private readonly SimWorld _world;
    private readonly Meter _meter = new("simulated cuebot");
    private readonly Chance _chance;
    private bool _isWoken;
    private bool _isTicking;
    private EffectQueue? _effects;
    private int _dieAfterEdges;
    private bool _dieAfterCommit;

    public SimServer(SimWorld world, int number)
    {
        (_world, Number) = (world, number);
        _chance = Chance.Of(world.Plan.Seed, $"server {number}");
        Clock = new VirtualTimeProvider(world.Events, VirtualTimeProvider.UsualStart) { WallShift = world.ServerClockShift };
        Threads = new ServerThreads(world, this);
        StartedMs = world.NowMs;
        var variant = world.Plan.Variant;
        var store = new SimStore(world, this, variant.Store(world, this, new MemoryStore(world.Database)));
        Engine = new FarmEngine(
            store,
            new EngineOptions { Owner = $"cuebot {number}", Seed = world.Plan.Seed + ((ulong)number << 32), Farm = world.Settings, ParallelQueries = 16 },
            Clock,
            new EngineInstruments(_meter),
            NullLogger<FarmEngine>.Instance);
        Scheduler = new SchedulerStep();
        var instruments = new ReportInstruments(_meter);
        Reports = new ReportService(
            Engine, Scheduler, new RefusalLog(Clock, NullLogger<RefusalLog>.Instance), instruments, new ReportPace(TimeSpan.Zero, instruments, Clock));
    }

    /// <summary>Which process it is, counted from 1.</summary>
    public int Number { get; }

    /// <summary>Its threads.</summary>
    public ServerThreads Threads { get; }

    /// <summary>Its clock.</summary>
    public VirtualTimeProvider Clock { get; }

    /// <summary>Its engine.</summary>
    public FarmEngine Engine { get; }

    /// <summary>Its scheduler.</summary>
    public SchedulerStep Scheduler { get; }

    /// <summary>What its agents' reports go to.</summary>
    public ReportService Reports { get; }

    /// <summary>What calls agents; there from the start on.</summary>
    public Launcher Launcher { get; private set; } = null!; // Start makes it on the server's threads.

    /// <summary>When it started, virtual ms.</summary>
    public long StartedMs { get; }

    /// <summary>False once it has died.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>True while it has the farm and the store answers.</summary>
    public bool IsServing => IsAlive && Engine.Status.State == EngineState.Running;

    /// <summary>Starts it: it takes over the store and loads the farm.</summary>
    public void Start()
    {
        _world.Trace.Add($"server {Number} starts");
        var variant = _world.Plan.Variant;
        Threads.Enter(() =>
        {
            var caller = new AgentCaller(new SimAgentClients(_world, this), _world.Settings, Clock, NullLogger<AgentCaller>.Instance);
            Launcher = new Launcher(
                Engine, caller, new LauncherOptions { Launches = 8, OtherCalls = 8, CallsPerHost = 3 }, new LauncherInstruments(_meter), Clock, NullLogger<Launcher>.Instance);
        });
        var sink = variant.Effects(_world, this, _effects = new EffectQueue(this, Launcher));
        IBatchStep[] steps = [new ModelWatch(_world), new MaintenanceStep(), new BulkOperationStep(), Scheduler, .. variant.Steps(_world, this)];
        Engine.StartByHand(FarmParts.Of(steps, sink, null) with { Check = farm => _world.Truth.CheckFarm(this, farm) });
        Tick();
        Wake();
    }

    /// <summary>It dies at once: what was not in the store is gone.</summary>
    public void Die(string why)
    {
        if (IsAlive)
        {
            IsAlive = false;
            Dispose();
            _world.Trace.Add($"server {Number} dies {why}");
            _world.Tally.Add("servers that died");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>It dies after so many edges.</summary>
    public void DieAfter(int edges) => _dieAfterEdges = edges;

    /// <summary>It dies when its next commit is done, before it hears of it.</summary>
    public void DieAfterCommit() => _dieAfterCommit = true;

    /// <summary>What its next batches ask for is dropped on the way to its launcher.</summary>
    public void DropEffects(int batches) => _effects?.Drop(batches);

    /// <summary>Effects were dropped.</summary>
    public void Dropped(int effects) => _world.Tally.Add("effects dropped", effects);

    /// <summary>It does not die any more.</summary>
    public void LiveOn() => (_dieAfterEdges, _dieAfterCommit) = (0, false);

    /// <summary>A point at which the process may die. False if it has.</summary>
    public bool Edge(string where)
    {
        if (IsAlive && ((_dieAfterEdges > 0 && --_dieAfterEdges == 0) || (_dieAfterCommit && where == AfterCommit)))
        {
            _world.Tally.Add($"servers that died {where}");
            Die(where);
        }

        return IsAlive;
    }

    /// <summary>Something came in: the writer gets a turn.</summary>
    public void Wake()
    {
        if (IsAlive && !_isWoken)
        {
            _isWoken = true;
            _world.Events.After(_chance.Below(3), Turn);
        }
    }

    /// <summary>Serves an agent's report.</summary>
    public void Serve(SimHost host, object request, Action<ReportEnd> done, CancellationToken givenUp) =>
        Threads.Begin(() => ServeAsync(host, request, done, givenUp));

    private async Task ServeAsync(SimHost host, object request, Action<ReportEnd> done, CancellationToken givenUp)
    {
        var context = new SimCallContext(request.GetType().Name, host.Name, givenUp);
        try
        {
            await _world.Plan.Variant.ReportAsync(_world, this, host, request, context);
            _world.Truth.Answered(this, host, request);
            done(ReportEnd.Taken);
        }
        catch (Exception e) when (e is RpcDropConnectionException or RpcHttpUnavailableException or OperationCanceledException)
        {
            done(ReportEnd.Cut);
        }
        catch (RpcException)
        {
            done(ReportEnd.Refused);
        }
        catch (Exception defect) when (defect is not BrokenPromiseException)
        {
            _world.Break("DEFECT", $"a report failed with {defect.GetType().Name}: {defect.Message}");
        }
    }

    /// <summary>Hands a report to the service that it is for.</summary>
    public Task HandleAsync(object request, ServerCallContext context) => request switch
    {
        RqdReportRqdStartupRequest boot => Reports.ReportRqdStartup(boot, context),
        RqdReportStatusRequest status => Reports.ReportStatus(status, context),
        RqdReportRunningFrameCompletionRequest completion => Reports.ReportRunningFrameCompletion(completion, context),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request, "No report."),
    };

    private void Turn()
    {
        _isWoken = false;
        if (!Edge("before a turn of the writer"))
        {
            return;
        }

        var more = Engine.RunBatch();
        switch (Engine.Status.State)
        {
            case EngineState.Standby:
                _world.Tally.Add("servers that were deposed");
                Die($"as another one has the farm: {Engine.Status.Reason}");
                break;
            case EngineState.Faulted or EngineState.Stopped:
                throw new BrokenPromiseException("ENGINE", $"server {Number} ended by itself: {Engine.Status.Reason}");
            default:
                break;
        }

        if (more)
        {
            Wake();
        }
    }

    private void Tick()
    {
        if (!IsAlive)
        {
            return;
        }

        if (!_isTicking)
        {
            Threads.Begin(TickAsync);
        }

        Wake();
        _world.Events.After(1000, Tick);
    }

    /// <summary>Sees when the engine takes batches back.</summary>
    private sealed class ModelWatch(SimWorld world) : IBatchStep
    {
        public string Name => "watch";

        public Actor Actor => Actor.Maintenance;

        public StepResult Run(FarmEdit edit, StepSlice slice) => StepResult.Done;

        public void OnFarmReplaced(FarmModel farm) => world.Truth.OnFarmReplaced();
    }

    private async Task TickAsync()
    {
        _isTicking = true;
        try
        {
            await Engine.ExecuteAsync(CommandClass.Internal, Actor.Maintenance, _ => 0, CancellationToken.None, "Tick");
        }
        catch (EngineUnavailableException)
        {
            // It stands by.
        }

        _isTicking = false;
    }
}
