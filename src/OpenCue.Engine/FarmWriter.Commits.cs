using OpenCue.Engine.Batches;
using OpenCue.Engine.Storing;

namespace OpenCue.Engine;

/// <summary>
/// How batches become durable. One commit is under way at a time, and what is applied meanwhile becomes the next: under load batches grow by themselves
/// to what the store can take, a lone command waits for nothing but its own commit, and lease numbers follow one another.
/// </summary>
internal sealed partial class FarmWriter
{
    /// <summary>How often a store may fail a batch in an unforeseen way.</summary>
    private const int MostDefects = 5;

    private Commit? _commit;
    private Task _lastAttempt = Task.CompletedTask;

    /// <summary>
    /// Seals the open batch for the store. If there is nothing to store, the batch is returned: its commands can be answered, for all that they saw is
    /// durable.
    /// </summary>
    private Batch? SealOrClose()
    {
        var rows = _live!.OpenRows; // Only called in a turn, which there is only with a farm.
        if (_live.Seal() is { } batch)
        {
            _commit = new Commit(batch, rows);
            _core.Instruments.BatchRows.Record(rows);
            _core.Instruments.BatchCommands.Record(batch.Commands.Count);
            return null;
        }

        return _live.HasOpenWork ? _live.CloseEmpty() : null;
    }

    /// <summary>Sends the sealed batch to the store, for the first time or again: it holds absolute values.</summary>
    private void Send()
    {
        var commit = _commit!; // Only called when there is one.
        commit.Send(_core.Time.GetTimestamp());
        if (commit.Attempts > 1)
        {
            _core.Instruments.CommitRetries.Add(1);
        }

        var before = _lastAttempt;
        _lastAttempt = _byHand ? CommitAsync(commit, before) : Task.Run(() => CommitAsync(commit, before));
    }

    private async Task CommitAsync(Commit commit, Task before)
    {
        try
        {
            await _core.Store.CommitAsync(commit.Batch.Changes!, _abort.Token).ConfigureAwait(false);
            commit.Took = _core.Time.GetElapsedTime(commit.SentAt);
        }
        catch (Exception e)
        {
            commit.Fail(e, _core.Time.GetTimestamp());
            _core.Signal.Set();
            await before.ConfigureAwait(false);
            return;
        }

        if (_byHand)
        {
            commit.Store();
            return;
        }

        if (commit.Succeed())
        {
            // The writer may go on with the next batch now, while this one's callers are answered.
            _core.Signal.Set();
            await AnswerAsync(commit, before).ConfigureAwait(false);
        }

        _core.Signal.Set();
    }

    /// <summary>Looks what became of the commit under way.</summary>
    private void LookAtCommit()
    {
        if (_commit is not { } commit)
        {
            return;
        }

        if (commit.State == CommitState.Stored && commit.Succeed())
        {
            Answer(commit);
        }

        switch (commit.State)
        {
            case CommitState.Durable:
                _pace.OnCommitted(commit.Rows, commit.Took);
                _live?.Keep();
                _commit = null;
                break;
            case CommitState.DurableUnseen:
                PutIn(commit);
                break;
            case CommitState.Failed:
                OnFailed(commit);
                break;
            default:
                if (!commit.IsTakenOut && _core.Time.GetElapsedTime(commit.SentAt) >= _core.Options.StallAfter)
                {
                    TakeOut(commit, $"{_core.Store.Description} has not answered a commit for {_core.Options.StallAfter.TotalSeconds:0.#} s.");
                }

                break;
        }
    }

    private void OnFailed(Commit commit)
    {
        switch (commit.Failure)
        {
            case StoreDeposedException deposed:
                LogDeposed(_core.Store.Description, deposed.Message);
                StandBy(commit, deposed.Message);
                return;
            case StoreDataException data:
                OnRefused(commit, data);
                return;
            case StoreUnavailableException:
                break;
            default:
                if (commit.CountDefect())
                {
                    LogStoreDefect(commit.Failure!, _core.Store.Description, commit.Batch.Sequence);
                }

                if (commit.Defects >= MostDefects)
                {
                    // Nobody knows what this batch does to the store: what became of it is found when the farm is loaded again, by the next process.
                    End(
                        EngineState.Faulted,
                        $"{_core.Store.Description} failed {MostDefects} times at batch {commit.Batch.Sequence} in a way that no store should: "
                        + $"{commit.Failure!.GetType().Name}: {commit.Failure.Message} What was acknowledged is safe; start the server again.",
                        true,
                        commit.Failure);
                    return;
                }

                break;
        }

        if (commit.Attempts > 1)
        {
            TakeOut(commit, $"{_core.Store.Description} does not answer: {commit.Failure!.Message}");
        }

        if (_core.Time.GetElapsedTime(commit.FailedAt) >= BackOff(commit))
        {
            Send();
        }
    }

    /// <summary>A broken connection is often all there is to it, so the first retry comes at once.</summary>
    private TimeSpan BackOff(Commit commit)
    {
        if (commit.Attempts <= 1)
        {
            return TimeSpan.Zero;
        }

        var wait = _core.Options.RetryFirst * Math.Pow(2, Math.Min(commit.Attempts - 2, 20));
        return wait < _core.Options.RetryLongest ? wait : _core.Options.RetryLongest;
    }

