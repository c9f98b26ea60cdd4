using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Depends;

public sealed class DependQueriesTests
{
    private readonly TestFarm _farm = new();
    private readonly Job _er;
    private readonly Job _on;

    public DependQueriesTests()
    {
        _er = _farm.Submit("waiter", Layer("one1", "1-3"), Layer("two2", "1-3"));
        _on = _farm.Submit("waited", Layer("one1", "1-3"), Layer("two2", "1-3"));
        var ends = new[] { new DependEnd(_er), DependEnd.Of(_er.Layers[0]), DependEnd.Of(_er.Layers[0], 1) };
        foreach (var er in ends)
        {
            foreach (var on in new[] { new DependEnd(_on), DependEnd.Of(_on.Layers[0]), DependEnd.Of(_on.Layers[0], 1) })
            {
                _farm.Clock.PassSeconds(1);
                _farm.Do(edit => DependRules.Create(edit, DependRules.TypeOf(er, on), er, on));
            }
        }

        _farm.Do(edit => DependRules.Create(edit, DependType.FrameByFrame, ends[1], DependEnd.Of(_on.Layers[1])));
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnSimFrame, ends[1], DependEnd.Of(_on.Layers[1], 2)));
    }

    [Fact]
    public void A_job_is_waited_for_by_whatever_waits_for_a_part_of_it() =>
        Assert.Equal(11, DependQueries.WhatDependsOn(_on).Count());

    [Fact]
    public void A_layer_is_waited_for_by_what_waits_for_it_or_its_frames()
    {
        Assert.Equal(6, DependQueries.WhatDependsOn(_on.Layers[0]).Count());
        Assert.Equal([DependType.FrameByFrame, DependType.LayerOnSimFrame], DependQueries.WhatDependsOn(_on.Layers[1]).Select(v => v.Type));
    }

    [Fact]
    public void A_frame_is_waited_for_by_edges_too()
    {
        Assert.Equal(
            [DependType.JobOnFrame, DependType.LayerOnFrame, DependType.FrameOnFrame], DependQueries.WhatDependsOn(_on.Layers[0], 1).Select(
                v => v.Type));
        Assert.Equal([1], DependQueries.WhatDependsOn(_on.Layers[1], 1).Select(v => v.ErFrame!.Value));
        Assert.Equal(4, DependQueries.WhatDependsOn(_on.Layers[1], 2).Count(v => v.Type == DependType.FrameOnFrame));
    }

    [Fact]
    public void A_job_waits_as_a_whole_for_three_things() =>
        Assert.Equal(
            [DependType.JobOnJob, DependType.JobOnLayer, DependType.JobOnFrame], DependQueries.WhatThisDependsOn(_er).Select(v => v.Type));

    [Fact]
    public void A_layer_waits_for_what_its_frames_wait_for_as_well()
    {
        Assert.Equal(8, DependQueries.WhatThisDependsOn(_er.Layers[0]).Count());
        Assert.Empty(DependQueries.WhatThisDependsOn(_er.Layers[1]));
    }

    [Fact]
    public void A_frame_waits_for_what_its_job_and_layer_wait_for_as_well()
    {
        Assert.Equal(11, DependQueries.WhatThisDependsOn(_er.Layers[0], 1).Count());
        Assert.Equal(8, DependQueries.WhatThisDependsOn(_er.Layers[0], 0).Count());
        Assert.Equal(3, DependQueries.WhatThisDependsOn(_er.Layers[1], 0).Count());
        Assert.Equal(_er.Layers[0].Frames[1].DependCount, DependQueries.WhatThisDependsOn(_er.Layers[0], 1).Count(v => v.Active));
    }

    [Fact]
    public void All_of_a_jobs_depends_leave_out_single_frames_on_single_frames() =>
        Assert.Equal(10, DependQueries.DependsOf(_er).Count());

    [Fact]
    public void Jobs_on_either_side_make_a_depend_external() =>
        Assert.All(DependQueries.DependsOf(_er), v => Assert.Equal(DependTarget.External, v.Target));
}
