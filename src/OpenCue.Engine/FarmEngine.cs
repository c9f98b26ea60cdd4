using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OpenCue.Engine.Queries;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine;

/// <summary>
/// Owns the farm: applies commands one after the other on its one writer, commits what they changed, and only then answers, launches and tells.
/// </summary>
public sealed class FarmEngine : IAsyncDisposable
{
    /// <summary>An engine that is not started. It does not own the store: whoever made that disposes it after the engine.</summary>
    public FarmEngine(IFarmStore store, EngineOptions options, TimeProvider time, EngineInstruments instruments, ILogger<FarmEngine> logger)
    {
    }

    /// <summary>How the engine is now.</summary>
    public EngineStatus Status => throw new NotSupportedException();

    /// <summary>What goes on in it; a server ends its process when this ends with an exception.</summary>
    public Task Completion => throw new NotSupportedException();

    /// <summary>Takes over the store, loads the farm and starts the writer. Completes when the engine serves.</summary>
    public Task StartAsync(EngineParts parts, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Takes over the store and loads the farm; from then on <see cref="RunBatch"/> is the writer. For tests and simulations.</summary>
    public void StartByHand(EngineParts parts) => throw new NotSupportedException();

    /// <summary>
    /// One step of the writer, on the caller's thread: applies what waits, runs the steps, commits, answers. True if there is more to do at once.
    /// </summary>
    public bool RunBatch() => throw new NotSupportedException();

    /// <summary>Finishes what was accepted and stops.</summary>
    public Task StopAsync(CancellationToken cancel) => throw new NotSupportedException();

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
    /// <exception cref="EngineUnavailableException">The engine can't serve now.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    public Task<TResult> ExecuteAsync<TResult>(
        CommandClass commandClass,
        Actor actor,
        Func<FarmEdit, TResult> command,
        CancellationToken cancel,
        [CallerMemberName] string name = "") => throw new NotSupportedException();

    /// <summary>
    /// Queues a host's report and returns: nobody waits for it. A report that still waits is replaced by the next one with the same key, at its place;
    /// one of kind <see cref="ReportKind.Boot"/> only by another boot report that directly follows it.
    /// </summary>
    public void Report(
        ReportKey key, ReportKind kind, Actor actor, Action<FarmEdit> command, [CallerMemberName] string name = "") =>
        throw new NotSupportedException();

    /// <summary>
    /// Reads the farm. Completes when everything it saw is durable; while the store is away, with the last durable state.
    /// </summary>
    /// <param name="read">
    /// Copies out what is needed; it must not keep entities. It holds up the writer: 2 ms at the most. It may run more than once.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    public Task<QueryResult<T>> QueryAsync<T>(
        Func<FarmModel, T> read, CancellationToken cancel, [CallerMemberName] string name = "") => throw new NotSupportedException();

    /// <summary>
    /// Reads a long list in slices, letting the writer in between. Each part (one key: a job, a host) is consistent in itself.
    /// </summary>
    /// <param name="keys">Lists the keys: quick, as a query of its own.</param>
    /// <param name="read">Adds what one key stands for; nothing if it is gone by now.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="name">Its name in logs; the calling method if none is given.</param>
    public Task<QueryResult<List<T>>> QueryListAsync<TKey, T>(
        Func<FarmModel, IReadOnlyList<TKey>> keys,
        Action<FarmModel, TKey, List<T>> read,
        CancellationToken cancel,
        [CallerMemberName] string name = "") => throw new NotSupportedException();

    /// <summary>Waits until the engine is in one of these states.</summary>
    public Task<EngineStatus> WaitForAsync(Func<EngineStatus, bool> condition, CancellationToken cancel) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
