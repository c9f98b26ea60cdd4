using OpenCue.Rqd.Reports;

namespace OpenCue.Rqd.Tests.Reports;

public sealed class HostReportTimerTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Reports_come_at_random_times_within_the_bounds()
    {
        var timer = Timer(5, 30);
        var delays = new HashSet<int>();
        for (var report = 0; report < 50; report++)
        {
            var waiting = timer.WaitAsync(CancellationToken.None);
            var delay = _time.UntilNextTimer!.Value;
            Assert.InRange(delay.TotalSeconds, 5, 30);
            delays.Add((int)delay.TotalSeconds);
            _time.Advance(delay);
            await waiting;
        }
        Assert.InRange(delays.Count, 10, 50);
    }

    [Fact]
    public async Task A_completed_frame_brings_a_report_that_is_far_away_at_once_and_the_next_soon()
    {
        var timer = Timer(5, 1_000_000);
        var waiting = timer.WaitAsync(CancellationToken.None);
        var delay = _time.UntilNextTimer;

        timer.FrameCompleted();
        await waiting;
        var next = timer.WaitAsync(CancellationToken.None);

        Assert.True(delay > TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(5), _time.UntilNextTimer);
        _time.Advance(TimeSpan.FromSeconds(5));
        await next;
    }

    [Fact]
    public void A_report_that_is_near_anyway_does_not_come_earlier()
    {
        var timer = Timer(20, 20);
        var waiting = timer.WaitAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(12));

        timer.FrameCompleted();

        Assert.False(waiting.IsCompleted);
    }

    private HostReportTimer Timer(int atLeast, int atMost) =>
        new(TimeSpan.FromSeconds(atLeast), TimeSpan.FromSeconds(atMost), new Random(1), _time);
}
