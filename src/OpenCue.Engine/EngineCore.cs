using Microsoft.Extensions.Logging;
using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Paging;
using OpenCue.Engine.Queries;
using OpenCue.Engine.Storing;
using OpenCue.Farm;

namespace OpenCue.Engine;

/// <summary>What the engine's outside and its writer share.</summary>
internal sealed class EngineCore : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private LiveFarm? _live;

    public EngineCore(IFarmStore store, EngineOptions options, TimeProvider time, EngineInstruments instruments, ILogger logger)
    {
        Store = store;
        Options = options;
        Time = time;
        Instruments = instruments;
        Logger = logger;
        Ids = new IdSource(options.Seed);
        Clock = new EngineClock(time);
        Feed = new CommandFeed(options, instruments);
        Gate = new ReadGate(time, options.ParallelQueries);
        Status = new StatusBoard(time);
        Pager = new FramePager(this);
    }

    public IFarmStore Store { get; }

    public EngineOptions Options { get; }

    public TimeProvider Time { get; }

    public EngineInstruments Instruments { get; }

    public ILogger Logger { get; }

    public IdSource Ids { get; }

    public EngineClock Clock { get; }

    public CommandFeed Feed { get; }

    public ReadGate Gate { get; }

    public StatusBoard Status { get; }

    public Signal Signal { get; } = new();

    /// <summary>The model; null while there is none. Readers look at it inside the gate.</summary>
    public LiveFarm? Live
    {
        get => Volatile.Read(ref _live);
        set => Volatile.Write(ref _live, value);
    }

    /// <summary>How long the writer held the model, each time.</summary>
    public PauseHistogram Pauses { get; } = new();

    /// <summary>Fetches frames of finished jobs from the store.</summary>
    public FramePager Pager { get; }

    /// <summary>Fires when nothing of the engine runs any more: it stops reads of the store.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        Signal.Dispose();
    }
}
