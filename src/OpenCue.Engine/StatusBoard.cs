namespace OpenCue.Engine;

/// <summary>Shows how the engine is, and wakes those who wait for a change.</summary>
internal sealed class StatusBoard(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<(Func<EngineStatus, bool> Condition, TaskCompletionSource<EngineStatus> Waiter)> _waiters = [];
    private EngineStatus _status = new(EngineState.Created, time.GetUtcNow().ToUnixTimeMilliseconds(), null, 0);
    private long _durableSequence;

    public EngineState State => Volatile.Read(ref _status).State;

    public EngineStatus Status => Volatile.Read(ref _status) with { DurableSequence = DurableSequence };

    public long DurableSequence
    {
        get => Interlocked.Read(ref _durableSequence);
        set => Interlocked.Exchange(ref _durableSequence, value);
    }

    /// <summary>
    /// Changes the state. Returns false if it is the same with the same reason, or one that nothing leads out of: an end, or standing by unless it is to
    /// start anew.
    /// </summary>
    public bool Set(EngineState state, string? reason)
    {
        var woken = new List<TaskCompletionSource<EngineStatus>>();
        lock (_lock)
        {
            var stays = _status.State switch
            {
                EngineState.Stopped or EngineState.Faulted => true,
                EngineState.Standby => state != EngineState.Loading,
                _ => false,
            };
            if (stays || (_status.State == state && _status.Reason == reason))
            {
                return false;
            }

            var since = _status.State == state ? _status.SinceMs : time.GetUtcNow().ToUnixTimeMilliseconds();
            Volatile.Write(ref _status, new EngineStatus(state, since, reason, DurableSequence));
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].Condition(_status))
                {
                    woken.Add(_waiters[i].Waiter);
                    _waiters.RemoveAt(i);
                }
            }
        }

        foreach (var waiter in woken)
        {
            waiter.TrySetResult(Status);
        }

        return true;
    }

    /// <summary>Waits for a state that meets the condition.</summary>
    public async Task<EngineStatus> WaitForAsync(Func<EngineStatus, bool> condition, CancellationToken cancel)
    {
        var waiter = new TaskCompletionSource<EngineStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (condition(_status))
            {
                return Status;
            }

            _waiters.Add((condition, waiter));
        }

        try
        {
            return await waiter.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                _waiters.RemoveAll(w => w.Waiter == waiter);
            }

            throw;
        }
    }
}
