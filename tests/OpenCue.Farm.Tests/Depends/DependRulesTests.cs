using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Depends;

/// <summary>What each type of depend holds, what satisfies it, and what a new one meets.</summary>
public sealed class DependRulesTests
{
    private readonly TestFarm _farm = new();
    private readonly Job _er;
    private readonly Job _on;

    public DependRulesTests()
    {
        _er = _farm.Submit("waiter", Layer("one1", "1-3"), Layer("two2", "1-3"));
        _on = _farm.Submit("waited", Layer("one1", "1-3"), Layer("two2", "1-3"));
    }

    private Layer Er => _er.Layers[0];

    private Layer On => _on.Layers[0];

    /// <summary>Each type, how many frames it holds, and whether a frame's success, the layer's, and the job's end satisfy it.</summary>
    public static TheoryData<DependType, int, bool, bool, bool> Types => new()
    {
        { DependType.JobOnJob, 6, false, false, true },
        { DependType.JobOnLayer, 6, false, true, true },
        { DependType.JobOnFrame, 6, true, true, true },
        { DependType.LayerOnJob, 3, false, false, true },
        { DependType.LayerOnLayer, 3, false, true, true },
        { DependType.LayerOnFrame, 3, true, true, true },
        { DependType.FrameOnJob, 1, false, false, true },
        { DependType.FrameOnLayer, 1, false, true, true },
        { DependType.FrameOnFrame, 1, true, true, true },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void A_depend_holds_its_frames_until_what_it_waits_for_is_done(DependType type, int held, bool byFrame, bool byLayer, bool byJob)
    {
        var depend = Create(type);
        Assert.Equal((held, true), (_er.Frames[FrameState.Depend], depend.Row.Active));

        _farm.RunFrame(On, 0);
        Assert.Equal(byFrame ? 0 : held, _er.Frames[FrameState.Depend]);
        _farm.RunAll(On);
        Assert.Equal(byLayer ? 0 : held, _er.Frames[FrameState.Depend]);
        _farm.RunAll(_on.Layers[1]);
        Assert.Equal(byJob ? 0 : held, _er.Frames[FrameState.Depend]);
        Assert.False(depend.Row.Active);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_kill_of_the_job_releases_only_what_waits_for_the_whole_job(
        DependType type, int held, bool byFrame, bool byLayer, bool byJob)
    {
        Create(type);

        _farm.Do(edit => JobRules.Kill(edit, _on, "tester", "because"));

        Assert.Equal(byFrame || byLayer ? held : 0, _er.Frames[FrameState.Depend]);
        Assert.True(byJob);
    }

    [Fact]
    public void A_frame_held_by_two_waits_for_both()
    {
        Create(DependType.LayerOnFrame);
        Create(DependType.FrameOnLayer);
        Assert.Equal([2, 1, 1], Counts(Er));

        _farm.RunFrame(On, 0);
        Assert.Equal([1, 0, 0], Counts(Er));
        Assert.Equal([FrameState.Depend, FrameState.Waiting, FrameState.Waiting], States(Er));

        _farm.RunAll(On);
        Assert.Equal([FrameState.Waiting, FrameState.Waiting, FrameState.Waiting], States(Er));
    }

    [Fact]
    public void Any_frame_is_satisfied_by_the_first_that_succeeds_and_not_by_one_that_fails()
    {
        var depend = _farm.Do(
            edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(Er), DependEnd.Of(On), anyFrame: true));

        _farm.RunFrame(On, 1, exitStatus: 1);
        Assert.True(depend.Row.Active);
        _farm.RunFrame(On, 2);

        Assert.Equal((false, 3), (depend.Row.Active, Er.Counts[FrameState.Waiting]));
    }

    [Fact]
    public void Any_frame_on_a_layer_with_a_success_is_born_satisfied()
    {
        _farm.RunFrame(On, 2);

        Assert.False(
            _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(Er), DependEnd.Of(On), anyFrame: true)).Row.Active);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_person_eats_satisfies_nothing_and_what_is_eaten_by_itself_only_if_the_farm_says_so(bool farmSaysSo)
    {
        var farm = new TestFarm(new FarmSettings { SatisfyOnlyOnFrameSuccess = !farmSaysSo });
        var er = farm.Submit("waiter", Layer("bg", "1-2"));
        var on = farm.Submit(Of(Job("waited", Layer("bg", "1-2"), Layer("fg", "1")) with { AutoEat = true }))[0];
        farm.Do(edit => DependRules.Create(edit, DependType.FrameByFrame, DependEnd.Of(er.Layers[0]), DependEnd.Of(on.Layers[0])));

        farm.Do(edit => FrameOperations.Eat(edit, on.Layers[0], 0, "tester", ""));
        farm.RunFrame(on.Layers[0], 1, exitStatus: 1);

        Assert.Equal([FrameState.Depend, farmSaysSo ? FrameState.Waiting : FrameState.Depend], States(er.Layers[0]));
    }

