namespace OpenCue.Simulator.VirtualTime;

/// <summary>
/// Virtual time and what is to happen in it. Time stands still while an event runs and jumps to the next one after it. Events of the same
/// millisecond run in the order in which they were asked for, so the same events always run in the same order.
/// </summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long Ms, long Sequence)> _events = new();
    private long _sequence;

    /// <summary>Virtual milliseconds since the start.</summary>
    public long NowMs { get; private set; }

    /// <summary>Events that are still to come.</summary>
    public int Count => _events.Count;

    /// <summary>When the next event is due; null if there is none.</summary>
    public long? NextMs => _events.TryPeek(out _, out var key) ? key.Ms : null;

    /// <summary>Has something happen at a time; now, after all that was asked for before, if the time has passed.</summary>
    public void At(long ms, Action what) => _events.Enqueue(what, (Math.Max(ms, NowMs), _sequence++));

    /// <summary>Has something happen after a while.</summary>
    public void After(long delayMs, Action what) => At(NowMs + delayMs, what);

    /// <summary>Moves time on to the next event and runs it. False if there is none.</summary>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out var what, out var key))
        {
            return false;
        }

        NowMs = key.Ms;
        what();
        return true;
    }

    /// <summary>Runs all events up to a time, and moves time there.</summary>
    public void RunUntil(long ms)
    {
        while (NextMs <= ms)
        {
            RunNext();
        }

        NowMs = Math.Max(NowMs, ms);
    }
}
