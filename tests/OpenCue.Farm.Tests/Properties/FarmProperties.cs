using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Loading;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Properties;

/// <summary>What holds whatever people, hosts and submissions do to a farm, in whatever order.</summary>
public sealed class FarmProperties
{
    [Fact]
    public void All_that_must_hold_holds_after_every_command() => ForAnySequence(80, 300, (farm, step) =>
    {
        Try(farm, step);
        Assert.Empty(FarmInvariants.Check(farm.Farm.Model));
    });

    [Fact]
    public void A_command_that_is_undone_leaves_the_farm_as_it_was() => ForAnySequence(50, 150, (farm, step) =>
    {
        var before = FarmDump.Of(farm.Farm.Model);
        farm.Farm.Undo(edit => farm.Apply(edit, step));
        Same(before, FarmDump.Of(farm.Farm.Model));
        Try(farm, step);
        Assert.Empty(FarmInvariants.Check(farm.Farm.Model));
    });

    [Fact]
    public void A_batch_can_be_taken_back_and_made_again() => ForAnySequence(50, 150, (farm, step) =>
    {
        Action? stands = null;
        var (before, reverted, applied, reapplied) = farm.Farm.RevertAndReapply(edit => stands = farm.Apply(edit, step));
        stands?.Invoke();
        Same(before, reverted);
        Same(applied, reapplied);
        Assert.Empty(FarmInvariants.Check(farm.Farm.Model));
    });

    [Fact]
    public void A_farm_that_is_loaded_is_the_one_that_was_stored() => ForAnySequence(60, 150, (farm, step) =>
    {
        Try(farm, step);
        if (!farm.IsStaging)
        {
            var loaded = FarmLoader.Build(farm.Farm.Store.Rows(), farm.Farm.Model.Settings);
            Assert.Empty(FarmInvariants.Check(loaded));
            farm.Farm.FetchFrames(loaded);
            Same(FarmDump.Of(farm.Farm.Model), FarmDump.Of(loaded));
            Assert.Empty(FarmInvariants.Check(loaded));
        }
    });

    [Fact]
    public void Frames_at_rest_may_leave_memory_at_any_time_and_come_back_as_they_were() => ForAnySequence(80, 200, (farm, step) =>
    {
        var model = farm.Farm.Model;
        var before = FarmDump.Of(model);
        farm.Farm.LetFramesGo();
        Assert.Empty(FarmInvariants.Check(model));
        farm.Farm.FetchFrames(model);
        Same(before, FarmDump.Of(model));
        farm.Farm.LetFramesGo();
        Try(farm, step);
        Assert.Empty(FarmInvariants.Check(model));
        farm.Farm.FetchFrames(model);
        Assert.Empty(FarmInvariants.Check(model));
    });

    [Fact]
    public void A_frame_is_running_only_while_it_has_a_run_and_a_run_ends_once() => ForAnySequence(80, 100, (farm, step) =>
    {
        Try(farm, step);
        var ended = farm.Farm.Store.History.Select(r => r.Id).ToList();
        Assert.Equal(ended.Count, ended.Distinct().Count());
        Assert.DoesNotContain(farm.Farm.Model.Runs.Keys, ended.Contains);
    });

    private static void ForAnySequence(int length, int cases, Action<RandomFarm, Step> afterwards) =>
        Prop.ForAll(Step.Sequences(length), steps =>
        {
            var farm = new RandomFarm(steps.Length);
            foreach (var step in steps)
            {
                farm.Before(step);
                afterwards(farm, step);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(cases));

    /// <summary>Gives the command as the engine does: refused, it leaves no trace.</summary>
    private static void Try(RandomFarm farm, Step step)
    {
        try
        {
            farm.Farm.Do(edit => farm.Apply(edit, step))?.Invoke();
        }
        catch (FarmException)
        {
            // What is not there, or not allowed now, is refused.
        }
    }

    /// <summary>Compares line by line: the whole text of a farm tells nobody where the difference is.</summary>
    private static void Same(string expected, string actual)
    {
        if (expected != actual)
        {
            var (left, right) = (expected.Split('\n'), actual.Split('\n'));
            Assert.Equal(left.Except(right), right.Except(left));
        }
    }
}
