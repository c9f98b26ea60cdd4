using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>What is said when jobs are submitted that no host can run.</summary>
public sealed class SubmissionCheckTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_layer_that_no_host_can_run_is_named_with_the_cause_and_the_way_out()
    {
        _farm.Host("a", memoryGib: 64);
        var layer = _farm.Work("fat", memoryGib: 512);
        _farm.Work("fine", of: layer.Job);

        Assert.Equal(
            "the layer fat of testing-s-u_fat waits until the farm changes, no host can run it: A frame needs 512.0 GiB of memory; a, the only host that "
            + "would suit otherwise, has 64.0 GiB. Ask for 64.0 GiB or less, or add a host with more.",
            Assert.Single(Check(layer.Job)));
    }

    [Fact]
    public void Hosts_that_are_down_locked_or_busy_will_do()
    {
        var host = _farm.Host("a");
        _farm.Work("filler", frames: 8);
        _farm.Pass();
        _farm.Edit.Set(host, host.Row with { State = HardwareState.Down, Locked = true });

        Assert.Empty(Check(_farm.Work("x").Job));
    }

    [Fact]
    public void A_paused_job_and_one_that_waits_are_looked_at_too()
    {
        _farm.Host("a");

        Assert.Single(Check(_farm.Work("x", memoryGib: 512, withJob: j => j with { Paused = true }).Job));
    }

    [Fact]
    public void A_cap_that_is_smaller_than_one_frame_is_named()
    {
        var job = _farm.Work("x", minCores: 400, threadable: true, limit: _farm.Limit("none", 0), withJob: j => j with { MaxCores = 200 }).Job;

        var found = Check(job);

        Assert.Equal(2, found.Count);
        Assert.Equal(
            "the layer x of testing-s-u_x waits until a cap changes: A frame needs 4 cores, and the job testing-s-u_x may have 2 at most. "
            + "Raise the job's maximum of cores.",
            found[0]);
        Assert.Contains("The limit none lets nothing run", found[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_cap_that_is_used_up_for_now_is_not()
    {
        _farm.Host("a");
        var limit = _farm.Limit("one", 1);
        _farm.Work("filler", limit: limit);
        _farm.Pass();

        Assert.Empty(Check(_farm.Work("x", limit: limit).Job));
    }

    [Fact]
    public void A_post_job_is_looked_at_with_its_job()
    {
        _farm.Host("a");
        var job = _farm.Work("x").Job;
        _farm.Work("post", tags: ["nowhere"], withJob: j => j with { State = JobState.Posted, PostJobOf = job.Id });

        Assert.Contains("the layer post of testing-s-u_post", Assert.Single(Check(job)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_facility_without_hosts_is_being_set_up_so_nothing_is_said() => Assert.Empty(Check(_farm.Work("x", memoryGib: 512).Job));

    [Fact]
    public void Hosts_that_the_show_may_not_use_do_not_count()
    {
        _farm.Host("a", allocation: _farm.Farm.Allocations.Find("local.unassigned"));

        Assert.Contains("has a subscription", Assert.Single(Check(_farm.Work("x", tags: []).Job)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_host_far_behind_all_others_is_found()
    {
        for (var i = 0; i < 1200; i++)
        {
            _farm.Host($"h{i}");
        }

        var layer = _farm.Work("x", memoryGib: 100);
        Assert.Single(Check(layer.Job));
        _farm.Host("large", memoryGib: 128);

        Assert.Empty(Check(layer.Job));
    }

    private IReadOnlyList<string> Check(Job job) => new SubmissionCheck([job.Id]) { Context = _farm.View() }.Make();
}
