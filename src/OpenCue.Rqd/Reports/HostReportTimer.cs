namespace OpenCue.Rqd.Reports;

/// <summary>When the next host report is due.</summary>
/// <remarks>
/// OpenCue's schedule: a random time of 5 to 30 seconds after the one before, so that the hosts of a large farm spread out. After a frame
/// has completed a report that is more than 10 seconds away is sent at once, and the next 5 seconds later.
/// </remarks>
internal sealed class HostReportTimer(TimeSpan atLeast, TimeSpan atMost, Random random, TimeProvider time)
{
    private static readonly TimeSpan TooFarAway = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private TaskCompletionSource _isEarly = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _since;
    private TimeSpan _delay;
    private bool _wasEarly;

    /// <summary>A frame's completion was acknowledged: its host has room that the server should see.</summary>
    public void FrameCompleted()
    {
        lock (_lock)
        {
            if (_delay - time.GetElapsedTime(_since) > TooFarAway)
            {
                _wasEarly = true;
                _isEarly.TrySetResult();
            }
        }
    }

    /// <summary>Waits until the next report is due, counted from now.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        Task early;
        TimeSpan delay;
        lock (_lock)
        {
            var milliseconds = random.NextInt64((long)atLeast.TotalMilliseconds, (long)atMost.TotalMilliseconds + 1);
            delay = _wasEarly ? atLeast : TimeSpan.FromMilliseconds(milliseconds);
            _wasEarly = false;
            _delay = delay;
            _since = time.GetTimestamp();
            _isEarly = new(TaskCreationOptions.RunContinuationsAsynchronously);
            early = _isEarly.Task;
        }
        await early.WaitAsync(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }
}
