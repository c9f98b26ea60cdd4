using Microsoft.Extensions.Logging;
using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Queries;
using OpenCue.Engine.Storing;
using OpenCue.Farm;

namespace OpenCue.Engine;

/// <summary>What the engine's outside and its writer share.</summary>
internal sealed class EngineCore(IFarmStore store, EngineOptions options, TimeProvider time, EngineInstruments instruments, ILogger logger) : IDisposable
{
    private LiveFarm? _live;

    public IFarmStore Store { get; } = store;

    public EngineOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public EngineInstruments Instruments { get; } = instruments;

    public ILogger Logger { get; } = logger;

    public IdSource Ids { get; } = new(options.Seed);

    public EngineClock Clock { get; } = new(time);

    public CommandFeed Feed { get; } = new(options, instruments);

    public ReadGate Gate { get; } = new(time, options.ParallelQueries);

    public StatusBoard Status { get; } = new(time);

    public Signal Signal { get; } = new();

    /// <summary>The model; null while there is none. Readers look at it inside the gate.</summary>
    public LiveFarm? Live
    {
        get => Volatile.Read(ref _live);
        set => Volatile.Write(ref _live, value);
    }

    public void Dispose() => Signal.Dispose();
}
