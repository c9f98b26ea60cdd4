using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Tests.VirtualTime;

public class EventQueueTests
{
    private readonly EventQueue _events = new();
    private readonly List<string> _happened = [];

    [Fact]
    public void Events_happen_in_the_order_of_their_times()
    {
        Plan(30, "third");
        Plan(10, "first");
        Plan(20, "second");
        RunAll();
        Assert.Equal(["first@10", "second@20", "third@30"], _happened);
    }

    [Fact]
    public void Events_of_one_millisecond_happen_in_the_order_in_which_they_were_asked_for()
    {
        foreach (var name in Enumerable.Range(0, 100))
        {
            Plan(5, $"{name}");
        }

        RunAll();
        Assert.Equal(Enumerable.Range(0, 100).Select(name => $"{name}@5"), _happened);
    }

    [Fact]
    public void An_event_asked_for_in_the_past_happens_now()
    {
        _events.At(100, () => Plan(50, "late"));
        RunAll();
        Assert.Equal(["late@100"], _happened);
    }

    [Fact]
    public void Running_until_a_time_leaves_later_events_alone_and_moves_time_there()
    {
        Plan(10, "early");
        Plan(21, "later");
        _events.RunUntil(20);
        Assert.Equal(["early@10"], _happened);
        Assert.Equal(20, _events.NowMs);
        Assert.Equal(21, _events.NextMs);
    }

    [Fact]
    public void A_timer_fires_at_its_time_and_then_in_its_period_until_it_is_disposed()
    {
        var time = new VirtualTimeProvider(_events, VirtualTimeProvider.UsualStart);
        var timer = time.CreateTimer(_ => _happened.Add($"{_events.NowMs}"), null, TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(10));
        _events.RunUntil(25);
        timer.Dispose();
        _events.RunUntil(100);
        Assert.Equal(["3", "13", "23"], _happened);
    }

    [Fact]
    public void Setting_the_wall_clock_moves_no_timestamp()
    {
        var time = new VirtualTimeProvider(_events, VirtualTimeProvider.UsualStart);
        var before = time.GetTimestamp();
        _events.RunUntil(1000);
        time.WallShift = TimeSpan.FromHours(-2);
        Assert.Equal(TimeSpan.FromSeconds(1), time.GetElapsedTime(before));
        Assert.Equal(VirtualTimeProvider.UsualStart.AddSeconds(1).AddHours(-2), time.GetUtcNow());
    }

    private void Plan(long ms, string name) => _events.At(ms, () => _happened.Add($"{name}@{_events.NowMs}"));

    private void RunAll()
    {
        while (_events.RunNext())
        {
        }
    }
}
