using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Reports;

/// <summary>Ends of runs that cuebot has to be told until it acknowledges them. Thread-safe.</summary>
/// <remarks>
/// The oldest that is due goes first. One that failed waits longer each time, and does not hold up the others. When cuebot is heard from
/// again, those that did not reach it are due at once; what it refused keeps its distance.
/// </remarks>
internal sealed class CompletionQueue(TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<Pending> _pending = [];
    private TaskCompletionSource _changed = NewSignal();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    public void Add(Run run)
    {
        lock (_lock)
        {
            _pending.Add(new Pending(run));
            Signal();
        }
    }

    /// <summary>Takes out the oldest that is due.</summary>
    /// <param name="wait">If none is: until the next one is due; infinite if none will be.</param>
    /// <param name="changed">Done when it is worth asking again before.</param>
    public Run? TryTake(out TimeSpan wait, out Task changed)
    {
        lock (_lock)
        {
            wait = Timeout.InfiniteTimeSpan;
            changed = _changed.Task;
            Pending? due = null;
            foreach (var pending in _pending.Where(pending => !pending.IsTaken))
            {
                var left = pending.Wait - time.GetElapsedTime(pending.Since);
                if (pending.Wait > TimeSpan.Zero && left > TimeSpan.Zero)
                {
                    wait = wait < TimeSpan.Zero || left < wait ? left : wait;
                }
                else if (due is null || pending.Run.End!.At < due.Run.End!.At)
                {
                    due = pending;
                }
            }
            if (due is not null)
            {
                due.IsTaken = true;
            }

            return due?.Run;
        }
    }

    /// <summary>Cuebot has it.</summary>
    public void Remove(Run run)
    {
        lock (_lock)
        {
            _pending.RemoveAll(pending => pending.Run == run);
            MakeUnreachedDue();
        }
    }

    /// <summary>Cuebot does not have it, or did not say so.</summary>
    /// <param name="wasRefused">It answered, and did not take it.</param>
    public void PutBack(Run run, bool wasRefused)
    {
        lock (_lock)
        {
            if (_pending.Find(pending => pending.Run == run) is not { } pending)
            {
                return;
            }

            pending.IsTaken = false;
            pending.WasRefused = wasRefused;
            pending.Since = time.GetTimestamp();
            pending.Wait = pending.NextWait;
            pending.NextWait = pending.NextWait * 2 < LongestWait ? pending.NextWait * 2 : LongestWait;
            Signal();
        }
    }

    /// <summary>Cuebot was heard from, or asks: worth trying at once.</summary>
    public void RetryNow()
    {
        lock (_lock)
        {
            MakeUnreachedDue();
        }
    }

    /// <summary>Done when there is nothing to tell, or after a while.</summary>
    public async Task WhenEmptyAsync(TimeSpan atMost, CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_pending.Count == 0)
                {
                    return;
                }

                changed = _changed.Task;
            }
            var left = atMost - time.GetElapsedTime(begin);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await changed.WaitAsync(left, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }
    }

    private void MakeUnreachedDue()
    {
        foreach (var pending in _pending.Where(pending => !pending.WasRefused))
        {
            pending.Wait = TimeSpan.Zero;
        }

        Signal();
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Pending(Run run)
    {
        public Run Run => run;

        public bool IsTaken { get; set; }

        public bool WasRefused { get; set; }

        public long Since { get; set; }

        public TimeSpan Wait { get; set; }

        public TimeSpan NextWait { get; set; } = FirstWait;
    }
}
