using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class FrameOperationsTests
{
    private readonly TestFarm _farm = new();
    private readonly Layer _layer;

    public FrameOperationsTests() => _layer = _farm.Submit("comp", Layer("bg", "1-3"), Layer("fg", "1-3")).Layers[0];

    [Fact]
    public void Retrying_a_running_frame_kills_its_run_and_the_frame_waits_only_when_the_run_has_ended()
    {
        var run = _farm.Book(_layer);

        Retry(0);
        Assert.Equal(FrameState.Running, _layer.Frames[0].State);
        Assert.Equal((KillOutcome.Retry, "tester", "because"), (run.Row.Kill!.Outcome, run.Row.Kill.By, run.Row.Kill.Reason));
        Assert.Single(_farm.Effects, e => e.Kind == EffectKind.KillRun && e.Subject == run.Id);
        _farm.Complete(run, 1);

        Assert.Equal((FrameState.Waiting, 500), (_layer.Frames[0].State, _layer.Frames[0].ExitStatus));
    }

    [Fact]
    public void A_run_that_succeeds_although_its_frame_is_to_be_retried_is_run_again()
    {
        var run = _farm.Book(_layer);
        Retry(0);

        _farm.Complete(run, 0);

        Assert.Equal((FrameState.Waiting, 500), (_layer.Frames[0].State, _layer.Frames[0].ExitStatus));
    }

    [Fact]
    public void Eating_a_running_frame_kills_its_run_and_the_frame_is_eaten_when_the_run_has_ended()
    {
        var run = _farm.Book(_layer);

        Eat(0);
        Assert.Equal(FrameState.Running, _layer.Frames[0].State);
        _farm.Complete(run, 0);

        Assert.Equal((FrameState.Eaten, 506), (_layer.Frames[0].State, _layer.Frames[0].ExitStatus));
    }

    [Fact]
    public void Of_two_persons_the_later_one_decides()
    {
        var run = _farm.Book(_layer);
        Retry(0);
        Eat(0);

        _farm.Complete(run, 1);

        Assert.Equal(FrameState.Eaten, _layer.Frames[0].State);
    }

    [Fact]
    public void A_retry_after_a_plain_kill_decides()
    {
        var run = _farm.Book(_layer);
        _farm.Do(edit => FrameOperations.Kill(edit, _layer, 0, "tester", ""));
        Retry(0);

        _farm.Complete(run, 1);

        Assert.Equal(500, _layer.Frames[0].ExitStatus);
    }

    [Fact]
    public void A_plain_kill_gives_the_place_back_and_lets_the_report_decide()
    {
        var run = _farm.Book(_layer);

        _farm.Do(edit => FrameOperations.Kill(edit, _layer, 0, "tester", ""));
        Assert.True(run.Proc.Row.Unbooked);
        _farm.Complete(run, 1, o => o with { ExitSignal = 9 });

        Assert.Equal((FrameState.Waiting, 1), (_layer.Frames[0].State, _layer.Frames[0].ExitStatus));
    }

    [Fact]
    public void Killing_a_frame_that_does_not_run_does_nothing()
    {
        _farm.Do(edit => FrameOperations.Kill(edit, _layer, 0, "tester", ""));

        Assert.True(_farm.LastChanges.IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_frame_that_has_ended_waits_again_at_once_and_its_retries_go_on_counting(int status)
    {
        _farm.RunFrame(_layer, 0, 1);
        _farm.RunFrame(_layer, 0, status);

        Retry(0);
        Assert.Equal((FrameState.Waiting, status), (_layer.Frames[0].State, _layer.Frames[0].ExitStatus));
        _farm.Book(_layer);

        Assert.Equal(2, _layer.Frames[0].Retries);
    }

    [Fact]
    public void Eating_a_succeeded_frame_leaves_it_succeeded()
    {
        _farm.RunFrame(_layer, 0);

        Eat(0);

        Assert.Equal(FrameState.Succeeded, _layer.Frames[0].State);
    }

    [Fact]
    public void Eating_the_last_frame_finishes_the_job()
    {
        var job = _farm.Submit("small", Layer("bg", "1-2"));
        _farm.RunFrame(job.Layers[0], 0);

        _farm.Do(edit => FrameOperations.Eat(edit, job.Layers[0], 1, "tester", ""));

        Assert.Equal(JobState.Finished, job.Row.State);
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.LayerCompleted && e.Job == job.Id);
    }

    [Fact]
    public void A_frame_that_depends_hold_goes_back_to_depend_when_it_is_retried()
    {
        Wait(DependType.LayerOnLayer);
        Eat(0);
        Assert.Equal(FrameState.Eaten, _layer.Frames[0].State);

        Retry(0);

        Assert.Equal(FrameState.Depend, _layer.Frames[0].State);
    }

    [Theory]
    [InlineData(DependType.FrameOnFrame, true)]
    [InlineData(DependType.FrameByFrame, true)]
    [InlineData(DependType.LayerOnLayer, true)]
    [InlineData(DependType.LayerOnSimFrame, true)]
    [InlineData(DependType.LayerOnFrame, false)]
    [InlineData(DependType.FrameOnLayer, false)]
    public void Who_waited_for_a_retried_frame_waits_again_even_if_done_already(DependType type, bool again)
    {
        var on = _layer.Job.Layers[1];
        Wait(type);
        _farm.RunAll(on);
        _farm.RunFrame(_layer, 0);
        Assert.Equal(FrameState.Succeeded, _layer.Frames[0].State);

        _farm.Do(edit => FrameOperations.Retry(edit, on, 0, "tester", ""));

        Assert.Equal(again ? FrameState.Depend : FrameState.Succeeded, _layer.Frames[0].State);
        _farm.RunFrame(on, 0);
        Assert.Equal(again ? FrameState.Waiting : FrameState.Succeeded, _layer.Frames[0].State);
    }

    [Fact]
    public void Any_frame_is_waited_for_again_only_when_none_is_left_that_succeeded()
    {
        var on = _layer.Job.Layers[1];
        var depend = _farm.Do(
            edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(_layer), DependEnd.Of(on), anyFrame: true));
        _farm.RunFrame(on, 0);
        _farm.RunFrame(on, 1);

        _farm.Do(edit => FrameOperations.Retry(edit, on, 0, "tester", ""));
        Assert.False(depend.Row.Active);
        _farm.Do(edit => FrameOperations.Retry(edit, on, 1, "tester", ""));

        Assert.True(depend.Row.Active);
    }

    [Fact]
    public void A_depend_that_a_person_dropped_does_not_come_back_with_a_retry()
    {
        var on = _layer.Job.Layers[1];
        Wait(DependType.FrameByFrame);
        Wait(DependType.LayerOnLayer);
        _farm.Do(edit => DependRules.DropOf(edit, _layer, 0, DependTarget.Any));
        _farm.Do(edit => DependRules.DropOf(edit, _layer, DependTarget.Any));
        _farm.RunAll(on);

        _farm.Do(edit => FrameOperations.Retry(edit, on, 0, "tester", ""));

        Assert.Equal(3, _layer.Counts[FrameState.Waiting]);
    }

    [Fact]
    public void A_retry_reaches_no_job_that_has_finished()
    {
        var other = _farm.Submit("other", Layer("bg", "1"));
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(other.Layers[0]), DependEnd.Of(_layer)));
        _farm.RunAll(_layer);
        _farm.RunAll(other.Layers[0]);

        Retry(0);

        Assert.Equal((JobState.Finished, FrameState.Succeeded), (other.Row.State, other.Layers[0].Frames[0].State));
    }

    [Fact]
    public void A_frame_marked_as_waiting_runs_although_depends_hold_it_until_it_is_held_anew()
    {
        var depend = Wait(DependType.LayerOnLayer);

        Assert.True(_farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 0)));
        Assert.Equal((FrameState.Waiting, 1, true), (_layer.Frames[0].State, _layer.Frames[0].DependCount, depend.Row.Active));
        Assert.False(_farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 0)));
        Assert.True(_farm.Do(edit => FrameOperations.MarkAsDepend(edit, _layer, 0)));
        Assert.Equal(FrameState.Depend, _layer.Frames[0].State);

        _farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 1));
        Wait(DependType.FrameByFrame);
        Assert.Equal(FrameState.Depend, _layer.Frames[1].State);
    }

    [Fact]
    public void A_retry_ends_what_marking_as_waiting_began_also_while_the_frame_runs()
    {
        Wait(DependType.LayerOnLayer);
        _farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 0));
        _farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 1));
        var run = _farm.Book(_layer, 0);

        Retry(0);
        Retry(1);
        _farm.Complete(run, 1);

        Assert.Equal([FrameState.Depend, FrameState.Depend], _layer.Frames[..2].ToArray().Select(f => f.State));
    }

    [Fact]
    public void That_a_frame_was_marked_as_waiting_survives_a_restart()
    {
        Wait(DependType.LayerOnLayer);
        _farm.Do(edit => FrameOperations.MarkAsWaiting(edit, _layer, 0));

        _farm.Restart();

        Assert.Equal([FrameState.Waiting, FrameState.Depend], _farm.Model.Layers[_layer.Id].Frames[..2].ToArray().Select(f => f.State));
    }

    [Fact]
    public void A_frame_that_nothing_holds_can_not_be_marked_as_depend() =>
        Assert.False(_farm.Do(edit => FrameOperations.MarkAsDepend(edit, _layer, 0)));

    private Depend Wait(DependType type) => _farm.Do(edit =>
    {
        var on = _layer.Job.Layers[1];
        var (er, target) = DependRules.Levels(type);
        return DependRules.Create(
            edit, type, er == 1 ? DependEnd.Of(_layer) : DependEnd.Of(_layer, 0), target == 1 ? DependEnd.Of(on) : DependEnd.Of(on, 0));
    });

    private void Retry(int ordinal) => _farm.Do(edit => FrameOperations.Retry(edit, _layer, ordinal, "tester", "because"));

    private void Eat(int ordinal) => _farm.Do(edit => FrameOperations.Eat(edit, _layer, ordinal, "tester", "because"));
}
