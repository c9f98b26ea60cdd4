using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Loading;

namespace OpenCue.Engine;

/// <summary>How the writer gets its farm, and how it ends.</summary>
internal sealed partial class FarmWriter
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _load;
    private Loaded? _loaded;
    private Task _loadSeen = Task.CompletedTask;
    private long _loadAgainAt;
    private int _loadFailures;
    private CallerCommand<bool> _prepare;
    private bool _prepared;

    /// <summary>Completes when the engine serves, or with the reason why it can't.</summary>
    public Task Started => _started.Task;

    /// <summary>Completes when nothing of this writer's uses the store any more; after it is over.</summary>
    public Task Released => Task.WhenAll(_lastAttempt, _loadSeen);

    /// <summary>Ends the writer because of a defect.</summary>
    public void Fault(Exception defect)
    {
        LogFaulted(defect);
        End(EngineState.Faulted, $"A defect ended the engine: {defect.Message}", true, defect);
    }

    private CallerCommand<bool> NewPreparation(bool isNewFarm) => new(
        CommandClass.Internal,
        Actor.Maintenance,
        "Preparing the farm",
        edit =>
        {
            if (isNewFarm)
            {
                _parts.Seed?.Invoke(edit);
            }

            _parts.AfterLoad?.Invoke(edit);
            return true;
        },
        TaskCreationOptions.RunContinuationsAsynchronously)
    {
        ArrivedAt = _core.Time.GetTimestamp(),
    };

    /// <summary>Loads the farm when there is none, as soon as it is known what became of the last commit.</summary>
    private void LookAtLoad()
    {
        if (_live is not null || _commit is not null || _stopping || IsOver)
        {
            return;
        }

        if (_load is null)
        {
            if (TimeUntil(_loadAgainAt) > TimeSpan.Zero)
            {
                return;
            }

            if (_byHand)
            {
                _load = LoadAsync();
            }
            else
            {
                // The signal follows the task's end: from inside of it, it could come before that.
                _load = Task.Run(LoadAsync);
                _loadSeen = _load.ContinueWith(_ => _core.Signal.Set(), TaskScheduler.Default);
            }
        }

        if (_load.IsCompleted)
        {
            var load = _load;
            _load = null;
            if (load.IsCompletedSuccessfully && _loaded is { } loaded)
            {
                _loaded = null;
                OnLoaded(loaded);
            }
            else
            {
                OnLoadFailed(load.Exception?.InnerException ?? new OperationCanceledException());
            }
        }
    }

    private async Task LoadAsync()
    {
        var rows = await _core.Store.TakeOverAsync(_core.Options.Owner, _abort.Token).ConfigureAwait(false);
        _core.Clock.GoOnFrom(rows.EngineMs);

        // The rules count from the load how long they have heard nothing of a host, and time goes on in this process from one load to the next.
        rows.EngineMs = _core.Clock.Now.EngineMs;
        _loaded = new Loaded(FarmLoader.Build(rows, _core.Options.Farm), rows.Sequence);
    }

    private void OnLoaded(Loaded loaded)
    {
        _loadFailures = 0;
        _core.Status.DurableSequence = loaded.Sequence;
        _prepare = NewPreparation(loaded.Sequence == 0);
        EnterGate();
        try
        {
            _live = new LiveFarm(
                loaded.Farm,
                _core.Ids,
                loaded.Sequence,
                _core.Clock,
                _byHand ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously,
                _core.Instruments,
                _core.Logger);
            _core.Live = _live;
            TellSteps();
        }
        finally
        {
            ExitGate();
        }

        Events?.Reset(loaded.Sequence, _core.Clock.Now);
        LogLoaded(_core.Store.Description, loaded.Sequence, loaded.Farm.Jobs.Count, loaded.Farm.Hosts.Count, loaded.Farm.Runs.Count);
    }

    private void OnLoadFailed(Exception failure)
    {
        if (_started.Task.IsCompleted && failure is StoreUnavailableException)
        {
            _core.Status.Set(EngineState.Unavailable, $"{_core.Store.Description} can't be loaded: {failure.Message}");
            LogUnavailable(failure.Message);
            var wait = _core.Options.RetryFirst * Math.Pow(2, Math.Min(_loadFailures++, 20));
            _loadAgainAt = In(wait < _core.Options.RetryLongest ? wait : _core.Options.RetryLongest);
        }
        else
        {
            End(_started.Task.IsCompleted ? EngineState.Faulted : EngineState.Stopped, failure.Message, true, failure);
        }
    }

    /// <summary>Serves as soon as what had to be put right after the load is durable.</summary>
    private void LookAtPreparation()
    {
        if (_prepared || _live is null || IsOver || !_prepare.Answered.IsCompleted)
        {
            return;
        }

        if (_prepare.Answered.IsCompletedSuccessfully)
        {
            _prepared = true;
            if (!_stopping)
            {
                _core.Status.Set(EngineState.Running, null);
            }

            // What was to be done before the load is found from the farm itself, now that it can be asked.
            Effects?.Reset(_core.Status.DurableSequence, _core.Clock.Now);
            _started.TrySetResult();
        }
        else
        {
            var reason = _prepare.Answered.Exception!.InnerException!;
            End(EngineState.Faulted, $"The farm could not be prepared: {reason.Message}", true, reason);
        }
    }

    /// <summary>
    /// The model can't be trusted any more. It is dropped, and loaded again when it is known what became of the last commit; all commands that were not
    /// sealed wait, but for the one that did it.
    /// </summary>
    private void OnDamaged(FarmDamagedException damage)
    {
        LogDamaged(damage);
        if (damage.Step is { } step)
        {
            Rest(step);
        }

        var open = _live!.Open; // Damage is done to a farm.
        foreach (var command in open.Commands)
        {
            command.PutBack();
        }

        open.Settle(false);
        _commit?.Batch.Settle(false);
        _core.Feed.PutBack([.. open.Commands.Where(c => c != _prepare)]);
        _live = null;
        _core.Live = null;
        _prepared = false;
        if (damage.Command is { } culprit)
        {
            _core.Instruments.CommandsFailed.Add(1);
            culprit.Fail(new CommandFailedException($"{culprit.Name} failed in the server and changed nothing; the server's log says why.", damage));
        }

        if (damage.Command == _prepare)
        {
            End(EngineState.Faulted, $"The farm could not be prepared: {damage.Message}", true, damage);
        }
        else if (!_stopping)
        {
            _core.Status.Set(EngineState.Loading, "A defect damaged the model in memory; it is loaded again.");
        }
    }

    /// <summary>Ends the writer, and tells everyone who waits.</summary>
    private void End(EngineState state, string? reason, bool outcomeUnknown = true, Exception? failure = null)
    {
        _over = true;
        _abort.Cancel();
        EnterGate();
        var open = _live?.Open;
        _live = null;
        _core.Live = null;
        ExitGate();
        _core.Status.Set(state, reason);
        LogEnded(state, reason ?? "it was told to stop");

        var message = reason ?? "The server has stopped.";
        var commit = _commit;
        _commit = null;
        foreach (var command in commit is null || commit.State == CommitState.Durable ? [] : commit.Batch.Commands)
        {
            command.Fail(new EngineUnavailableException(state, message, outcomeUnknown));
        }

        open?.Settle(false);
        commit?.Batch.Settle(commit.State == CommitState.Durable);
        var parked = _core.Pager.Clear(new EngineUnavailableException(state, message));
        Command[] waiting = [.. open?.Commands ?? [], .. _isolation.Commands, .. parked, .. _core.Feed.TakeAll()];
        _isolation.Clear();
        foreach (var command in waiting)
        {
            command.Fail(new EngineUnavailableException(state, message));
        }

        _started.TrySetException(failure ?? new EngineUnavailableException(state, message));
        _ = _started.Task.Exception;
    }

    private sealed record Loaded(FarmModel Farm, long Sequence);
}
