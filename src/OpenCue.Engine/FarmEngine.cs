using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Queries;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine;

/// <summary>
/// Owns the farm: applies commands one after the other on its one writer, commits what they changed, and only then answers, launches and tells.
/// </summary>
/// <remarks>
/// Two ways to drive it: <see cref="StartAsync"/> gives it a thread of its own; after <see cref="StartByHand"/>, <see cref="RunBatch"/> is the writer,
/// and nothing happens outside of it.
/// </remarks>
public sealed class FarmEngine : IAsyncDisposable
{
    private readonly EngineCore _core;
    private readonly QueryDesk _desk;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FarmWriter? _writer;
    private Task _running = Task.CompletedTask;
    private bool _byHand;

    /// <summary>An engine that is not started. It does not own the store: whoever made that disposes it after the engine.</summary>
    public FarmEngine(IFarmStore store, EngineOptions options, TimeProvider time, EngineInstruments instruments, ILogger<FarmEngine> logger)
    {
        _core = new EngineCore(store, options, time, instruments, logger);
        _desk = new QueryDesk(_core);
        instruments.ObserveQueues(_core.Feed.Depth, () => _core.Gate.Waiting);
    }

    /// <summary>How the engine is now.</summary>
    public EngineStatus Status => _core.Status.Status;

    /// <summary>Engine time and wall time now.</summary>
    public FarmTime Now => _core.Clock.Now;

    /// <summary>
    /// Ends when the engine does: well after <see cref="StopAsync"/>, with an exception when a defect ended it or another server took over. A server
    /// ends its process then.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// How long the writer held the model, each time, with whatever stopped it: collections of garbage, tables that grow, readers it had to wait for.
    /// </summary>
    public PauseHistogram Pauses => _core.Pauses;

    /// <summary>Commands of a class that wait.</summary>
    public int Waiting(CommandClass commandClass) => _core.Feed.Depth(commandClass);

