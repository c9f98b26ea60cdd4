using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Supervision;
using OpenCue.Rqd.Tests.Journal;
using OpenCue.Rqd.Tests.Machine;

namespace OpenCue.Rqd.Tests.Frames;

public sealed class RunTableTests : IAsyncDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly RunJournal _journal = RunJournal.Open(new FailingJournalFile(), NullLogger<RunJournal>.Instance);
    private readonly RunTable _table;

    public RunTableTests() => _table = new RunTable(_machine.Probe().Facts, _journal);

    [Fact]
    public void An_agent_that_stops_takes_no_more_frames()
    {
        _table.Stop();

        Assert.Equal(LaunchRefusalKind.Stopping, Add(Orders.Frame()).Refusal?.Kind);
    }

    [Fact]
    public void A_run_keeps_its_cores_until_it_has_ended_and_is_owed_until_it_is_removed()
    {
        var run = Add(Orders.Frame() with { CoreUnits = 300 }).Run!;
        Assert.Equal((400, 100, 300), Cores());
        Assert.Equal(LaunchRefusalKind.NoRoom, Add(Orders.Frame() with { CoreUnits = 101 }).Refusal?.Kind);

        _table.MarkRunning(run);
        _table.MarkEnded(run, RunEnd.NeverStarted("test", DateTimeOffset.UnixEpoch));

        Assert.Equal((400, 400, 0), Cores());
        Assert.Equal([run], _table.Snapshot().Ended);
        _table.Remove(run);
        Assert.Empty(_table.Snapshot().Ended);
        Assert.Equal((400, 400, 0), Cores());
    }

    [Fact]
    public void A_run_that_was_never_promised_gives_its_cores_back()
    {
        var run = Add(Orders.Frame()).Run!;

        _table.Remove(run);

        Assert.Equal((400, 400, 0), Cores());
    }

    [Fact]
    public void Another_run_of_a_frame_may_come_while_the_end_of_the_one_before_is_on_its_way()
    {
        var order = Orders.Frame().WithRunId();
        var first = Add(order).Run!;
        var other = order with { ResourceId = Guid.NewGuid().ToString() };
        other = other.WithRunId();
        Assert.Contains(order.ResourceId, Add(other).Refusal!.Message, StringComparison.Ordinal);

        _table.MarkEnded(first, RunEnd.NeverStarted("test", DateTimeOffset.UnixEpoch));

        Assert.Equal(LaunchRefusalKind.AlreadyStarted, Add(order).Refusal?.Kind);
        Assert.Null(Add(other).Refusal);
    }

    [Fact]
    public void From_the_moment_a_kill_finds_nothing_the_run_is_refused()
    {
        var order = Orders.Frame().WithRunId();

        Assert.Equal(KillResult.NeverLaunched, _table.FindOrRefuse(order.FrameId, order.ResourceId, out _));

        Assert.Equal(LaunchRefusalKind.KilledBefore, Add(order).Refusal?.Kind);
    }

    [Fact]
    public void A_question_without_a_run_id_refuses_nothing()
    {
        var order = Orders.Frame().WithRunId();

        Assert.Equal(KillResult.NotRunning, _table.FindOrRefuse(order.FrameId, null, out _));

        Assert.Null(Add(order).Refusal);
    }

    [Fact]
    public async Task Of_many_at_the_same_time_as_many_are_taken_as_there_is_room_for()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => Add(Orders.Frame()))));

        Assert.Equal(4, results.Count(result => result.Refusal is null));
        Assert.Equal((400, 0, 400), Cores());
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _machine.Dispose();
    }

    private (LaunchRefusal? Refusal, Run? Run) Add(FrameOrder order)
    {
        var refusal = _table.TryAdd(
            order,
            processors => new Run(RunRecord.Accept(order, processors, DateTimeOffset.UnixEpoch, "boot"), new RunFile("/nowhere"), gateIsOpen: true),
            out var run);
        return (refusal, run);
    }

    private (int Total, int Idle, int Booked) Cores()
    {
        var snapshot = _table.Snapshot();
        return (snapshot.TotalUnits, snapshot.IdleUnits, snapshot.BookedUnits);
    }
}