    [Fact]
    public void A_layer_whose_last_frame_succeeds_is_done_even_if_others_were_eaten()
    {
        Create(DependType.LayerOnLayer);
        _farm.Do(edit => FrameOperations.Eat(edit, On, 0, "tester", ""));
        _farm.RunFrame(On, 1);
        _farm.RunFrame(On, 2);

        Assert.Equal(3, Er.Counts[FrameState.Waiting]);
    }

    [Fact]
    public void A_layer_whose_last_frame_is_eaten_goes_on_being_waited_for_until_it_is_marked_as_done()
    {
        Create(DependType.LayerOnLayer);
        _farm.RunFrame(On, 0);
        _farm.RunFrame(On, 1);
        _farm.Do(edit => FrameOperations.Eat(edit, On, 2, "tester", ""));
        Assert.Equal(3, Er.Counts[FrameState.Depend]);

        _farm.Do(edit => DependRules.SatisfyLayer(edit, On));

        Assert.Equal(3, Er.Counts[FrameState.Waiting]);
    }

    [Theory]
    [InlineData(DependType.JobOnLayer)]
    [InlineData(DependType.JobOnFrame)]
    [InlineData(DependType.LayerOnLayer)]
    [InlineData(DependType.LayerOnFrame)]
    [InlineData(DependType.FrameOnLayer)]
    [InlineData(DependType.FrameOnFrame)]
    [InlineData(DependType.FrameByFrame)]
    public void On_what_is_done_or_eaten_a_depend_is_born_satisfied_and_holds_nobody(DependType type)
    {
        _farm.RunFrame(On, 0);
        _farm.Do(edit => FrameOperations.Eat(edit, On, 1, "tester", ""));
        _farm.Do(edit => FrameOperations.Eat(edit, On, 2, "tester", ""));

        var depend = Create(type);

        Assert.Equal((false, 0), (depend.Row.Active, _er.Frames[FrameState.Depend]));
        Assert.NotEqual(0, depend.Row.SatisfiedAtMs);
        Assert.Equal(type != DependType.FrameByFrame, ReferenceEquals(depend, Create(type)));
    }

    [Theory]
    [InlineData(DependType.JobOnJob)]
    [InlineData(DependType.LayerOnJob)]
    [InlineData(DependType.FrameOnJob)]
    public void On_a_job_that_is_complete_or_was_killed_a_depend_is_refused(DependType type)
    {
        _farm.Do(edit => JobRules.Kill(edit, _on, "tester", "because"));

        Assert.Equal("The job you are depending on is already complete.", Assert.Throws<FarmException>(() => Create(type)).Message);
    }

