namespace OpenCue.Simulator.VirtualTime;

/// <summary>The clock of a simulated machine: it shows the queue's virtual time, and its timers are events of that queue.</summary>
/// <param name="events">Virtual time.</param>
/// <param name="start">What the wall clock shows when virtual time begins.</param>
internal sealed class VirtualTimeProvider(EventQueue events, DateTimeOffset start) : TimeProvider
{
    /// <summary>When simulations begin unless they say otherwise: a Monday at midnight.</summary>
    public static readonly DateTimeOffset UsualStart = new(2030, 1, 7, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far the wall clock was set forth or back; timestamps and timers don't notice.</summary>
    public TimeSpan WallShift { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => events.NowMs * TimeSpan.TicksPerMillisecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromMilliseconds(events.NowMs) + WallShift;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(events, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(EventQueue events, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
            {
                return false;
            }

            var setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                events.After(WholeMs(dueTime), () => Fire(setting, period));
            }

            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            _setting++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        // Never early: what waits for a moment must find that it has come.
        private static long WholeMs(TimeSpan span) => Math.Max(0, (long)Math.Ceiling(span.TotalMilliseconds));

        private void Fire(int setting, TimeSpan period)
        {
            if (setting != _setting)
            {
                return;
            }

            if (period > TimeSpan.Zero)
            {
                events.After(Math.Max(1, WholeMs(period)), () => Fire(setting, period));
            }

            callback(state);
        }
    }
}
