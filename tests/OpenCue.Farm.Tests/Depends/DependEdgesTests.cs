using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Depends;

/// <summary>Depends that join frames pairwise: one depend inside, one for each edge outside.</summary>
public sealed class DependEdgesTests
{
    private readonly TestFarm _farm = new();

    [Theory]
    [InlineData("1-10", 1, "1-10", 4, "0 0 0 0 1 1 1 1 2 2")]
    [InlineData("1-4", 1, "1-4", 1, "0 1 2 3")]
    [InlineData("1-4", 2, "1-4", 1, "0,1 2,3")]
    [InlineData("1-6", 1, "3-5", 1, "- - 0 1 2 -")]
    [InlineData("1-12", 2, "1-12", 3, "0 0,1 1 2 2,3 3")]
    [InlineData("5-1", 1, "1-5", 1, "4 3 2 1 0")]
    public void Frame_by_frame_joins_chunks_that_share_a_frame(string er, int erChunk, string on, int onChunk, string expected) =>
        Assert.Equal(expected, Edges(Depend(DependType.FrameByFrame, er, erChunk, on, onChunk)));

    [Theory]
    [InlineData("1-4", 1, "1-4", 1, "- 0 1 2")]
    [InlineData("1-4", 1, "1-2", 1, "- 0 1 -")]
    [InlineData("1-6", 2, "1-6", 2, "- 0 1")]
    [InlineData("1-6", 3, "1-6", 1, "- 2")]
    [InlineData("1-4", 1, "1-4", 2, "- 0 0 1")]
    public void Previous_frame_joins_a_chunk_to_the_one_with_the_frame_before_it(
        string er, int erChunk, string on, int onChunk, string expected) =>
        Assert.Equal(expected, Edges(Depend(DependType.PreviousFrame, er, erChunk, on, onChunk)));

    [Fact]
    public void A_previous_frame_depend_of_a_layer_on_itself_runs_it_in_order()
    {
        var layer = _farm.Submit(Of("sim", Layer("bg", "1-4")).With(SpecText.Depend("PREVIOUS_FRAME", "sim/bg", "sim/bg")))[0].Layers[0];
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal((i, 1), (layer.Waiting.First(), layer.Counts[FrameState.Waiting]));
            _farm.RunFrame(layer, i);
        }

