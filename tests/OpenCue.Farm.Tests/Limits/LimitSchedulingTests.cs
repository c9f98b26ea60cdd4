using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Shows;
using OpenCue.Farm.Tests.Scheduling;

namespace OpenCue.Farm.Tests.Limits;

/// <summary>What the scheduler makes of limits.</summary>
public sealed class LimitSchedulingTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void Frames_under_a_limit_of_hosts_are_packed_on_as_many_hosts_as_it_has()
    {
        var limit = Limit("katana", 2, LimitKind.Host);
        for (var i = 0; i < 5; i++)
        {
            _farm.Host($"h{i}", cores: 400);
        }

        var layer = _farm.Work("work", frames: 20, limit: limit);
        _farm.Pass();
        Assert.Equal((2, 8), (limit.Tokens, layer.Runs.Count));
        Assert.All(limit.HoldersByHost.Values, frames => Assert.Equal(4, frames));
    }

    [Fact]
    public void A_token_that_is_given_back_is_used_on_another_host()
    {
        var limit = Limit("katana", 1, LimitKind.Host);
        var (one, two) = (_farm.Host("one", cores: 100), _farm.Host("two", cores: 100));
        var layer = _farm.Work("work", frames: 3, limit: limit);
        _farm.Pass();
        Assert.Single(layer.Runs);
        var first = layer.Runs.Values.Single();
        _farm.Edit.Set(first.Host, first.Host.Row with { Locked = true });
        _farm.Finish(layer, first.Ordinal);
        _farm.Pass();
        Assert.Equal(first.Host == one ? two : one, layer.Runs.Values.Single().Host);
    }

    [Fact]
    public void Users_beyond_a_limit_of_users_wait_and_others_go_on()
    {
        var limit = Limit("mari", 1, LimitKind.User);
        _farm.Host("h", cores: 800);
        var first = _farm.Work("one", frames: 2, limit: limit, withJob: job => job with { User = "ann" });
        var second = _farm.Work("two", frames: 2, limit: limit, withJob: job => job with { User = "bob" });
        var third = _farm.Work("three", frames: 2, limit: limit, withJob: job => job with { User = "ann" });
        _farm.Pass();
        Assert.Equal((2, 0, 2), (first.Runs.Count, second.Runs.Count, third.Runs.Count));
        foreach (var (layer, ordinal) in new[] { (first, 0), (first, 1), (third, 0), (third, 1) })
        {
            _farm.Finish(layer, ordinal);
        }

        _farm.Pass();
        Assert.Equal(2, second.Runs.Count);
    }

    [Fact]
    public void A_maximum_that_is_lowered_lets_what_runs_end_and_starts_nothing_until_there_is_room()
    {
        var limit = _farm.Limit("nuke", 4);
        _farm.Host("h", cores: 800);
        var layer = _farm.Work("work", frames: 9, limit: limit);
        _farm.Pass();
        LimitRules.Change(_farm.Edit, limit, maxValue: 2);
        _farm.Pass();
        Assert.Equal(4, layer.Runs.Count);
        _farm.Finish(layer, 0);
        _farm.Finish(layer, 1);
        _farm.Pass();
        Assert.Equal(2, layer.Runs.Count);
        _farm.Finish(layer, 2);
        _farm.Pass();
        Assert.Equal(2, layer.Runs.Count);
        LimitRules.Change(_farm.Edit, limit, maxValue: 5);
        _farm.Pass();
        Assert.Equal(5, layer.Runs.Count);
    }

    [Fact]
    public void A_place_on_a_host_without_the_token_takes_another_layer_of_its_job()
    {
        var limit = Limit("katana", 1, LimitKind.Host);
        _farm.Host("one", cores: 100);
        var taker = _farm.Work("taker", priority: 9, limit: limit);
        _farm.Pass();
        Assert.Single(taker.Runs);
        _farm.Host("two", cores: 100);
        var first = _farm.Work("first", frames: 3);
        _farm.Pass();
        var second = _farm.Work("second", frames: 3, of: first.Job, limit: limit, with: row => row with { DispatchOrder = 0 });
        Assert.Equal(ProcFate.NextFrame, _farm.Finish(first, 0));
        Assert.Equal((1, 0), (first.Runs.Count, second.Runs.Count));
    }

    [Fact]
    public void A_capped_host_gets_no_more_procs_than_it_may_have_and_more_when_the_cap_goes()
    {
        var host = _farm.Host("h", cores: 800);
        var layer = _farm.Work("work", frames: 9);
        _farm.Edit.Set(host, host.Row with { MaxProcs = 3 });
        _farm.Pass();
        Assert.Equal(3, layer.Runs.Count);
        Assert.Equal(ProcFate.NextFrame, _farm.Finish(layer, 0));
        _farm.Pass();
        Assert.Equal(3, host.Procs.Count);
        _farm.Edit.Set(host, host.Row with { MaxProcs = 0 });
        _farm.Pass();
        Assert.Equal(8, host.Procs.Count);
    }

    [Fact]
    public void A_job_that_leaves_a_capped_group_leaves_room_for_the_others()
    {
        _farm.Host("h", cores: 800);
        var group = new Group(new GroupRow { Id = _farm.Edit.NewId(), ShowId = _farm.Show.Id, ParentId = _farm.Show.RootGroup.Id, Name = "capped", MaxCores = 200 }, _farm.Show);
        _farm.Edit.Add(group);
        var (first, second) = (_farm.Work("first", frames: 2), _farm.Work("second", frames: 2));
        foreach (var job in new[] { first.Job, second.Job })
        {
            _farm.Edit.Set(job, job.Row with { GroupId = group.Id });
        }

        _farm.Pass();
        Assert.Equal((2, 0), (first.Runs.Count, second.Runs.Count));
        _farm.Edit.Set(first.Job, first.Job.Row with { GroupId = _farm.Show.RootGroup.Id });
        _farm.Pass();
        Assert.Equal(2, second.Runs.Count);
    }

    private Limit Limit(string name, int maximum, LimitKind kind) => LimitRules.Create(_farm.Edit, name, maximum, kind);
}