    /// <summary>Takes over the store, loads the farm and starts the writer on a thread of its own. Completes when the engine serves.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached; the engine is stopped.</exception>
    /// <exception cref="StoreDataException">The store can't be read; the engine is stopped.</exception>
    public async Task StartAsync(EngineParts parts, CancellationToken cancel)
    {
        await _running.ConfigureAwait(false);
        var writer = Begin(parts, byHand: false);
        var thread = new WriterThread(_core, writer);
        _running = RunAsync(writer, thread);
        try
        {
            await writer.Started.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            writer.Abort();
            await _running.ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Takes over the store and loads the farm; from then on <see cref="RunBatch"/> is the writer. For tests and simulations: no thread, no timer, and
    /// the same commands give the same change sets. The store must load at once.
    /// </summary>
    public void StartByHand(EngineParts parts)
    {
        _byHand = true;
        var writer = Begin(parts, byHand: true);
        while (!writer.Started.IsCompleted && writer.Step())
        {
        }

        // A second look answers what the last step made durable.
        writer.Step();
        if (writer.Started.Exception?.InnerException is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// One step of the writer, on the caller's thread: applies what waits, runs the steps, commits, answers and hands over to the sinks. True if there is
    /// more to do at once.
    /// </summary>
    public bool RunBatch()
    {
        if (!_byHand || _writer is not { } writer)
        {
            throw new InvalidOperationException("Only an engine that was started by hand is driven by hand.");
        }

        try
        {
            return writer.Step();
        }
        catch (Exception e)
        {
            writer.Fault(e);
            throw;
        }
    }

    /// <summary>
    /// Finishes what was accepted and stops; no step runs any more. When <paramref name="cancel"/> fires, what is not durable by then is given up.
    /// </summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (_writer is not { } writer)
        {
            return;
        }

        if (!writer.IsOver)
        {
            _core.Status.Set(EngineState.Stopping, null);
            writer.Stop();
        }

        await using var giveUp = cancel.UnsafeRegister(static w => ((FarmWriter)w!).Abort(), writer).ConfigureAwait(false);
        if (_byHand && !writer.IsOver)
        {
            // A store that stalls leaves it stopping: whoever drives it goes on with RunBatch.
            while (RunBatch())
            {
            }

            RunBatch();
        }

        await _running.ConfigureAwait(false);
    }

    /// <summary>
    /// Has a command applied. Completes when its changes, and everything it saw, are durable.
    /// </summary>
    /// <param name="commandClass">Which queue it waits in.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="command">
    /// Changes the farm through the edit and says what the caller gets. It runs on the writer and may run more than once (when a batch has to be
    /// made again), so it must not touch anything but the edit's farm, must be quick (a millisecond), and returns values, not entities.
    /// </param>
    /// <param name="cancel">The caller's deadline. A command that still waits then is never applied; one that was applied stands.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    /// <exception cref="FarmException">The command was refused, or too many user actions wait.</exception>
    /// <exception cref="CommandFailedException">A defect; nothing was changed.</exception>
    /// <exception cref="EngineUnavailableException">The engine can't serve now, or could not before the deadline.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    public Task<TResult> ExecuteAsync<TResult>(
        CommandClass commandClass,
        Actor actor,
        Func<FarmEdit, TResult> command,
        CancellationToken cancel,
        [CallerMemberName] string name = "")
    {
        if (cancel.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(cancel);
        }

        var state = _core.Status.State;
        if (!Accepts(state, commandClass))
        {
            return Task.FromException<TResult>(Unavailable(state));
        }

        var waiting = new CallerCommand<TResult>(
            commandClass, actor, name, command, _byHand ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)
        {
            ArrivedAt = _core.Time.GetTimestamp(),
        };
        waiting.GiveUpOn(OnCallerGone, cancel);
        if (!_core.Feed.TryAdd(waiting))
        {
            _core.Instruments.CommandsRefused.Add(1);
            waiting.Fail(new FarmException(
                Refusal.ResourceExhausted,
                $"{_core.Options.UserActionsWaiting} actions wait already; the server is overloaded. Try again in a moment."));
            return waiting.Answered;
        }

        AfterQueued(waiting);
        return waiting.Answered;
    }

    /// <summary>
    /// Queues a host's report and returns: nobody waits for it. A report that still waits is replaced by the next one with the same key, at its place;
    /// one of kind <see cref="ReportKind.Boot"/> only by another boot report that directly follows it.
    /// </summary>
    /// <exception cref="EngineUnavailableException">The engine is standing by or stopping.</exception>
    public void Report(
        ReportKey key, ReportKind kind, Actor actor, Action<FarmEdit> command, [CallerMemberName] string name = "")
    {
        var state = _core.Status.State;
        if (!Accepts(state, CommandClass.Report))
        {
            throw Unavailable(state);
        }

        var report = new ReportCommand(key, kind, actor, name, command) { ArrivedAt = _core.Time.GetTimestamp() };
        _core.Feed.TryAdd(report);
        AfterQueued(report);
    }

    /// <summary>
    /// Reads the farm. Completes when everything it saw is durable; while the store is away, with the last durable state.
    /// </summary>
    /// <param name="read">
    /// Copies out what is needed; it must not keep entities. It holds up the writer: 2 ms at the most. It may run more than once.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    /// <exception cref="EngineUnavailableException">There is no farm: the engine is loading, standing by or stopped.</exception>
    public Task<QueryResult<T>> QueryAsync<T>(
        Func<FarmModel, T> read, CancellationToken cancel, [CallerMemberName] string name = "") => _desk.ReadAsync(read, name, cancel);

    /// <summary>
    /// Reads the farm as it is now, durable or not. For the server's own parts that carry out what is durable already and look once more whether it is
    /// still wanted; never to answer anybody.
    /// </summary>
    /// <param name="read">
    /// Copies out what is needed; rows may be kept, entities not. It holds up the writer: 2 ms at the most.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    /// <exception cref="EngineUnavailableException">There is no farm: the engine is loading, standing by or stopped.</exception>
    public Task<T> PeekAsync<T>(
        Func<FarmModel, T> read, CancellationToken cancel, [CallerMemberName] string name = "") => _desk.PeekAsync(read, name, cancel);

    /// <summary>
    /// Reads a long list in slices, letting the writer in between. Each part (one key: a job, a host) is consistent in itself.
    /// </summary>
    /// <param name="keys">Lists the keys: quick, as a query of its own.</param>
    /// <param name="read">Adds what one key stands for; nothing if it is gone by now.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    /// <exception cref="EngineUnavailableException">There is no farm: the engine is loading, standing by or stopped.</exception>
    public Task<QueryResult<List<T>>> QueryListAsync<TKey, T>(
        Func<FarmModel, IReadOnlyList<TKey>> keys,
        Action<FarmModel, TKey, List<T>> read,
        CancellationToken cancel,
        [CallerMemberName] string name = "") => _desk.ReadListAsync(keys, read, name, cancel);

    /// <summary>Waits until the engine's status meets a condition.</summary>
    public Task<EngineStatus> WaitForAsync(Func<EngineStatus, bool> condition, CancellationToken cancel) =>
        _core.Status.WaitForAsync(condition, cancel);

    /// <summary>Stops at once, giving up what is not durable. Call <see cref="StopAsync"/> first to finish what was accepted.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writer is { IsOver: false } writer)
        {
            writer.Abort();
            if (_byHand)
            {
                writer.Step();
            }
        }

        await _running.ConfigureAwait(false);
        _writer?.Dispose();
        foreach (var command in _core.Feed.TakeAll())
        {
            command.Fail(Unavailable(EngineState.Stopped));
        }

        _core.Dispose();
    }

    private static bool Accepts(EngineState state, CommandClass commandClass) => state switch
    {
        EngineState.Running or EngineState.Unavailable => true,
        EngineState.Created or EngineState.Loading => commandClass != CommandClass.UserAction,
        _ => false,
    };

    private EngineUnavailableException Unavailable(EngineState state)
    {
        var what = state switch
        {
            EngineState.Created => "The server has not started yet.",
            EngineState.Loading => "The server is loading the farm; try again in a moment.",
            EngineState.Standby => "This server stands by: another one has the farm.",
            EngineState.Stopping or EngineState.Stopped => "The server is stopping.",
            _ => "The server can't serve now.",
        };
        return new EngineUnavailableException(state, _core.Status.Status.Reason is { } reason ? $"{what} {reason}" : what);
    }

    private void AfterQueued(Command command)
    {
        // The writer may have ended between the look at the state and the queueing; nobody would ever take the command then.
        var state = _core.Status.State;
        if (state is EngineState.Standby or EngineState.Stopped or EngineState.Faulted && command.TryAbandon())
        {
            _core.Feed.Abandon(command);
            command.Fail(Unavailable(state));
            return;
        }

        _core.Signal.Set();
    }

    private EngineUnavailableException? OnCallerGone(Command command, bool applied)
    {
        if (!applied)
        {
            _core.Feed.Abandon(command);
        }

        var status = _core.Status.Status;
        if (!applied && command.WaitsFor is { } what)
        {
            return new EngineUnavailableException(EngineState.Unavailable, $"This was not done: {what}");
        }

        return status.State != EngineState.Unavailable
            ? null
            : new EngineUnavailableException(
                status.State,
                applied
                    ? $"It is not known whether this was done: the store does not answer. {status.Reason}"
                    : $"This was not done: the store does not answer. {status.Reason}",
                applied);
    }

    private FarmWriter Begin(EngineParts parts, bool byHand)
    {
        if (_core.Status.State is not (EngineState.Created or EngineState.Standby))
        {
            throw new InvalidOperationException($"The engine can't be started: it is {_core.Status.State}.");
        }

        _writer?.Dispose();
        _core.Status.Set(EngineState.Loading, null);
        return _writer = new FarmWriter(_core, parts, byHand);
    }

    private async Task RunAsync(FarmWriter writer, WriterThread thread)
    {
        await thread.RunAsync().ConfigureAwait(false);
        var status = _core.Status.Status;
        if (status.State == EngineState.Stopped && writer.Started.IsCompletedSuccessfully)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(new EngineUnavailableException(status.State, status.Reason ?? "The engine has ended."));
            _ = _completion.Task.Exception;
        }
    }
}