        Assert.Equal(JobState.Finished, layer.Job.Row.State);
    }

    [Fact]
    public void Layer_on_sim_frame_holds_every_frame_until_that_one_succeeds()
    {
        var job = _farm.Submit(Of("comp", Layer("bg", "1-3"), Layer("sim", "7-9"))
            .With(SpecText.Depend("LAYER_ON_SIM_FRAME", "comp/bg", "comp/0008-sim")))[0];
        var depend = Assert.Single(_farm.Model.Depends.Values);
        Assert.Equal((DependType.LayerOnSimFrame, "1 1 1"), (depend.Row.Type, Edges(depend)));

        _farm.RunFrame(job.Layers[1], 0);
        Assert.Equal(3, job.Layers[0].Counts[FrameState.Depend]);
        _farm.RunFrame(job.Layers[1], 1);

        Assert.Equal((3, false), (job.Layers[0].Counts[FrameState.Waiting], depend.Row.Active));
    }

    [Fact]
    public void Edges_are_satisfied_one_by_one_and_the_depend_with_its_last()
    {
        var depend = Depend(DependType.FrameByFrame, "1-3", 1, "1-3", 1);
        var (er, on) = (depend.ErLayer!, depend.OnLayer!);

        _farm.RunFrame(on, 1);
        Assert.Equal([1, 0, 1], DependRulesTests.Counts(er));
        Assert.True(depend.Row.Active);
        _farm.RunFrame(on, 0);
        _farm.RunFrame(on, 2);

        Assert.Equal((false, 0, 3), (depend.Row.Active, depend.OpenEdges, er.Counts[FrameState.Waiting]));
    }

    [Fact]
    public void On_frames_that_are_done_no_edge_holds_from_the_start()
    {
        var on = _farm.Submit("waited", Layer("bg", "1-200"), Layer("rest", "1")).Layers[0];
        var er = _farm.Submit("waiter", Layer("bg", "1-200")).Layers[0];
        _farm.RunFrame(on, 0);
        _farm.RunFrame(on, 130);
        _farm.Do(edit => FrameOperations.Eat(edit, on, 64, "tester", ""));

        var depend = _farm.Do(edit => DependRules.Create(edit, DependType.FrameByFrame, DependEnd.Of(er), DependEnd.Of(on)));

        Assert.Equal((197, 3), (er.Counts[FrameState.Depend], er.Counts[FrameState.Waiting]));
        Assert.Equal((197, 3), (depend.OpenEdges, depend.Marks.Count));
        _farm.Restart();
        Assert.Equal(197, _farm.Model.Layers[er.Id].Counts[FrameState.Depend]);
    }

    [Fact]
    public void Clients_see_each_edge_as_a_depend_of_frames_with_an_id_that_stays()
    {
        var depend = Depend(DependType.FrameByFrame, "1-4", 2, "1-4", 1);
        var er = depend.ErLayer!;

        var seen = DependQueries.WhatThisDependsOn(er, 1).ToList();

        Assert.Equal(
            [(DependType.FrameOnFrame, 1, 2, true), (DependType.FrameOnFrame, 1, 3, true)], seen.Select(
                v => (v.Type, v.ErFrame!.Value, v.OnFrame!.Value, v.Active)));
        Assert.All(seen, view => Assert.Equal(view, DependQueries.Find(_farm.Model, view.Id)));
        Assert.Equal(
            4, Enumerable.Range(0, 2).SelectMany(i => DependQueries.WhatThisDependsOn(er, i)).Select(v => v.Id).Distinct().Count());
        _farm.Restart();
        Assert.Equal(seen.Select(v => v.Id), DependQueries.WhatThisDependsOn(_farm.Model.Layers[er.Id], 1).Select(v => v.Id));
    }

    [Fact]
    public void One_edge_alone_can_be_satisfied_and_made_to_hold_again()
    {
        var depend = Depend(DependType.FrameByFrame, "1-4", 2, "1-4", 1);
        var edge = DependQueries.EdgesOf(depend, 0).First();

        _farm.Do(edit => DependRules.Satisfy(edit, edge.Id));
        Assert.Equal([1, 2], DependRulesTests.Counts(depend.ErLayer!));
        Assert.False(DependQueries.Find(_farm.Model, edge.Id)!.Value.Active);

        _farm.Do(edit => DependRules.Unsatisfy(edit, edge.Id));
        Assert.Equal([2, 2], DependRulesTests.Counts(depend.ErLayer!));
    }

    [Fact]
    public void One_of_the_edges_on_a_finished_frame_can_be_made_to_hold_again()
    {
        var depend = Depend(DependType.FrameByFrame, "1-4", 1, "1-4", 2);
        _farm.RunAll(depend.OnLayer!);
        Assert.False(depend.Row.Active);

        _farm.Do(edit => DependRules.Unsatisfy(edit, DependQueries.EdgesOf(depend, 1).Single().Id));

        Assert.Equal([0, 1, 0, 0], DependRulesTests.Counts(depend.ErLayer!));
        Assert.Equal((true, 1), (depend.Row.Active, depend.OpenEdges));
    }

    [Fact]
    public void One_edge_of_a_depend_that_was_dropped_can_be_made_to_hold_again()
    {
        var depend = Depend(DependType.FrameByFrame, "1-3", 1, "1-3", 1);
        _farm.Do(edit => DependRules.DropOf(edit, depend.ErLayer!, DependTarget.Any));

        _farm.Do(edit => DependRules.Unsatisfy(edit, DependQueries.EdgesOf(depend, 2).Single().Id));

        Assert.Equal([0, 0, 1], DependRulesTests.Counts(depend.ErLayer!));
        Assert.Equal((true, 1), (depend.Row.Active, depend.OpenEdges));
    }

    [Fact]
    public void A_parent_satisfied_by_hand_lets_all_its_frames_go()
    {
        var depend = Depend(DependType.PreviousFrame, "1-3", 1, "1-3", 1);

        _farm.Do(edit => DependRules.Satisfy(edit, depend.Id));

        Assert.Equal([0, 0, 0], DependRulesTests.Counts(depend.ErLayer!));
        Assert.False(depend.Row.Active);
    }

    private Depend Depend(DependType type, string er, int erChunk, string on, int onChunk)
    {
        var onJob = _farm.Submit("waited", Layer("bg", on, onChunk), Layer("rest", "1"));
        var erJob = _farm.Submit("waiter", Layer("bg", er, erChunk));
        return _farm.Do(edit => DependRules.Create(edit, type, DependEnd.Of(erJob.Layers[0]), DependEnd.Of(onJob.Layers[0])));
    }

    /// <summary>For each er-frame the on-frames; and that the edges are the same seen from the other end.</summary>
    private static string Edges(Depend depend)
    {
        var edges = new HashSet<(int Er, int On)>();
        var words = new List<string>();
        var list = new List<int>();
        for (var er = 0; er < depend.ErLayer!.Frames.Length; er++)
        {
            DependEdges.OnFrames(depend, er, list);
            words.Add(list.Count == 0 ? "-" : string.Join(',', list));
            edges.UnionWith(list.Select(on => (er, on)));
        }

        var back = new HashSet<(int Er, int On)>();
        for (var on = 0; on < depend.OnLayer!.Frames.Length; on++)
        {
            DependEdges.ErFrames(depend, on, list);
            back.UnionWith(list.Select(er => (er, on)));
        }

        Assert.Equal(edges.Order(), back.Order());
        Assert.Equal(edges.Count, depend.OpenEdges);
        return string.Join(' ', words);
    }
}
