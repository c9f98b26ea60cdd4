using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>What is said of layers, jobs and shows: their frames by reason.</summary>
public sealed class GroupedTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_layer_says_its_frames_by_reason_the_most_first()
    {
        _farm.Host("a", cores: 200);
        var layer = _farm.Work("x", frames: 8);
        _farm.Edit.SetFrame(layer, 0, layer.Frames[0] with { State = FrameState.Succeeded });
        _farm.Pass();

        var answer = _farm.Explain(layer);

        Assert.Equal(
            [(ReasonCode.NoHostNow, 5), (ReasonCode.Running, 2), (ReasonCode.Succeeded, 1)], answer.Groups.Select(g => (g.Reason.Code, g.Frames)));
        Assert.Equal(["0004-x", "0005-x", "0006-x"], answer.Groups[0].Examples);
    }

    [Fact]
    public void A_layer_that_is_done_looks_at_no_host()
    {
        _farm.Host("a");
        var layer = _farm.Work("x");
        _farm.Pass();
        _farm.Finish(layer, 0);

        var answer = _farm.Explain(layer);

        Assert.Equal((null, null, 0), (answer.Hosts, answer.Place, answer.Reasons.Count));
        Assert.Equal(ReasonCode.Succeeded, Assert.Single(answer.Groups).Reason.Code);
    }

    [Fact]
    public void A_job_puts_layers_of_one_reason_together()
    {
        _farm.Host("a", cores: 100);
        var nuke = _farm.Limit("nuke", 0);
        var first = _farm.Work("first", frames: 2);
        _farm.Work("comp1", frames: 3, of: first.Job, limit: nuke);
        _farm.Work("comp2", frames: 4, of: first.Job, limit: nuke);
        _farm.Work("fat", frames: 1, of: first.Job, memoryGib: 900);
        _farm.Pass();

        var answer = _farm.Explain(first.Job);

        Assert.Equal(
            [(ReasonCode.LimitReached, 2, 7L), (ReasonCode.Running, 1, 1L), (ReasonCode.NoHostEver, 1, 1L), (ReasonCode.NoHostNow, 1, 1L)],
            answer.Groups.Select(g => (g.Reason.Code, g.Layers, g.Frames)));
        Assert.Equal(["comp1", "comp2"], answer.Groups[0].Examples);
        Assert.Equal(["first", "comp1", "comp2", "fat"], answer.Layers.Select(l => l.Layer));
    }

    [Fact]
    public void Layers_that_need_the_same_are_looked_at_together()
    {
        var first = _farm.Work("first");
        for (var i = 0; i < 40; i++)
        {
            _farm.Work($"more{i}", of: first.Job, memoryGib: 1 + (i % 2));
        }

        var explanation = new JobExplanation(_ => first.Job) { Context = _farm.View() };
        explanation.Begin();

        Assert.Equal(2, explanation.Needs);
    }

    [Fact]
    public void A_job_of_very_many_needs_is_explained_as_far_as_it_can_be()
    {
        _farm.Host("a");
        var first = _farm.Work("first");
        for (var i = 2; i < 100; i++)
        {
            _farm.Work($"more{i}", of: first.Job, memoryGib: i);
        }

        var explanation = new JobExplanation(_ => first.Job) { Context = _farm.View() };
        var answer = explanation.Make();

        Assert.Equal(64, explanation.Needs);
        Assert.Contains(answer.Groups, g => g.Reason.Code == ReasonCode.NoHostEver);
        Assert.Equal(35, answer.Groups.Where(g => g.Reason.Code == ReasonCode.NotLookedAt).Sum(g => g.Layers));
    }

    [Fact]
    public void A_show_says_its_shares_and_what_holds_its_layers()
    {
        _farm.Host("a", cores: 1100);
        var show = _farm.NewShow("film", 100, 200);
        _farm.Work("running", frames: 5, show: show);
        _farm.Work("paused1", frames: 2, show: show, withJob: j => j with { Paused = true });
        _farm.Work("paused2", frames: 3, show: show, withJob: j => j with { Paused = true });
        _farm.Work("fat", frames: 4, show: show, memoryGib: 900);
        _farm.Work("other", frames: 9);
        _farm.Pass();

        var answer = _farm.Explain(show);

        var share = Assert.Single(answer.Shares);
        Assert.Equal(("local.general", 200, 100, 200, 1), (share.Allocation, share.Use, share.Size, share.Burst, share.Hosts));
        Assert.Equal(ReasonCode.ShowAtBurst, Assert.Single(answer.Reasons).Code);
        Assert.Equal(
            [(ReasonCode.ShowAtBurst, 2, 7L), (ReasonCode.JobPaused, 2, 5L), (ReasonCode.Running, 1, 2L)],
            answer.Groups.Select(g => (g.Reason.Code, g.Layers, g.Frames)));
        Assert.Equal(["film-s-u_paused1 paused1", "film-s-u_paused2 paused2"], answer.Groups[1].Examples.Order());
        Assert.EndsWith("So it is, or much like it, with 1 other layer.", answer.Groups[1].Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_show_without_any_subscription_says_so()
    {
        var show = _farm.NewShow("film", 100, 200);
        _farm.Edit.Remove(show.Subscriptions[0]);

        Assert.Equal(ReasonCode.NoSubscription, Assert.Single(_farm.Explain(show).Reasons).Code);
    }

    [Fact]
    public void A_show_of_very_many_needs_looks_for_those_of_most_frames()
    {
        _farm.Host("a");
        for (var i = 0; i < ShowExplanation.MostNeeds + 10; i++)
        {
            _farm.Work($"w{i}", frames: 100 - i, memoryGib: 900 + i);
        }

        var answer = _farm.Explain(_farm.Show);

        Assert.Equal(10, answer.LayersLeftOut);
        Assert.Equal((ReasonCode.NoHostEver, ShowExplanation.MostNeeds), (answer.Groups[0].Reason.Code, answer.Groups[0].Layers));
    }

    [Fact]
    public void What_has_left_the_farm_meanwhile_is_not_found()
    {
        var layer = _farm.Work("x");
        var explanation = new LayerExplanation(_ => layer) { Context = _farm.View() };
        explanation.Begin();
        _farm.Edit.Remove(layer);

        Assert.Equal(Refusal.NotFound, Assert.Throws<FarmException>(explanation.End).Refusal);
    }

    [Fact]
    public void An_explanation_changes_nothing()
    {
        _farm.Host("a", cores: 300, tags: ["fast"]);
        _farm.Host("b", mode: ThreadMode.All);
        var layer = _farm.Work("x", frames: 9, tags: ["fast"]);
        _farm.Edit.SetFrame(layer, 3, layer.Frames[3] with { DispatchOrder = -1 });

        _farm.Explain(layer);
        _farm.Explain(layer, 2);

        Assert.False(layer.Waiting.IsSorted);
        _farm.Pass();
        Assert.Equal("a a - a - - - - -", SchedulingFarm.Places(layer));
    }
}
