using System.Collections.Concurrent;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// Carries out what durable batches ask of the world: launches, kills, questions about runs, locks. Each call is checked against the farm right before
/// it is made, and its end is told to the farm as a command.
/// </summary>
internal sealed partial class Launcher : IEffectSink, IAsyncDisposable
{
    private const int PerHost = 16;
    private const int Altogether = 512;
    private static readonly Actor LauncherActor = new(ActorKind.Server, "launcher");
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(12);

    private readonly FarmEngine _engine;
    private readonly AgentCalls _calls;
    private readonly CallLanes _lanes;
    private readonly ConcurrentDictionary<(EffectKind Kind, EntityId Subject), Effect> _inHand = new();
    private readonly ILogger<Launcher> _logger;

    public Launcher(FarmEngine engine, AgentCalls calls, ILogger<Launcher> logger)
    {
        _engine = engine;
        _calls = calls;
        _logger = logger;
        _lanes = new CallLanes(CarryOutAsync, PerHost, Altogether);
    }

    /// <inheritdoc/>
    public int Backlog => _lanes.Queued;

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        if (batch.Resync)
        {
            var open = await _engine.QueryAsync(farm => Recovery.OpenEffects(farm).ToList(), cancel, "Effects that are open");
            Take(open.Value.Where(e => !_inHand.ContainsKey((e.Kind, e.Subject))));
        }

        Take(batch.Effects);
    }

    /// <summary>Starts no call any more and waits for those under way: what they answer is worth knowing. The farm asks about the rest after a restart.</summary>
    public async Task StopAsync()
    {
        try
        {
            await _lanes.StopAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            LogCallsLeft(_inHand.Count);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private void Take(IEnumerable<Effect> effects)
    {
        foreach (var effect in effects)
        {
            // Mail for ended jobs is not an agent's business; the event log has told of it.
            if (effect.Kind != EffectKind.JobEnded && _inHand.TryAdd((effect.Kind, effect.Subject), effect))
            {
                _lanes.Add(effect);
            }
        }
    }

    private async Task CarryOutAsync(Effect effect)
    {
        try
        {
            var order = (await _engine.QueryAsync(farm => CallOrder.Find(farm, effect), CancellationToken.None, "A call to an agent")).Value;
            var (answer, detail) = order is null ? (CallAnswer.Withdrawn, "The call is not wanted any more.") : await _calls.MakeAsync(order);
            _inHand.TryRemove((effect.Kind, effect.Subject), out _);
            if (answer is not (CallAnswer.Done or CallAnswer.Withdrawn))
            {
                LogNotDone(effect.Kind, order?.Host.Name ?? "?", effect.Subject, answer, detail);
            }

            await _engine.ExecuteAsync(
                CommandClass.Internal,
                LauncherActor,
                edit =>
                {
                    Tell(edit, effect, answer, detail);
                    return 0;
                },
                CancellationToken.None,
                "The end of a call to an agent");
        }
        catch (EngineUnavailableException)
        {
            // The farm is being loaded again or handed over: it finds what is open from its rows, and asks for it anew.
            _inHand.TryRemove((effect.Kind, effect.Subject), out _);
        }
        catch (Exception e)
        {
            _inHand.TryRemove((effect.Kind, effect.Subject), out _);
            LogDefect(e, effect.Kind, effect.Subject);
        }
    }

    private static void Tell(FarmEdit edit, Effect effect, CallAnswer answer, string detail)
    {
        if (effect.Kind == EffectKind.TellLock)
        {
            HostRules.LockTold(edit, effect.Host, answer == CallAnswer.Done);
        }
        else
        {
            RunCalls.Ended(edit, effect, answer, detail);
        }
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "{Kind} on host {Host} (subject {Subject}): {Answer}. {Detail}")]
    private partial void LogNotDone(EffectKind kind, string host, EntityId subject, CallAnswer answer, string detail);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Stopping with {Count} calls to agents unanswered; the next start asks about them")]
    private partial void LogCallsLeft(int count);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error, Message = "A defect kept {Kind} of {Subject} from being carried out; it stays open until the server is restarted")]
    private partial void LogDefect(Exception defect, EffectKind kind, EntityId subject);
}
