using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Operations;

public sealed class BulkOperationsTests
{
    private readonly TestFarm _farm = new(new FarmSettings { BulkChunk = 4, OperationChunk = 4 });
    private readonly Job _job;

    public BulkOperationsTests() => _job = _farm.Submit("comp", Layer("bg", "1-7"), Layer("fg", "1-5"));

    [Fact]
    public void Frames_are_done_a_chunk_a_batch_and_the_operation_is_gone_with_the_last()
    {
        var operation = Request(BulkKind.Eat)!;
        var eaten = new List<int>();
        bool more;
        do
        {
            more = _farm.Do(edit => BulkOperations.Step(edit, operation));
            eaten.Add(_farm.LastChanges.Frames.Count);
        }
        while (more);

        Assert.Equal([4, 4, 4], eaten);
        Assert.Empty(_farm.Model.Operations);
        Assert.Empty(_farm.Store.All<BulkOperationRow>());
        Assert.Equal(JobState.Finished, _job.Row.State);
    }

    [Fact]
    public void A_depend_that_holds_many_frames_again_takes_them_back_a_chunk_a_batch()
    {
        var job = _farm.Submit(Of("next", Layer("aaa", "1-3"), Layer("bbb", "1-9"), Layer("ccc", "1"))
            .With(Depend("LAYER_ON_LAYER", "next/bbb", "next/aaa")))[0];
        var (on, er) = (TestFarm.LayerOf(job, "aaa"), TestFarm.LayerOf(job, "bbb"));
        _farm.RunAll(on);
        _farm.RunAll(er);

        _farm.Do(edit => FrameOperations.Retry(edit, on, 1, "tester", "because"));
        Assert.Equal(9, er.Counts[FrameState.Succeeded]);
        Assert.Single(_farm.LastChanges.Frames);
        Assert.Empty(FarmInvariants.Check(_farm.Model));
        _farm.Do(edit => BulkOperations.Step(edit, _farm.Model.Operations.Values.Single()));
        Assert.Equal((4, 5), (er.Counts[FrameState.Depend], er.Counts[FrameState.Succeeded]));
        _farm.Restart();
        _farm.FinishBulk();
        Assert.Equal(9, _farm.Model.Layers[er.Id].Counts[FrameState.Depend]);

        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void What_a_depend_was_to_hold_again_stays_done_if_it_is_satisfied_first()
    {
        var job = _farm.Submit(Of("next", Layer("aaa", "1-3"), Layer("bbb", "1-9"), Layer("ccc", "1"))
            .With(Depend("LAYER_ON_LAYER", "next/bbb", "next/aaa")))[0];
        var (on, er) = (TestFarm.LayerOf(job, "aaa"), TestFarm.LayerOf(job, "bbb"));
        _farm.RunAll(on);
        _farm.RunAll(er);
        _farm.Do(edit => FrameOperations.Retry(edit, on, 1, "tester", "because"));
        _farm.RunAll(on);
        _farm.FinishBulk();
        Assert.Equal(9, er.Counts[FrameState.Succeeded]);
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_job_does_not_end_while_frames_of_it_are_to_be_held_again(bool restarted)
    {
        var first = _farm.Submit("first", Layer("aaa", "1-3"));
        var next = _farm.Submit("next", Layer("bbb", "1-9"), Layer("ccc", "1"));
        _farm.Do(edit => DependRules.Create(
            edit, DependType.LayerOnLayer, new DependEnd(next, TestFarm.LayerOf(next, "bbb")), new DependEnd(first, TestFarm.LayerOf(first, "aaa"))));
        _farm.RunAll(TestFarm.LayerOf(first, "aaa"));
        _farm.RunAll(TestFarm.LayerOf(next, "bbb"));
        _farm.Do(edit => FrameOperations.Retry(edit, TestFarm.LayerOf(first, "aaa"), 1, "tester", "because"));
        if (restarted)
        {
            _farm.Restart();
            (first, next) = (_farm.Model.Jobs.Find(first.Id)!, _farm.Model.Jobs.Find(next.Id)!);
        }

        _farm.RunAll(TestFarm.LayerOf(next, "ccc"));
        Assert.Equal(JobState.Pending, next.Row.State);
        _farm.FinishBulk();
        Assert.Equal(9, next.Frames[FrameState.Depend]);
        _farm.RunAll(TestFarm.LayerOf(first, "aaa"));
        _farm.RunAll(TestFarm.LayerOf(next, "bbb"));
        Assert.Equal(JobState.Finished, next.Row.State);
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void A_job_that_waited_for_frames_to_be_held_again_ends_if_nothing_holds_them_any_more()
    {
        var first = _farm.Submit("first", Layer("aaa", "1-3"));
        var next = _farm.Submit("next", Layer("bbb", "1-9"), Layer("ccc", "1"));
        var depend = _farm.Do(edit => DependRules.Create(
            edit, DependType.LayerOnLayer, new DependEnd(next, TestFarm.LayerOf(next, "bbb")), new DependEnd(first, TestFarm.LayerOf(first, "aaa"))));
        _farm.RunAll(TestFarm.LayerOf(first, "aaa"));
        _farm.RunAll(TestFarm.LayerOf(next, "bbb"));
        _farm.Do(edit => FrameOperations.Retry(edit, TestFarm.LayerOf(first, "aaa"), 1, "tester", "because"));
        _farm.RunAll(TestFarm.LayerOf(next, "ccc"));
        _farm.Do(edit => DependRules.Satisfy(edit, depend.Id));
        Assert.Equal(JobState.Pending, next.Row.State);
        _farm.FinishBulk();

        Assert.Equal(JobState.Finished, next.Row.State);
        Assert.Equal(10, next.Frames[FrameState.Succeeded]);
    }

    [Fact]
    public void After_a_restart_it_goes_on_where_it_was()
    {
        var operation = Request(BulkKind.Eat)!;
        _farm.Do(edit => BulkOperations.Step(edit, operation));

        _farm.Restart();
        Assert.Equal(4, Assert.Single(_farm.Model.Operations.Values).Row.Done);
        _farm.FinishBulk();

        Assert.Equal(12, _farm.Model.Jobs.Find(_job.Id)!.Frames[FrameState.Eaten]);
    }

    [Fact]
    public void Only_the_frames_asked_for_are_concerned()
    {
        _farm.Bulk(BulkKind.Eat, _job, [.. FrameSpans.Of(_job.Layers[0], [6, 1, 2, 1]), .. FrameSpans.Of(_job.Layers[1], [4])]);

        Assert.Equal([1, 2, 6], Eaten(_job.Layers[0]));
        Assert.Equal([4], Eaten(_job.Layers[1]));
    }

    [Fact]
    public void A_retry_of_a_whole_job_kills_what_runs_and_runs_all_again()
    {
        _farm.RunFrame(_job.Layers[0], 0);
        var run = _farm.Book(_job.Layers[0], 1);

        _farm.Bulk(BulkKind.Retry, _job, [.. _job.Layers.Select(FrameSpans.All)]);

        Assert.Equal((FrameState.Waiting, FrameState.Running), (_job.Layers[0].Frames[0].State, _job.Layers[0].Frames[1].State));
        Assert.Equal(KillOutcome.Retry, run.Row.Kill!.Outcome);
    }

    [Fact]
    public void A_kill_of_all_frames_reaches_those_that_run_and_not_a_run_booked_later()
    {
        var before = _farm.Book(_job.Layers[0], 5);
        var operation = Request(BulkKind.Kill)!;
        _farm.Clock.PassSeconds(1);
        var after = _farm.Book(_job.Layers[0], 6);

        while (_farm.Do(edit => BulkOperations.Step(edit, operation)))
        {
        }

        Assert.Equal(KillOutcome.ByReport, before.Row.Kill!.Outcome);
        Assert.Null(after.Row.Kill);
    }

    [Theory]
    [InlineData(BulkKind.Kill)]
    [InlineData(BulkKind.KillJob)]
    public void A_kill_reaches_what_runs_although_the_servers_clock_was_set_back_since_that_was_booked(BulkKind kind)
    {
        var run = _farm.Book(_job.Layers[0], 5);
        _farm.Clock.JumpWall(TimeSpan.FromHours(-1));
        var operation = Request(kind)!;
        while (_farm.Do(edit => BulkOperations.Step(edit, operation)))
        {
        }

        Assert.NotNull(run.Row.Kill);
    }

    [Fact]
    public void Frames_marked_as_done_release_what_waits_for_them()
    {
        var job = _farm.Submit(Of("other", Layer("aa1", "1-3"), Layer("bb2", "1-3"))
            .With(Depend("FRAME_BY_FRAME", "other/bb2", "other/aa1")))[0];

        _farm.Bulk(BulkKind.MarkDone, job, FrameSpans.All(job.Layers[0]));

        Assert.Equal((3, 3), (job.Layers[0].Counts[FrameState.Waiting], job.Layers[1].Counts[FrameState.Waiting]));
    }

    [Fact]
    public void Nothing_to_do_is_no_operation() =>
        Assert.Null(_farm.Do(edit => BulkOperations.Request(edit, BulkKind.Eat, _job, [], "tester", "")));

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(6, 2)]
    [InlineData(0, int.MaxValue)]
    public void Frames_that_are_not_there_are_refused(int first, int count) =>
        Assert.Throws<FarmException>(() => _farm.Do(
            edit => BulkOperations.Request(edit, BulkKind.Eat, _job, [new FrameSpan(_job.Layers[0].Id, first, count)], "tester", "")));

    [Fact]
    public void Frames_of_another_job_are_refused()
    {
        var other = _farm.Submit("other", Layer("bg"));

        Assert.Throws<FarmException>(() => _farm.Do(
            edit => BulkOperations.Request(edit, BulkKind.Eat, _job, [FrameSpans.All(other.Layers[0])], "tester", "")));
    }

    [Fact]
    public void Who_asked_and_why_is_told_and_stored()
    {
        var operation = Request(BulkKind.Eat)!;

        Assert.Equal(("tester", "because"), (operation.Row.By, operation.Row.Reason));
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.OperationRequested && e.Subject == operation.Id && e.Job == _job.Id);
    }

    private BulkOperation? Request(BulkKind kind) =>
        _farm.Do(edit => BulkOperations.Request(edit, kind, _job, _job.Layers.Select(FrameSpans.All), "tester", "because"));

    private static IEnumerable<int> Eaten(Layer layer) =>
        Enumerable.Range(0, layer.Frames.Length).Where(i => layer.Frames[i].State == FrameState.Eaten);
}
