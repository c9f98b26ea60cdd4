using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Reports;
using OpenCue.Rqd.Supervision;
using OpenCue.Rqd.Tests.Frames;

namespace OpenCue.Rqd.Tests.Reports;

public sealed class CompletionQueueTests
{
    private readonly ManualTime _time = new();
    private readonly CompletionQueue _queue;

    public CompletionQueueTests() => _queue = new CompletionQueue(_time);

    [Fact]
    public void The_oldest_end_goes_first()
    {
        var (young, old) = (Ended("young", seconds: 9), Ended("old", seconds: 1));
        _queue.Add(young);
        _queue.Add(old);

        Assert.Same(old, _queue.TryTake(out _, out _));
        Assert.Same(young, _queue.TryTake(out _, out _));
        Assert.Null(_queue.TryTake(out _, out _));
        Assert.Equal(2, _queue.Count);
    }

    [Fact]
    public void One_that_fails_waits_longer_each_time_and_holds_up_no_other()
    {
        var (stuck, other) = (Ended("stuck", 1), Ended("other", 2));
        _queue.Add(stuck);
        var waits = new List<double>();
        for (var attempt = 0; attempt < 8; attempt++)
        {
            Assert.Same(stuck, _queue.TryTake(out _, out _));
            _queue.PutBack(stuck, wasRefused: false);
            Assert.Null(_queue.TryTake(out var wait, out _));
            waits.Add(wait.TotalSeconds);
            _time.Advance(wait);
        }
        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], waits);

        _queue.PutBack(_queue.TryTake(out _, out _)!, wasRefused: false);
        _queue.Add(other);
        Assert.Same(other, _queue.TryTake(out _, out _));
    }

    [Fact]
    public void When_cuebot_is_heard_from_those_that_did_not_reach_it_are_due_and_what_it_refused_is_not()
    {
        var (unreached, refused) = (Ended("unreached", 1), Ended("refused", 2));
        foreach (var run in new[] { unreached, refused })
        {
            _queue.Add(run);
            _queue.TryTake(out _, out _);
            _queue.PutBack(run, wasRefused: run == refused);
        }
        Assert.Null(_queue.TryTake(out _, out var changed));

        _queue.RetryNow();

        Assert.True(changed.IsCompleted);
        Assert.Same(unreached, _queue.TryTake(out _, out _));
        Assert.Null(_queue.TryTake(out _, out _));
    }

    [Fact]
    public async Task Waiting_for_it_to_empty_ends_when_it_has_or_when_it_takes_too_long()
    {
        var run = Ended("a", 1);
        _queue.Add(run);
        var waiting = _queue.WhenEmptyAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _queue.Remove(run);
        await waiting;

        _queue.Add(run);
        var inVain = _queue.WhenEmptyAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(3));
        await inVain;
        Assert.Equal(1, _queue.Count);
    }

    private static Run Ended(string key, int seconds) => new(Orders.Record(key), new RunFile("/nowhere"), gateIsOpen: true)
    {
        State = RunState.Ended,
        End = RunEnd.NeverStarted("test", DateTimeOffset.UnixEpoch.AddSeconds(seconds)),
    };
}
