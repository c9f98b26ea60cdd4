using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Shows;

namespace OpenCue.Engine.Tests;

/// <summary>An engine on a store in memory, with sinks that remember, driven by hand or on its own thread.</summary>
internal sealed class Rig : IEffectSink, IEventSink, IAsyncDisposable
{
    private readonly Meter _meter = new("test");

    public Rig(MemoryDatabase? database = null, Func<EngineOptions, EngineOptions>? options = null, TimeProvider? time = null)
    {
        Store = new MemoryStore(database ?? new MemoryDatabase());
        Engine = new FarmEngine(
            Store,
            (options ?? (o => o))(new EngineOptions { Seed = 7 + (ulong)Store.Database.Epoch }),
            time ?? Time,
            new EngineInstruments(_meter),
            Log);
    }

    public ManualTime Time { get; } = new();

    public MemoryStore Store { get; }

    public FarmEngine Engine { get; }

    public ListLogger Log { get; } = new();

    public ConcurrentQueue<EffectBatch> Effects { get; } = [];

    public ConcurrentQueue<EventBatch> Events { get; } = [];

    public List<IBatchStep> Steps { get; } = [];

    public Func<EffectBatch, ValueTask> OnEffects { get; set; } = _ => ValueTask.CompletedTask;

    public Func<EventBatch, ValueTask> OnEvents { get; set; } = _ => ValueTask.CompletedTask;

    public Func<FarmEventKind, bool> WantsEvent { get; set; } = _ => true;

    public int Backlog { get; set; }

    public EngineParts Parts => new() { Effects = this, Events = this, Steps = Steps };

    /// <summary>All effects delivered so far.</summary>
    public IEnumerable<Effect> Sent => Effects.SelectMany(b => b.Effects);

    public Rig StartByHand()
    {
        Engine.StartByHand(Parts);
        return this;
    }

    public async Task<Rig> StartAsync()
    {
        await Engine.StartAsync(Parts, CancellationToken.None);
        return this;
    }

    public Task<TResult> Do<TResult>(
        Func<FarmEdit, TResult> command, CommandClass commandClass = CommandClass.UserAction, string name = "Test", CancellationToken cancel = default) =>
        Engine.ExecuteAsync(commandClass, Actor.Maintenance, command, cancel, name);

    /// <summary>Adds a show by this name.</summary>
    public Task<EntityId> Add(string name, CommandClass commandClass = CommandClass.UserAction, CancellationToken cancel = default) =>
        Do(edit => AddShow(edit, name).Id, commandClass, $"Add {name}", cancel);

    public static Show AddShow(FarmEdit edit, string name)
    {
        if (edit.Farm.Shows.TryGet(name, out _))
        {
            throw new FarmException(Refusal.AlreadyExists, $"There is a show {name} already.");
        }

        var show = new Show(new ShowRow { Id = edit.NewId(), Name = name });
        edit.Add(show);
        edit.Emit(FarmEventKind.Administration, show.Id, reason: name);
        edit.Do(EffectKind.JobEnded, show.Id, reason: name);
        return show;
    }

    /// <summary>Runs batches until there is nothing more to do at once.</summary>
    public Rig Run()
    {
        while (Engine.RunBatch())
        {
        }

        return this;
    }

    /// <summary>The names of shows that a query sees, once it is answered.</summary>
    public Task<Queries.QueryResult<string>> Names() => Engine.QueryAsync(NamesOf, CancellationToken.None);

    /// <summary>The names of shows in the store.</summary>
    public string Stored => string.Join(",", Store.Database.Read().Shows.Select(s => s.Name).Order(StringComparer.Ordinal));

    public static string NamesOf(FarmModel farm) => string.Join(",", farm.Shows.All.Select(s => s.Row.Name).Order(StringComparer.Ordinal));

    ValueTask IEffectSink.DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        Effects.Enqueue(batch);
        return OnEffects(batch);
    }

    bool IEventSink.Wants(FarmEventKind kind) => WantsEvent(kind);

    ValueTask IEventSink.DeliverAsync(EventBatch batch, CancellationToken cancel)
    {
        Events.Enqueue(batch);
        return OnEvents(batch);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _meter.Dispose();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger<FarmEngine>
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception)));
}
