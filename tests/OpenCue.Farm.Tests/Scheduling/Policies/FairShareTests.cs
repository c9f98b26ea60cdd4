using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Scheduling.Policies;

/// <summary>What FAIR_SHARE promises, over hours of a farm of 80 cores.</summary>
public sealed class FairShareTests
{
    private readonly SharedFarm _farm = new("FAIR_SHARE");

    [Fact]
    public void Shows_that_always_have_work_get_what_their_shares_say()
    {
        var (big, small) = (_farm.Show("big", 6000), _farm.Show("small", 3000));
        _farm.Work(big);
        _farm.Work(small);
        _farm.GoOn(6);
        var (first, second) = (_farm.Take(big), _farm.Take(small));
        Assert.InRange(first / second, 1.94, 2.06);
        Assert.InRange(first + second, 6 * 80 * 0.99, 6 * 80);
    }

    [Fact]
    public void A_share_that_is_idle_is_lent_and_given_back_as_frames_end()
    {
        var (first, second) = (_farm.Show("first", 5000), _farm.Show("second", 5000));
        _farm.Work(first);
        _farm.GoOn(1);
        Assert.Equal(80, _farm.CoresOf(first));

        // Frames take 15 minutes at the most: after that nothing that was lent is kept.
        _farm.Work(second);
        _farm.GoOn(0.3);
        Assert.InRange(_farm.CoresOf(second), 40, 60);
        Assert.Equal(80, _farm.CoresOf(first) + _farm.CoresOf(second));
    }

    [Fact]
    public void Nothing_is_killed_to_give_back()
    {
        var (first, second) = (_farm.Show("first", 5000), _farm.Show("second", 5000));
        _farm.Work(first);
        _farm.GoOn(1);
        var runs = _farm.Farm.Farm.Runs.Values.ToList();
        _farm.Work(second);
        _farm.Farm.Pass();
        Assert.All(runs, run => Assert.True(run.InFarm && run.Row.Kill is null));
    }

    [Fact]
    public void Who_went_without_gets_more_until_it_has_caught_up_and_nobody_goes_without_meanwhile()
    {
        var (first, second) = (_farm.Show("first", 5000), _farm.Show("second", 5000));
        _farm.Work(first, frames: 9000);
        _farm.GoOn(8);
        _farm.Take(first);
        _farm.Work(second, frames: 9000);
        _farm.GoOn(4);
        var (had, hadLess) = (_farm.Take(second), _farm.Take(first));
        Assert.InRange(had / hadLess, 1.15, 2.5);
        _farm.GoOn(24);
        _farm.Take(first);
        _farm.Take(second);
        _farm.GoOn(4);
        Assert.InRange(_farm.Take(second) / _farm.Take(first), 0.94, 1.06);
    }

    [Fact]
    public void A_show_without_a_share_gets_what_others_leave()
    {
        var (first, guest) = (_farm.Show("first", 5000), _farm.Show("guest", 0));
        _farm.Work(guest);
        _farm.GoOn(0.1);
        Assert.Equal(80, _farm.CoresOf(guest));
        _farm.Work(first, jobs: 1, frames: 200);
        _farm.GoOn(0.3);
        Assert.Equal(0, _farm.CoresOf(guest));
        _farm.GoOn(2);
        Assert.Equal(80, _farm.CoresOf(guest));
    }

    [Fact]
    public void Groups_share_what_their_show_has_by_their_minimum_cores()
    {
        var show = _farm.Show("show", 5000);
        var (comp, light) = (SharedFarm.Group(_farm.Farm, show, "comp", 3000), SharedFarm.Group(_farm.Farm, show, "light", 1500));
        _farm.Work(show, group: comp);
        _farm.Work(show, group: light);
        _farm.GoOn(6);
        Assert.InRange(_farm.Take(comp) / _farm.Take(light), 1.85, 2.15);
    }

    [Fact]
    public void In_a_group_jobs_go_by_priority_and_then_the_older_first()
    {
        var policy = new FairSharePolicy();
        var show = _farm.Show("show", 5000);
        var (old, young) = (_farm.Work(show, jobs: 1)[0].Job, _farm.Work(show, jobs: 1)[0].Job);
        Assert.True(Rank(old).CompareTo(Rank(young)) < 0);
        _farm.Farm.Edit.Set(young, young.Row with { Priority = 2 });
        Assert.True(Rank(old).CompareTo(Rank(young)) > 0);

        JobRank Rank(Job job) => policy.RankOf(job, default);
    }

    [Fact]
    public void What_was_used_of_late_survives_a_restart()
    {
        var farm = new TestFarm();
        var general = farm.Model.Allocations.Find("local.general")!;
        var subscription = general.Subscriptions.Values.First();
        var layer = farm.Submit("comp", SpecText.Layer("render", "1-2")).Layers[0];
        var run = farm.Book(layer);
        farm.Clock.Pass(TimeSpan.FromHours(4));
        farm.Complete(run);
        farm.Do(ShareUse.Store);
        var before = Average(subscription);
        Assert.InRange(before, 49, 51);

        farm.Clock.Pass(TimeSpan.FromHours(1));
        var after = Average(subscription);
        farm.Restart();
        var loaded = farm.Model.Subscriptions[subscription.Id];
        Assert.Equal(after, Average(loaded), 0.1);
        Assert.True(after < before);
        Assert.Equal(after, loaded.Show.RootGroup.Meter.At(farm.Clock.Now.EngineMs, 0, farm.Model.Settings.FairShareHalfLifeMs), 0.1);

        double Average(Subscription of) => of.Meter.At(farm.Clock.Now.EngineMs, of.Use.CorePoints, farm.Model.Settings.FairShareHalfLifeMs);
    }

    [Fact]
    public void Only_what_the_store_could_not_work_out_is_stored_and_nothing_is_looked_at_again_for_it()
    {
        var farm = new TestFarm();
        var layer = farm.Submit("comp", SpecText.Layer("render", "1-2")).Layers[0];
        farm.Clock.Pass(TimeSpan.FromHours(20));
        farm.Book(layer);
        farm.Clock.Pass(TimeSpan.FromHours(1));
        farm.Do(ShareUse.Store);
        Assert.NotEmpty(farm.LastChanges.Table<ShareUseRow>().Upserts);
        farm.Model.Marks.Everything = false;
        farm.Clock.Pass(TimeSpan.FromHours(5));
        farm.Do(ShareUse.Store);
        Assert.True(farm.LastChanges.IsEmpty);
        Assert.False(farm.Model.Marks.Everything);
    }

    [Fact]
    public void The_meter_of_a_subscription_that_is_gone_is_forgotten()
    {
        var farm = new TestFarm();
        var layer = farm.Submit("comp", SpecText.Layer("render", "1-2")).Layers[0];
        var run = farm.Book(layer);
        farm.Clock.Pass(TimeSpan.FromHours(1));
        farm.Complete(run);
        farm.Do(ShareUse.Store);
        var subscription = farm.Model.Subscriptions[farm.Model.ShareUses.Keys.First(farm.Model.Subscriptions.ContainsKey)];
        farm.Do(edit => edit.Remove(subscription));
        farm.Do(ShareUse.Store);
        Assert.False(farm.Model.ShareUses.ContainsKey(subscription.Id));
        Assert.Empty(FarmInvariants.Check(FarmLoader.Build(farm.Store.Rows(), farm.Model.Settings)));
    }
}
