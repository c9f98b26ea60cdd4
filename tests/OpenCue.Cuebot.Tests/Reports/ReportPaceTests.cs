using System.Diagnostics.Metrics;
using OpenCue.Cuebot.Reports;
using OpenCue.Cuebot.Tests.Support;

namespace OpenCue.Cuebot.Tests.Reports;

/// <summary>How answers to reports are held while too many come.</summary>
public sealed class ReportPaceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void No_answer_waits_while_the_server_is_in_time()
    {
        var (pace, _) = Pace(Second);
        pace.NoteOther();
        pace.Adjust(late: false, perSecond: 50_000);
        Assert.Null(pace.PerSecond);
        Assert.All(Take(pace, 1000), wait => Assert.Equal(TimeSpan.Zero, wait));
    }

    [Fact]
    public void Answers_leave_evenly_and_fewer_than_came_when_the_server_is_late()
    {
        var (pace, clock) = Pace(Second);
        MakeLate(pace, 30_000);
        Assert.Equal(20_000, pace.PerSecond!.Value, 1e-6);
        var waits = Take(pace, 2001);
        Assert.Equal(TimeSpan.Zero, waits[0]);
        Assert.Equal(0.1, waits[^1].TotalSeconds, 1e-3);
        Assert.All(waits.Zip(waits.Skip(1)), pair => Assert.Equal(1.0 / 20_000, (pair.Second - pair.First).TotalSeconds, 1e-6));

        // Who comes when those have left waits for nobody.
        clock.Pass(Second);
        Assert.Equal(TimeSpan.Zero, pace.Take());
    }

    [Fact]
    public void No_answer_waits_longer_than_the_longest_wait()
    {
        var (pace, _) = Pace(Second);
        MakeLate(pace, 3_000);
        var waits = Take(pace, 10_000);
        Assert.Equal(Second, waits.Max());
        Assert.Equal(Second, waits[^1]);
    }

    [Fact]
    public void The_bound_never_falls_below_what_costs_next_to_nothing()
    {
        var (pace, _) = Pace(Second);
        for (var i = 0; i < 100; i++)
        {
            MakeLate(pace, 20);
        }

        Assert.Equal(ReportPace.Least, pace.PerSecond);
    }

    [Fact]
    public void The_bound_grows_until_there_is_none_while_the_server_is_in_time()
    {
        var (pace, _) = Pace(Second);
        MakeLate(pace, 30_000);
        var before = pace.PerSecond!.Value;
        for (var windows = 0; pace.PerSecond is { } bound; windows++)
        {
            Assert.True(bound >= before && windows < 1000, $"After {windows} windows the bound is {bound}; it was {before}.");
            before = bound;
            pace.NoteOther();
            pace.Adjust(late: false, perSecond: bound);
        }
    }

    [Fact]
    public void No_answer_waits_while_nobody_but_reporting_hosts_wants_anything()
    {
        var (pace, clock) = Pace(Second);
        MakeLate(pace, 30_000);
        clock.Pass(2 * Second);
        pace.Adjust(late: true, perSecond: 30_000);
        Assert.NotNull(pace.PerSecond);
        clock.Pass(2 * Second);
        pace.Adjust(late: true, perSecond: 30_000);
        Assert.Null(pace.PerSecond);
    }

    [Fact]
    public void With_a_longest_wait_of_nothing_no_answer_waits_ever()
    {
        var (pace, _) = Pace(TimeSpan.Zero);
        MakeLate(pace, 30_000);
        Assert.All(Take(pace, 1000), wait => Assert.Equal(TimeSpan.Zero, wait));
    }

    [Fact]
    public async Task A_server_whose_timers_come_late_under_many_reports_bounds_them_until_they_come_in_time()
    {
        // 300 reports come with each timer, and something else.
        using var meter = new Meter("test");
        ReportPace? pace = null;
        var clock = new HurriedClock(() =>
        {
            Take(pace!, 300);
            pace!.NoteOther();
        });
        pace = new ReportPace(Second, new ReportInstruments(meter), clock);
        using var pacing = new ReportPacing(pace, clock);
        await pacing.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(pace.Reports > 10_000), "reports came");
        Assert.Null(pace.PerSecond);

        clock.TimersLateBy = TimeSpan.FromMilliseconds(20);
        await Eventually.TrueAsync(() => Task.FromResult(pace.PerSecond is not null), "answers are held");
        clock.TimersLateBy = TimeSpan.Zero;
        await Eventually.TrueAsync(() => Task.FromResult(pace.PerSecond is null), "answers are held no more");
        await pacing.StopAsync(CancellationToken.None);
    }

    private static (ReportPace Pace, HurriedClock Clock) Pace(TimeSpan longestWait)
    {
        var clock = new HurriedClock(() => { });
        clock.Pass(TimeSpan.FromHours(1));
        return (new ReportPace(longestWait, new ReportInstruments(new Meter("test")), clock), clock);
    }

    private static void MakeLate(ReportPace pace, double perSecond)
    {
        pace.NoteOther();
        pace.Adjust(late: true, perSecond);
    }

    private static List<TimeSpan> Take(ReportPace pace, int count) => [.. Enumerable.Range(0, count).Select(_ => pace.Take())];

    /// <summary>A clock that does not wait: what is due later is due at once, and it is later then. Else it stands still.</summary>
    private sealed class HurriedClock(Action onTimer) : TimeProvider
    {
        private long _now;
        private long _lateBy;

        /// <summary>So much later than they should timers come.</summary>
        public TimeSpan TimersLateBy
        {
            set => Volatile.Write(ref _lateBy, value.Ticks);
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(
                given =>
                {
                    Pass(dueTime + TimeSpan.FromTicks(Volatile.Read(ref _lateBy)));
                    onTimer();
                    callback(given);
                },
                state,
                TimeSpan.Zero,
                period);
    }
}
