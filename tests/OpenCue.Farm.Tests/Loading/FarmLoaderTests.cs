using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Loading;

/// <summary>What a load makes of rows; that it makes the same farm again is a property of its own.</summary>
public sealed class FarmLoaderTests
{
    private readonly TestFarm _farm = new();
    private readonly Job _job;
    private readonly Run _run;

    public FarmLoaderTests()
    {
        _job = _farm.Submit(Of("comp", Layer("aa1", "1-3"), Layer("bb2", "1-3"))
            .With(SpecText.Depend("FRAME_BY_FRAME", "comp/bb2", "comp/aa1")))[0];
        _run = _farm.Book(_job.Layers[0]);
        _farm.RunFrame(_job.Layers[0], 1);
    }

    [Fact]
    public void States_that_follow_from_depends_are_worked_out_again()
    {
        var loaded = FarmLoader.Build(_farm.Store.Rows(), new FarmSettings()).Layers[_job.Layers[1].Id];

        Assert.Equal([FrameState.Depend, FrameState.Waiting, FrameState.Depend], loaded.Frames.ToArray().Select(f => f.State));
        Assert.Equal([1, 0, 1], loaded.Frames.ToArray().Select(f => f.DependCount));
    }

    [Fact]
    public void A_range_longer_than_todays_bound_loads()
    {
        var rows = _farm.Store.Rows();
        var layer = rows.Layers.Find(l => l.Id == _job.Layers[0].Id)!;
        rows.Layers[rows.Layers.IndexOf(layer)] = layer with { Range = "1-300000", FrameCount = 300_000 };
        var frames = rows.Frames[layer.Id];
        rows.Frames[layer.Id] = [.. frames, .. Enumerable.Range(3, 299_997).Select(i => Frame.New(i, 0))];

        Assert.Equal(300_000, FarmLoader.Build(rows, new FarmSettings()).Layers[layer.Id].Frames.Length);
    }

    [Fact]
    public void Missing_frames_are_said_by_name()
    {
        var rows = _farm.Store.Rows();
        rows.Frames[_job.Layers[0].Id] = rows.Frames[_job.Layers[0].Id][..2];

        Damaged(rows, "Layer aa1 of job testing-shot-artist_comp has 2 stored frames instead of 3.");
    }

    [Fact]
    public void A_running_frame_without_its_run_is_said_by_name()
    {
        var rows = _farm.Store.Rows();
        rows.Runs.Clear();

        Damaged(rows, "layer aa1 of job testing-shot-artist_comp has 1 running frames and 0 runs");
    }

    [Fact]
    public void A_run_without_its_place_is_said()
    {
        var rows = _farm.Store.Rows();
        rows.Procs.Clear();

        Damaged(rows, _run.Id.ToString());
    }

    [Fact]
    public void Two_runs_in_one_place_are_said()
    {
        var rows = _farm.Store.Rows();
        rows.Runs.Add(_run.Row with { Id = new EntityId(1, 2) });

        Damaged(rows, _run.Row.ProcId.ToString());
    }

    [Fact]
    public void A_depend_that_lacks_an_end_is_said()
    {
        var rows = _farm.Store.Rows();
        rows.Depends[0] = rows.Depends[0] with { OnLayerId = null };
        Damaged(rows, rows.Depends[0].Id.ToString());

        rows = _farm.Store.Rows();
        rows.Depends[0] = rows.Depends[0] with { OnLayerId = new EntityId(1, 0) };
        Damaged(rows, "refers to layer");

        rows = _farm.Store.Rows();
        rows.Depends[0] = rows.Depends[0] with { Type = DependType.FrameOnFrame, ErFrame = 999, OnFrame = 0 };
        Damaged(rows, rows.Depends[0].Id.ToString());
    }

    [Fact]
    public void A_row_that_refers_to_nothing_is_said_with_what_it_lacks()
    {
        var rows = _farm.Store.Rows();
        rows.Shows.Clear();

        Damaged(rows, "refers to show");
    }

    [Fact]
    public void Two_things_of_one_name_are_said()
    {
        var rows = _farm.Store.Rows();
        rows.Shows.Add(rows.Shows[0] with { Id = new EntityId(1, 0) });

        Damaged(rows, "testing");
    }

    private static void Damaged(FarmRows rows, string words) =>
        Assert.Contains(
            words, Assert.Throws<InvalidDataException>(() => FarmLoader.Build(rows, new FarmSettings())).Message, StringComparison.Ordinal);
}