    /// <summary>
    /// The store is away: the model goes back to what is durable, so that queries can be answered from that. The sealed batch may be in the store or not;
    /// it is sent until that is known, and then put in again as it was. Commands of the open batch wait for their turn again.
    /// </summary>
    private void TakeOut(Commit commit, string reason)
    {
        if (!commit.IsTakenOut && _live is not null)
        {
            EnterGate();
            try
            {
                if (!commit.TryTakeOut())
                {
                    return;
                }

                TakeBackOpen();
                _live.TakeOut();
                _live.IsStale = true;
                TellSteps();
            }
            catch (FarmDamagedException damage)
            {
                OnDamaged(damage);
            }
            finally
            {
                ExitGate();
            }
        }

        if (_core.Status.State != EngineState.Stopping && _core.Status.Set(EngineState.Unavailable, reason))
        {
            LogUnavailable(reason);
        }
    }

    /// <summary>The store is back, and has the batch that was taken out of the model.</summary>
    private void PutIn(Commit commit)
    {
        if (_live is not null)
        {
            EnterGate();
            try
            {
                _live.PutIn(commit.Batch);
                _live.IsStale = false;
                _core.Status.DurableSequence = commit.Batch.Sequence;
                TellSteps();
            }
            catch (FarmDamagedException damage)
            {
                OnDamaged(damage);
            }
            finally
            {
                ExitGate();
            }
        }

        _commit = null;
        if (_byHand)
        {
            Answer(commit);
        }
        else
        {
            _lastAttempt = AnswerAsync(commit, _lastAttempt);
        }

        StoreAnswers();
    }

    /// <summary>The store refuses the data of a batch: nothing of it is durable. It is made again in smaller batches until the culprit is found.</summary>
    private void OnRefused(Commit commit, StoreDataException refusal)
    {
        _commit = null;
        var batch = commit.Batch;
        if (_live is not null)
        {
            EnterGate();
            try
            {
                if (!commit.IsTakenOut)
                {
                    TakeBackOpen();
                    _live.TakeOut();
                }

                _live.IsStale = false;
                TellSteps();
            }
            catch (FarmDamagedException damage)
            {
                OnDamaged(damage);
            }
            finally
            {
                ExitGate();
            }
        }

        foreach (var command in batch.Commands)
        {
            command.PutBack();
        }

        if (_isolation.Refused(batch) is { } culprit)
        {
            Punish(culprit, refusal);
        }
        else
        {
            LogRefusedByStore(refusal, batch.Sequence, batch.Commands.Count, refusal.Table, refusal.Row);
        }

        StoreAnswers();
    }

    private void Punish(TrialUnit culprit, StoreDataException refusal)
    {
        if (culprit.Command is { } command)
        {
            LogCulprit(refusal, command.Name, command.Actor, refusal.Table, refusal.Row);
            _core.Instruments.CommandsFailed.Add(1);
            command.Fail(new CommandFailedException(
                $"{command.Name} changed nothing: the store refuses what it made. The server's log names the row. {refusal.Message}", refusal));
        }
        else
        {
            var step = culprit.Step!; // A unit is one or the other.
            LogStepCulprit(refusal, step.Step.Name, refusal.Table, refusal.Row);
            Rest(step);
        }
    }

    /// <summary>Takes back the open batch; its commands come first when it goes on.</summary>
    private void TakeBackOpen()
    {
        var commands = _live!.TakeBackOpen(); // Callers looked.
        _core.Feed.PutBack([.. commands.Where(c => c != _prepare)]);
    }

    private void StoreAnswers()
    {
        if (_core.Status.State == EngineState.Unavailable)
        {
            _core.Status.Set(_prepared ? EngineState.Running : EngineState.Loading, null);
            LogAvailable(_core.Store.Description);
        }
    }

    /// <summary>Answers when all batches before have been answered: effects and events leave in order.</summary>
    private async Task AnswerAsync(Commit commit, Task before)
    {
        await before.ConfigureAwait(false);
        Answer(commit);
    }

    private void Answer(Commit commit)
    {
        if (_core.Instruments.CommitDuration.Enabled)
        {
            _core.Instruments.CommitDuration.Record(_core.Time.GetElapsedTime(commit.StartedAt).TotalMilliseconds);
        }

        var batch = commit.Batch;
        _core.Status.DurableSequence = batch.Sequence;
        Effects?.Offer(batch.Sequence, batch.Changes!.Time, batch.Changes.Effects);
        Events?.Offer(batch.Sequence, batch.Changes!.Time, batch.Changes.Events);
        _sinksMoved = true;
        Answer(batch);
    }

    /// <summary>Answers all who waited for a batch that is durable.</summary>
    private void Answer(Batch batch)
    {
        batch.Settle(true);
        var measure = _core.Instruments.CommandDuration;
        foreach (var command in batch.Commands)
        {
            command.Answer();
            if (measure.Enabled)
            {
                measure.Record(
                    _core.Time.GetElapsedTime(command.ArrivedAt).TotalMilliseconds,
                    new KeyValuePair<string, object?>("class", command.Class.ToString()));
            }
        }
    }

    /// <summary>Another server has the farm: nothing here counts any more.</summary>
    private void StandBy(Commit commit, string reason)
    {
        Effects?.Clear();
        Events?.Clear();
        End(EngineState.Standby, reason, commit.Attempts > 1);
    }
}