    [Fact]
    public void Nothing_can_wait_for_itself_or_for_what_it_is_a_part_of()
    {
        var (job, layer, frame) = (new DependEnd(_er), DependEnd.Of(Er), DependEnd.Of(Er, 0));
        foreach (var (type, er, on) in new[]
        {
            (DependType.JobOnJob, job, job), (DependType.JobOnLayer, job, layer), (DependType.JobOnFrame, job, frame),
            (DependType.LayerOnJob, layer, job), (DependType.LayerOnLayer, layer, layer), (DependType.LayerOnFrame, layer, frame),
            (DependType.FrameOnJob, frame, job), (DependType.FrameOnLayer, frame, layer), (DependType.FrameOnFrame, frame, frame),
            (DependType.FrameByFrame, layer, layer), (DependType.LayerOnSimFrame, layer, frame),
        })
        {
            var error = Assert.Throws<FarmException>(() => _farm.Do(edit => DependRules.Create(edit, type, er, on)));
            Assert.Contains("can't depend on", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(_farm.Model.Depends);
    }

    [Fact]
    public void Ends_of_the_wrong_kind_are_refused() =>
        Assert.Throws<FarmException>(() => _farm.Do(
            edit => DependRules.Create(edit, DependType.LayerOnLayer, new DependEnd(_er), DependEnd.Of(On))));

    [Fact]
    public void What_is_finished_can_wait_for_nothing()
    {
        _farm.Do(edit => JobRules.Kill(edit, _er, "tester", "because"));

        Assert.Equal(Refusal.FailedPrecondition, Assert.Throws<FarmException>(() => Create(DependType.LayerOnLayer)).Refusal);
    }

    [Theory]
    [InlineData(DependType.JobOnJob)]
    [InlineData(DependType.LayerOnLayer)]
    [InlineData(DependType.FrameOnFrame)]
    [InlineData(DependType.FrameByFrame)]
    [InlineData(DependType.PreviousFrame)]
    [InlineData(DependType.LayerOnSimFrame)]
    public void The_same_depend_again_is_the_one_that_is_there(DependType type)
    {
        var first = Create(type);

        Assert.Same(first, Create(type));
        Assert.Single(_farm.Model.Depends);
    }

    [Theory]
    [InlineData(DependType.LayerOnLayer)]
    [InlineData(DependType.FrameByFrame)]
    public void After_it_was_dropped_a_depend_can_be_made_anew(DependType type)
    {
        var first = Create(type);
        _farm.Do(edit => DependRules.DropOf(edit, Er, DependTarget.Any));
        Assert.Equal(3, Er.Counts[FrameState.Waiting]);

        Assert.NotSame(first, Create(type));
        Assert.Equal([1, 1, 1], Counts(Er));
    }

    [Fact]
    public void Frames_that_have_run_are_held_by_a_new_depend_too_but_eaten_ones_stay_eaten()
    {
        var layer = _farm.Submit(Of(Job("third", Layer("bg", "1-3"), Layer("fg", "1")) with { MaxRetries = 0 }))[0].Layers[0];
        _farm.RunFrame(layer, 0);
        _farm.RunFrame(layer, 1, exitStatus: 1);
        _farm.Do(edit => FrameOperations.Eat(edit, layer, 2, "tester", ""));

        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(layer), DependEnd.Of(On)));

        Assert.Equal([FrameState.Depend, FrameState.Depend, FrameState.Eaten], States(layer));
        _farm.RunAll(On);
        Assert.Equal([FrameState.Waiting, FrameState.Waiting, FrameState.Eaten], States(layer));
    }

    [Fact]
    public void A_frame_that_runs_when_a_depend_comes_stays_succeeded_if_it_succeeds_and_is_held_if_it_fails()
    {
        var (good, bad) = (_farm.Book(Er, 0), _farm.Book(Er, 1));
        Create(DependType.LayerOnLayer);
        Assert.Equal([FrameState.Running, FrameState.Running, FrameState.Depend], States(Er));

        _farm.Complete(good);
        _farm.Complete(bad, 1);

        Assert.Equal([FrameState.Succeeded, FrameState.Depend, FrameState.Depend], States(Er));
        Assert.Equal([1, 1, 1], Counts(Er));
        _farm.RunAll(On);
        Assert.Equal([FrameState.Succeeded, FrameState.Waiting, FrameState.Waiting], States(Er));
    }

    [Fact]
    public void A_frame_by_frame_depend_with_a_single_chunk_on_one_side_is_one_of_layers()
    {
        var on = _farm.Submit("chunked", Layer("bg", "1-3", chunk: 5)).Layers[0];

        var depend = _farm.Do(edit => DependRules.Create(edit, DependType.FrameByFrame, DependEnd.Of(Er), DependEnd.Of(on)));

        Assert.Equal(DependType.LayerOnLayer, depend.Row.Type);
    }

    [Fact]
    public void Frame_by_frame_on_the_tiles_of_another_job_is_refused()
    {
        var on = _farm.Submit("tiles", Layer("bg_tile_1", "1-3")).Layers[0];

        Assert.Throws<FarmException>(() => _farm.Do(
            edit => DependRules.Create(edit, DependType.FrameByFrame, DependEnd.Of(Er), DependEnd.Of(on))));
    }

