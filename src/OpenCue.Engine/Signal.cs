namespace OpenCue.Engine;

/// <summary>Wakes the writer: something came in, or something it waits for happened.</summary>
internal sealed class Signal : IDisposable
{
    private readonly AutoResetEvent _event = new(false);
    private int _set;

    /// <summary>Wakes the writer, or keeps it from falling asleep.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
        {
            _event.Set();
        }
    }

    /// <summary>Forgets earlier signals. What they stood for must be looked at after this.</summary>
    public void Reset() => Interlocked.Exchange(ref _set, 0);

    /// <summary>Waits for a signal that came after <see cref="Reset"/>; one that came before may end it too.</summary>
    public void Wait(TimeSpan? atMost) => _event.WaitOne(atMost ?? Timeout.InfiniteTimeSpan);

    public void Dispose() => _event.Dispose();
}
