using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests;

/// <summary>The check is itself checked: each sort of damage is found and named.</summary>
public sealed class FarmInvariantsTests
{
    private readonly TestFarm _farm = new();
    private readonly Job _job;
    private readonly Run _run;
    private readonly Host _host;

    public FarmInvariantsTests()
    {
        _host = _farm.AddHost("host1");
        _job = _farm.Submit(Of("comp", Layer("aa1", "1-3"), Layer("bb2", "1-3"))
            .With(SpecText.Depend("FRAME_BY_FRAME", "comp/bb2", "comp/aa1")))[0];
        _run = _farm.Book(_job.Layers[0]);
    }

    private FarmModel Model => _farm.Model;

    [Fact]
    public void A_sound_farm_has_no_findings() => Assert.Empty(FarmInvariants.Check(Model));

    [Fact]
    public void Sums_that_drifted_are_found()
    {
        Finds("host host1 counts", () => _host.Reserved += new Resources(1, 0));
        Finds("group testing counts", () => _job.Group.Use += new Resources(1, 0));
        Finds(
            "subscription of testing on local.general counts", () => _host.Allocation.Subscriptions[_job.Show.Id].Use += new Resources(
                1, 0));
        Finds("job testing-shot-artist_comp counts", () => _job.Use += new Resources(0, 1));
        Finds("layer aa1 of job testing-shot-artist_comp counts", () => _job.Layers[0].Use += new Resources(0, 1));
        Finds("job testing-shot-artist_comp counts 0 runs", () => _job.OpenRuns--, () => _job.OpenRuns++);
        Finds("counts 5 frames Waiting", () => _job.FrameSums[FrameState.Waiting] += 3);
    }

    [Fact]
    public void A_host_that_gives_more_than_it_has_is_found()
    {
        _farm.Do(edit => edit.Set(_host, _host.Row with { Total = new Resources(50, 10) }));

        Finds("but its procs reserve", () => { });
    }

    [Fact]
    public void Frames_and_runs_that_do_not_match_are_found()
    {
        var (layer, run) = (_job.Layers[0], _run);
        Finds("is Running with 0 depends and no run", () => layer.Runs.Remove(0));
        Finds("is not the run of its frame", () => { });
        Finds("1 runs in the farm, 0 in its layers", () => { });
        layer.Runs.Add(0, run);
        Assert.Empty(FarmInvariants.Check(Model));
        Finds("is not in its proc", () => run.Proc.Run = null);
    }

    [Fact]
    public void A_frame_in_a_state_that_its_depends_forbid_is_found()
    {
        var layer = _job.Layers[1];
        layer.Put(0, layer.Frames[0] with { State = FrameState.Waiting });
        layer.Put(1, layer.Frames[1] with { DependCount = 5 });

        Finds("frame 0 of layer bb2 of job testing-shot-artist_comp is Waiting with 1 depends", () => { });
        Finds("counts 5 depends, 1 hold it", () => { });
    }

    [Fact]
    public void A_depend_that_miscounts_is_found()
    {
        var depend = Model.Depends.Values.Single();

        Finds("counts 4 open edges, there are 3", () => depend.OpenEdges++);
        depend.OpenEdges--;
        Finds("is not linked to both its ends", () => depend.OnLayer!.WaitedFor.Clear());
    }

    [Fact]
    public void A_job_in_a_state_that_it_can_not_be_in_is_found()
    {
        var post = _farm.Submit("other", Layer("bg", "1"), Layer("sheet", "1", type: LayerType.Post));
        _farm.Do(edit => edit.Set(post, post.Row with { State = JobState.Finished }));

        Finds("is finished and still holds its name", () => { });
        Finds("has not started although its parent has finished", () => { });
    }

    [Fact]
    public void Findings_are_bounded()
    {
        var layer = _farm.Submit("large", Layer("bg", "1-500")).Layers[0];
        for (var i = 0; i < 500; i++)
        {
            layer.Put(i, layer.Frames[i] with { DependCount = 1 });
        }

        Assert.Equal(100, FarmInvariants.Check(Model).Count);
        Assert.StartsWith("and ", FarmInvariants.Check(Model)[^1], StringComparison.Ordinal);
    }

    private void Finds(string words, Action damage, Action? mend = null)
    {
        damage();
        Assert.Contains(FarmInvariants.Check(Model), finding => finding.Contains(words, StringComparison.Ordinal));
        mend?.Invoke();
    }
}
