namespace OpenCue.Cuebot.Reports;

/// <summary>
/// How fast status reports are answered. An agent sends its next report when the last one was answered, so a server that answers later hears less: that
/// slows a flood of reports where it comes from. What a report says is queued at once; only its answer waits, and no report is refused.
/// </summary>
/// <remarks>
/// Answers leave evenly, so many a second (<see cref="PerSecond"/>). The number is found as TCP finds its own: it shrinks by a third whenever the server is
/// late with its work, grows by two in a hundred while it is not, and there is none while nobody but agents that report wants anything of the
/// server. <see cref="ReportPacing"/> tells which.
/// </remarks>
/// <param name="longestWait">The longest that an answer waits; zero holds none.</param>
/// <param name="instruments">Counts answers that waited.</param>
/// <param name="time">The clock.</param>
internal sealed class ReportPace(TimeSpan longestWait, ReportInstruments instruments, TimeProvider time)
{
    /// <summary>So many answers leave in a second in any case: they cost a few hundredths of a processor.</summary>
    public const double Least = 1_000;

    private const double Shrink = 2.0 / 3;
    private const double Grow = 1.02;

    // More than any server takes: a bound that has grown to it is none.
    private const double Unbounded = 1_000_000;

    private static readonly TimeSpan OthersStay = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private double _perSecond = Unbounded;
    private double _next;
    private long _reports;
    private long _others;
    private long _lastOther;

    /// <summary>How many answers leave in a second now; null when none is held.</summary>
    public double? PerSecond => Volatile.Read(ref _perSecond) is < Unbounded and var rate ? rate : null;

    /// <summary>Reports so far.</summary>
    public long Reports => Interlocked.Read(ref _reports);

    /// <summary>Waits until a report may be answered.</summary>
    /// <param name="callerGone">Nobody waits for the answer any more.</param>
    public Task WaitAsync(CancellationToken callerGone)
    {
        var wait = Take();
        if (wait <= TimeSpan.Zero)
        {
            return Task.CompletedTask;
        }

        instruments.Held.Add(1);
        return Task.Delay(wait, time, callerGone);
    }

    /// <summary>Counts a report, and says how long its answer waits.</summary>
    public TimeSpan Take()
    {
        Interlocked.Increment(ref _reports);
        if (PerSecond is null)
        {
            return TimeSpan.Zero;
        }

        var now = time.GetTimestamp();
        lock (_lock)
        {
            // The place behind the last one. When the line is as long as it may be, they share its end.
            var end = now + (longestWait.TotalSeconds * time.TimestampFrequency);
            var place = Math.Min(Math.Max(_next, now), end);
            _next = place + (time.TimestampFrequency / _perSecond);
            return time.GetElapsedTime(now, (long)place);
        }
    }

    /// <summary>Somebody wanted something else of the server: a completion was reported, or a client called.</summary>
    public void NoteOther() => Interlocked.Increment(ref _others);

    /// <summary>The bound follows what was seen in a while.</summary>
    /// <param name="late">The server's own work came late.</param>
    /// <param name="perSecond">Reports that came in a second.</param>
    public void Adjust(bool late, double perSecond)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (Interlocked.Exchange(ref _others, 0) > 0)
            {
                _lastOther = now;
            }

            if (longestWait == TimeSpan.Zero || time.GetElapsedTime(_lastOther, now) > OthersStay)
            {
                _perSecond = Unbounded;
            }
            else if (late)
            {
                _perSecond = Math.Max(Least, Math.Min(_perSecond, perSecond) * Shrink);
            }
            else
            {
                _perSecond = Math.Min(Unbounded, _perSecond * Grow);
            }
        }
    }
}
