namespace OpenCue.Engine.Queries;

/// <summary>
/// Lets either the writer or several readers at the model. Turns alternate: whoever waits when a writer's turn ends reads before the next one begins,
/// and the next one begins at the latest when the readers let in by then are done. So neither starves the other.
/// </summary>
/// <remarks>Readers wait without holding a thread; the writer waits on its own. Readers are let in by order of arrival.</remarks>
internal sealed class ReadGate(TimeProvider time, int parallel)
{
    // While the writer waits, readers that come free let others in for so long: many short queries fit into one pause of the writer.
    private static readonly TimeSpan ReadersTurn = TimeSpan.FromMilliseconds(1);

    private readonly object _lock = new();
    private readonly Queue<TaskCompletionSource<bool>> _waiting = [];
    private int _readers;
    private bool _writing;
    private bool _writerWaits;
    private long _writerWaitsSince;

    /// <summary>How readers that waited go on: on the spot when the engine is driven by hand, as it has no other thread.</summary>
    public TaskCreationOptions Continuations { get; set; } = TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>Readers that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>True while the writer waits for readers.</summary>
    public bool IsWriterWaiting
    {
        get
        {
            lock (_lock)
            {
                return _writerWaits;
            }
        }
    }

    /// <summary>Waits until it may read. <see cref="ExitRead"/> must follow.</summary>
    public ValueTask EnterReadAsync(CancellationToken cancel)
    {
        TaskCompletionSource<bool> turn;
        lock (_lock)
        {
            if (!_writing && !_writerWaits && _readers < parallel && _waiting.Count == 0)
            {
                _readers++;
                return ValueTask.CompletedTask;
            }

            turn = new TaskCompletionSource<bool>(Continuations);
            _waiting.Enqueue(turn);
        }

        return new ValueTask(WaitAsync(turn, cancel));
    }

    /// <summary>Ends a read.</summary>
    public void ExitRead()
    {
        lock (_lock)
        {
            _readers--;
            if (!_writerWaits || time.GetElapsedTime(_writerWaitsSince) < ReadersTurn)
            {
                LetReadersIn();
            }

            if (_readers == 0 && _writerWaits)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>Waits, on the writer's thread, until nobody reads. <see cref="ExitWrite"/> must follow.</summary>
    public void EnterWrite()
    {
        lock (_lock)
        {
            _writerWaits = true;
            _writerWaitsSince = time.GetTimestamp();
            while (_readers > 0)
            {
                Monitor.Wait(_lock);
            }

            _writerWaits = false;
            _writing = true;
        }
    }

    /// <summary>Ends a write and lets in readers who wait.</summary>
    public void ExitWrite()
    {
        lock (_lock)
        {
            _writing = false;
            LetReadersIn();
        }
    }

    private static async Task WaitAsync(TaskCompletionSource<bool> turn, CancellationToken cancel)
    {
        // A reader that gives up leaves its place by cancelling it; one that was let in at the same moment reads on.
        await using var registration = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), turn).ConfigureAwait(false);
        await turn.Task.ConfigureAwait(false);
    }

    private void LetReadersIn()
    {
        while (_readers < parallel && _waiting.TryDequeue(out var turn))
        {
            if (turn.TrySetResult(true))
            {
                _readers++;
            }
        }
    }
}