    [Theory]
    [InlineData(DependTarget.Internal, 2)]
    [InlineData(DependTarget.External, 1)]
    [InlineData(DependTarget.Any, 0)]
    public void A_drop_reaches_the_depends_that_are_meant(DependTarget target, int left)
    {
        Create(DependType.JobOnJob);
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(Er), DependEnd.Of(_er.Layers[1])));
        Create(DependType.FrameOnFrame);
        Assert.Equal([3, 2, 2], Counts(Er));

        _farm.Do(edit => DependRules.DropOf(edit, _er, target));

        Assert.Equal(
            target switch { DependTarget.Internal => [2, 1, 1], DependTarget.External => [1, 1, 1], _ => new[] { 0, 0, 0 } }, Counts(Er));
        Assert.Equal(left, _er.WaitsOn.Count(d => d.Row.Active));
    }

    [Fact]
    public void A_layers_drop_leaves_what_single_frames_and_the_job_wait_for()
    {
        Create(DependType.JobOnJob);
        Create(DependType.LayerOnLayer);
        Create(DependType.FrameOnFrame);
        Create(DependType.FrameByFrame);
        Assert.Equal([4, 3, 3], Counts(Er));

        _farm.Do(edit => DependRules.DropOf(edit, Er, DependTarget.Any));

        Assert.Equal([2, 1, 1], Counts(Er));
    }

    [Fact]
    public void A_frames_drop_reaches_its_own_depends_and_its_edges()
    {
        Create(DependType.LayerOnLayer);
        Create(DependType.FrameOnFrame);
        var edges = Create(DependType.FrameByFrame);

        _farm.Do(edit => DependRules.DropOf(edit, Er, 0, DependTarget.Any));

        Assert.Equal([1, 2, 2], Counts(Er));
        Assert.Equal((2, true), (edges.OpenEdges, edges.Row.Active));
    }

    [Fact]
    public void A_frame_marked_as_done_satisfies_what_waits_for_it_and_keeps_its_state()
    {
        Create(DependType.FrameByFrame);
        Create(DependType.LayerOnFrame);

        _farm.Do(edit => DependRules.SatisfyFrame(edit, On, 0));

        Assert.Equal([0, 1, 1], Counts(Er));
        Assert.Equal(FrameState.Waiting, On.Frames[0].State);
    }

    [Fact]
    public void A_depend_satisfied_by_hand_can_be_made_to_hold_again_if_it_is_of_the_right_type()
    {
        var layers = Create(DependType.LayerOnLayer);
        var job = Create(DependType.JobOnJob);
        _farm.Do(edit => DependRules.Satisfy(edit, layers.Id));
        _farm.Do(edit => DependRules.Satisfy(edit, job.Id));
        Assert.Equal([0, 0, 0], Counts(Er));

        _farm.Do(edit => DependRules.Unsatisfy(edit, layers.Id));

        Assert.Equal([1, 1, 1], Counts(Er));
        Assert.Equal((true, 0L), (layers.Row.Active, layers.Row.SatisfiedAtMs));
        Assert.Throws<FarmException>(() => _farm.Do(edit => DependRules.Unsatisfy(edit, job.Id)));
        Assert.Same(layers, Create(DependType.LayerOnLayer));
    }

    [Fact]
    public void An_unknown_depend_is_not_found() =>
        Assert.Equal(
            Refusal.NotFound, Assert.Throws<FarmException>(() => _farm.Do(edit => DependRules.Satisfy(edit, edit.NewId()))).Refusal);

    [Fact]
    public void Layers_that_wait_for_each_other_are_found_also_through_jobs()
    {
        Create(DependType.JobOnJob);
        Assert.Null(DependCycles.Find(_er.Layers));
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(On), DependEnd.Of(Er)));

        Assert.NotNull(DependCycles.Find(_er.Layers));
    }

    private Depend Create(DependType type) => _farm.Do(edit =>
    {
        var (er, on) = DependRules.Levels(type);
        return DependRules.Create(edit, type, End(_er, er), End(_on, on));
    });

    private static DependEnd End(Job job, int level) => level switch
    {
        0 => new DependEnd(job),
        1 => DependEnd.Of(job.Layers[0]),
        _ => DependEnd.Of(job.Layers[0], 0),
    };

    internal static int[] Counts(Layer layer) => [.. Enumerable.Range(0, layer.Frames.Length).Select(i => layer.Frames[i].DependCount)];

    internal static FrameState[] States(Layer layer) => [.. Enumerable.Range(0, layer.Frames.Length).Select(i => layer.Frames[i].State)];
}
