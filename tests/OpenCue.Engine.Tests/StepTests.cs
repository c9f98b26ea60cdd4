using OpenCue.Engine.Storing;

namespace OpenCue.Engine.Tests;

public sealed class StepTests
{
    [Fact]
    public async Task A_step_runs_after_the_commands_and_its_changes_are_in_their_batch()
    {
        await using var rig = new Rig();
        rig.Steps.Add(new TestStep(edit =>
        {
            if (edit.Farm.Shows.Find("asked") is not null && edit.Farm.Shows.Find("made") is null)
            {
                Rig.AddShow(edit, "made");
            }

            return StepResult.Done;
        }));
        rig.StartByHand();

        _ = rig.Add("asked");
        rig.Engine.RunBatch();

        Assert.Equal("asked,made", rig.Stored);
        Assert.Equal(1, rig.Store.Database.Batch);
    }

    [Fact]
    public async Task A_step_with_more_to_do_comes_again_at_once_and_a_step_that_is_done_waits_for_commands()
    {
        await using var rig = new Rig();
        var left = 0;
        var step = new TestStep(_ => left-- > 0 ? StepResult.More : StepResult.Done);
        rig.Steps.Add(step);
        rig.StartByHand();
        rig.Run();
        var before = step.Runs;

        left = 4;
        rig.Run();
        Assert.Equal(before, step.Runs);
        _ = rig.Do(_ => 0);
        rig.Run();

        Assert.Equal(before + 5, step.Runs);
    }

    [Fact]
    public async Task A_slice_is_over_after_a_fixed_number_of_looks_when_driven_by_hand()
    {
        await using var rig = new Rig(options: o => o with { StepLooks = 10 });
        var work = 0;
        rig.Steps.Add(new TestStep((_, slice) =>
        {
            while (work < 25)
            {
                if (slice.IsOver)
                {
                    return StepResult.More;
                }

                work++;
            }

            return StepResult.Done;
        }));
        rig.StartByHand();

        rig.Run();
        Assert.Equal(25, work);
    }

    [Fact]
    public void A_slice_is_over_when_its_time_is_and_earlier_if_the_batch_is_waited_for()
    {
        var time = new ManualTime();
        var waitedFor = false;
        var slice = new StepSlice(time, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(1), () => waitedFor, () => true, default);

        time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.False(slice.IsOver);
        waitedFor = true;
        Assert.True(slice.IsOver);
        waitedFor = false;
        time.Advance(TimeSpan.FromMilliseconds(3));
        Assert.True(slice.IsOver);
    }

    [Theory]
    [InlineData(5, false, 5)]
    [InlineData(12, true, 3)] // It leaves most of a batch to those who come while another commits.
    public async Task A_slice_is_over_when_the_open_batch_has_all_the_rows_that_the_step_may_give_it(int batchRows, bool isPatient, int mostRows)
    {
        await using var rig = new Rig(options: o => o with { BatchRows = batchRows, PatientShare = 0.25 });
        var (left, most) = (20, 0);
        rig.Steps.Add(new TestStep((edit, slice) =>
        {
            for (; left > 0 && !slice.IsOver; left--)
            {
                Rig.AddShow(edit, $"show{left}");
                most = Math.Max(most, edit.Size);
            }

            return left > 0 ? StepResult.More : StepResult.Done;
        })
        {
            IsPatient = isPatient,
        });
        rig.StartByHand();

        rig.Run();
        Assert.Equal(0, left);
        Assert.Equal(mostRows, most);
    }

    [Fact]
    public async Task A_step_that_waits_for_effects_comes_again_when_some_were_sent()
    {
        await using var rig = new Rig();
        var seen = new List<int>();
        rig.Steps.Add(new TestStep((edit, slice) =>
        {
            seen.Add(slice.UnsentEffects);
            return edit.Farm.Shows.Count > 0 && seen.Count < 4 ? StepResult.WaitForSinks : StepResult.Done;
        }));
        rig.StartByHand();
        rig.Run();
        seen.Clear();
        rig.Backlog = 7;

        _ = rig.Add("one");
        rig.Run();

        // In the batch that asks for the effect it is unsent; then it is the sink's.
        Assert.Equal([8, 7], seen);
    }

    [Fact]
    public async Task A_step_that_throws_is_undone_and_rests()
    {
        await using var rig = new Rig();
        var step = new TestStep(edit =>
        {
            Rig.AddShow(edit, "half");
            throw new InvalidOperationException("broken policy");
        });
        rig.Steps.Add(step);
        rig.StartByHand();
        rig.Run();
        _ = rig.Add("one");
        rig.Run();

        Assert.Equal(1, step.Runs);
        Assert.Equal("one", rig.Stored);
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        rig.Run();
        Assert.Equal(2, step.Runs);
    }

    [Fact]
    public async Task Steps_are_told_when_the_farm_is_not_what_they_left()
    {
        await using var rig = new Rig();
        var step = new TestStep(_ => StepResult.Done);
        rig.Steps.Add(step);
        rig.StartByHand();
        Assert.Equal(1, step.Replacements);

        rig.Store.OnCommit = _ => StoreFault.Unavailable;
        _ = rig.Add("one");
        rig.Run();
        rig.Run();
        Assert.Equal(2, step.Replacements);

        rig.Store.OnCommit = null;
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        rig.Run();
        Assert.Equal(3, step.Replacements);
    }

    [Fact]
    public async Task No_step_runs_while_the_batch_is_full_the_store_is_away_or_the_engine_stops()
    {
        await using var rig = new Rig(options: o => o with { BatchCommands = 1 });
        var step = new TestStep(_ => StepResult.More);
        rig.Steps.Add(step);
        rig.StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = _ => StoreFault.Stall(stall.Task);
        _ = rig.Add("one");
        rig.Engine.RunBatch();
        _ = rig.Add("two");
        rig.Engine.RunBatch();
        var runs = step.Runs;
        Assert.False(rig.Engine.RunBatch());
        Assert.Equal(runs, step.Runs);

        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(rig.Engine.RunBatch());
        Assert.Equal(runs, step.Runs);

        stall.SetResult();
        rig.Store.OnCommit = null;
        await rig.Engine.StopAsync(CancellationToken.None);
        Assert.Equal(runs, step.Runs);
        Assert.Equal("one,two", rig.Stored);
    }
}
