using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// Brings launches, kills and questions about runs to the agents, and tells the farm how each of them ended. Calls about one frame on one host go one
/// after the other, in the order in which they were asked for: a kill never overtakes its launch. All others go side by side, within bounds.
/// </summary>
/// <remarks>
/// What it gets is durable already, and only a hint: each call is checked against the farm once more before it is sent. It repeats nothing by itself;
/// the farm's own rules ask again. After a crash the farm asks for whatever is not settled.
/// </remarks>
internal sealed partial class Launcher : IEffectSink, IAsyncDisposable
{
    private static readonly Actor s_actor = new(ActorKind.Server, "launcher");

    private readonly FarmEngine _engine;
    private readonly AgentCaller _caller;
    private readonly LauncherOptions _options;
    private readonly LauncherInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<Launcher> _logger;
    private readonly OrderDesk _desk;
    private readonly CallSlots _slots;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<(EffectKind Kind, EntityId Subject), CallTicket> _tickets = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), Queue<CallTicket>> _lanes = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private object? _farm;
    private int _waiting;
    private bool _stopping;
    private bool _disposed;

    /// <summary>A launcher that works as soon as the engine hands it something.</summary>
    public Launcher(
        FarmEngine engine, AgentCaller caller, LauncherOptions options, LauncherInstruments instruments, TimeProvider time, ILogger<Launcher> logger)
    {
        (_engine, _caller, _options, _instruments, _time, _logger) = (engine, caller, options, instruments, time, logger);
        _desk = new OrderDesk(engine, time);
        _slots = new CallSlots(options.CallsPerHost, options.Launches, options.OtherCalls);
        _desk.Start();
        instruments.ObserveBacklog(() => Backlog);
    }

    /// <inheritdoc/>
    public int Backlog => Volatile.Read(ref _waiting);

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        if (batch.Resync)
        {
            await ResyncAsync(cancel);
        }

        foreach (var effect in batch.Effects)
        {
            Take(effect);
        }
    }

    /// <summary>
    /// Sends nothing more, and waits a while for what is under way, so that its end is known. What waits is found again by the next start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancel = default)
    {
        lock (_lock)
        {
            _stopping = true;
            if (_lanes.Count == 0)
            {
                _idle.TrySetResult();
            }
        }

        try
        {
            await _idle.Task.WaitAsync(_options.StopPatience, _time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogGivenUp(_tickets.Count);
        }

        await _stop.CancelAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await StopAsync(CancellationToken.None);

        // Calls are given up now; what is left of their lanes ends without waiting for anybody.
        await _idle.Task;
        await _desk.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Effects were dropped on the way here, or the farm was loaded: what there is to do is read from the farm.</summary>
    private async Task ResyncAsync(CancellationToken cancel)
    {
        var found = (await _engine.QueryAsync(farm => (Farm: (object)farm, Open: Recovery.OpenEffects(farm).ToArray()), cancel, "Open calls")).Value;
        lock (_lock)
        {
            if (!ReferenceEquals(_farm, found.Farm))
            {
                _farm = found.Farm;
                foreach (var ticket in _tickets.Values)
                {
                    ticket.IsFormer = true;
                }

                _tickets.Clear();
            }
        }

        LogResync(found.Open.Length);
        foreach (var effect in found.Open)
        {
            Take(effect);
        }
    }

    private void Take(Effect effect)
    {
        if (effect.Kind is not (EffectKind.LaunchRun or EffectKind.KillRun or EffectKind.KillStray or EffectKind.SettleRun or EffectKind.TellLock))
        {
            return;
        }

        var ticket = new CallTicket(effect);
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            // A call is open once. One whose end is being told can be asked for anew. If it was not, and a look at the farm only showed the old one, that is
            // found when its turn comes, which is after the end was told.
            if (_tickets.TryGetValue(ticket.Key, out var held) && held.State != TicketState.Telling)
            {
                return;
            }

            _tickets[ticket.Key] = ticket;
            Interlocked.Increment(ref _waiting);
            if (_lanes.TryGetValue(ticket.Lane, out var lane))
            {
                lane.Enqueue(ticket);
                return;
            }

            _lanes.Add(ticket.Lane, lane = new Queue<CallTicket>());
            lane.Enqueue(ticket);
            _ = WorkAsync(ticket.Lane, lane);
        }
    }

    /// <summary>Makes the calls of one lane, until there are none.</summary>
    private async Task WorkAsync((EntityId Host, EntityId Frame) key, Queue<CallTicket> lane)
    {
        // Whoever hands over an effect does not make the calls. What runs on goes where the caller's work goes on: to the pool, or into virtual time.
        await Task.Yield();
        while (true)
        {
            CallTicket ticket;
            lock (_lock)
            {
                ticket = lane.Peek();
            }

            try
            {
                await MakeAsync(ticket);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception defect)
            {
                LogDefect(defect, ticket.Effect.Kind, ticket.Effect.Subject);
            }

            lock (_lock)
            {
                lane.Dequeue();
                if (_tickets.TryGetValue(ticket.Key, out var held) && held == ticket)
                {
                    _tickets.Remove(ticket.Key);
                }

                if (lane.Count == 0)
                {
                    _lanes.Remove(key);
                    if (_stopping && _lanes.Count == 0)
                    {
                        _idle.TrySetResult();
                    }

                    return;
                }
            }
        }
    }

    private async Task MakeAsync(CallTicket ticket)
    {
        RunOrder? order = null;
        var answer = new AgentAnswer(CallAnswer.Withdrawn, "It is not wanted any more.");
        var isCounted = true;
        try
        {
            using var slot = await _slots.TakeAsync(ticket.Effect.Host, ticket.Effect.Kind == EffectKind.LaunchRun, _stop.Token);
            if (!IsStopping && !ticket.IsFormer)
            {
                order = await _desk.ReadAsync(ticket.Effect);
            }

            Interlocked.Decrement(ref _waiting);
            isCounted = false;
            if (order is null || !MaySend(ticket, order))
            {
                return;
            }

            var start = _time.GetTimestamp();
            if (order.IsWanted)
            {
                answer = await _caller.CallAsync(ticket.Effect, order, _stop.Token);
            }

            _instruments.Ended(ticket.Effect.Kind, answer.Answer, _time.GetElapsedTime(start));
        }
        finally
        {
            if (isCounted)
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        LogEnded(ticket.Effect.Kind, ticket.Effect.Subject, answer.Answer, answer.Detail);
        await TellAsync(ticket, order, answer);
    }

    private bool IsStopping
    {
        get
        {
            lock (_lock)
            {
                return _stopping;
            }
        }
    }

    /// <summary>Says, in one step with the mark that it is sent, whether a call may be sent.</summary>
    private bool MaySend(CallTicket ticket, RunOrder order)
    {
        lock (_lock)
        {
            if (_stopping || ticket.IsFormer || (_farm is not null && !ReferenceEquals(_farm, order.Farm)))
            {
                return false;
            }

            ticket.State = TicketState.Sent;
            return true;
        }
    }

    private async Task TellAsync(CallTicket ticket, RunOrder order, AgentAnswer answer)
    {
        lock (_lock)
        {
            ticket.State = TicketState.Telling;
        }

        var (effect, farm) = (ticket.Effect, order.Farm);
        try
        {
            await _engine.ExecuteAsync(
                CommandClass.Internal,
                s_actor,
                edit =>
                {
                    // The farm was loaded anew meanwhile: it asks for itself what became of the run.
                    if (ReferenceEquals(edit.Farm, farm))
                    {
                        Tell(edit, effect, order, answer);
                    }

                    return 0;
                },
                _stop.Token,
                "Call to agent ended");
        }
        catch (EngineUnavailableException)
        {
            // The server stops or stands by; what is not settled is found again from the rows.
        }
    }

    private static void Tell(FarmEdit edit, Effect effect, RunOrder order, AgentAnswer answer)
    {
        if (effect.Kind == EffectKind.TellLock)
        {
            HostRules.LockTold(edit, effect.Subject, order.Locked, taken: answer.Answer is CallAnswer.Done or CallAnswer.Refused);
        }
        else
        {
            RunCalls.Ended(edit, effect, answer.Answer, answer.Detail);
        }
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Debug, Message = "{Call} {Subject} ended: {Answer}. {Detail}")]
    private partial void LogEnded(EffectKind call, EntityId subject, CallAnswer answer, string detail);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information, Message = "Calls to agents are read from the farm: {Count} are open")]
    private partial void LogResync(int count);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error, Message = "{Call} {Subject} failed by a defect; it stays open until the farm is loaded again")]
    private partial void LogDefect(Exception defect, EffectKind call, EntityId subject);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning, Message = "{Count} calls to agents were under way when the server stopped; the next start asks what became of them")]
    private partial void LogGivenUp(int count);
}
