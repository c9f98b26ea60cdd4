using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class LayerRulesTests
{
    private readonly TestFarm _farm = new();
    private readonly Layer _layer;

    public LayerRulesTests() => _layer = _farm.Submit("comp", Layer("bg")).Layers[0];

    [Theory]
    [InlineData(10, 10)]
    [InlineData(9, 100)]
    [InlineData(0, 100)]
    [InlineData(-300, 100)]
    [InlineData(3000, 3000)]
    public void Less_than_a_tenth_of_a_core_becomes_one_core(int asked, int expected)
    {
        _farm.Do(edit => LayerRules.SetMinCores(edit, _layer, asked));

        Assert.Equal(expected, _layer.Row.MinCores);
    }

    [Fact]
    public void Memory_is_never_below_the_farms_minimum()
    {
        _farm.Do(edit => LayerRules.SetMinMemory(edit, _layer, -5));

        Assert.Equal(262144, _layer.Row.MinMemoryKib);
    }

    [Fact]
    public void Settings_are_set()
    {
        _farm.Do(edit =>
        {
            LayerRules.SetMaxCores(edit, _layer, 400);
            LayerRules.SetMinGpuMemory(edit, _layer, 7);
            LayerRules.SetMinGpus(edit, _layer, 1);
            LayerRules.SetMaxGpus(edit, _layer, 2);
            LayerRules.SetThreadable(edit, _layer, threadable: true);
            LayerRules.SetTimeout(edit, _layer, 30);
            LayerRules.SetLogTimeout(edit, _layer, 20);
            LayerRules.SetOptimizeMemory(edit, _layer, optimize: false);
            LayerRules.SetTags(edit, _layer, ["a", "b", "a", ""]);
            LayerRules.AddOutput(edit, _layer, "/out/a");
            LayerRules.AddOutput(edit, _layer, "/out/a");
            LayerRules.SetDispatchOrder(edit, _layer, 5);
        });

        var row = _layer.Row;
        Assert.Equal((400, 7L, 1, 2, true), (row.MaxCores, row.MinGpuMemoryKib, row.MinGpus, row.MaxGpus, row.Threadable));
        Assert.Equal((30, 20, false, 5), (row.TimeoutMinutes, row.TimeoutLogMinutes, row.OptimizeMemory, row.DispatchOrder));
        Assert.Equal(["a", "b"], row.Tags);
        Assert.Equal(["/out/a"], row.Outputs);
    }

    [Fact]
    public void Values_that_make_no_sense_are_refused()
    {
        Refused(edit => LayerRules.SetTags(edit, _layer, [""]));
        Refused(edit => LayerRules.SetDispatchOrder(edit, _layer, 0));
        Refused(edit => LayerRules.SetTimeout(edit, _layer, -1));
        Refused(edit => LayerRules.SetMinGpus(edit, _layer, -1));
        Refused(edit => LayerRules.SetMinGpuMemory(edit, _layer, -1));
    }

    [Fact]
    public void A_limit_counts_what_runs_already()
    {
        var limit = _farm.Do(edit =>
        {
            var made = new Limit(new LimitRow(edit.NewId(), "nuke", 3));
            edit.Add(made);
            return made;
        });
        _farm.Book(_layer, 0);

        _farm.Do(edit => LayerRules.AddLimit(edit, _layer, limit));
        Assert.Equal(1, limit.Running);
        _farm.Do(edit => LayerRules.DropLimit(edit, _layer, limit.Id));
        Assert.Equal(0, limit.Running);
    }

    [Fact]
    public void A_start_time_is_set_with_who_wanted_it_and_lifted_with_zero()
    {
        var at = _farm.Clock.Now.WallSeconds + 3600;

        _farm.Do(edit => LayerRules.SetStartAfter(edit, _layer, at, ""));
        Assert.Equal((at * 1000, "Set by unknown"), (_layer.Row.StartAfterMs, _layer.Row.StartAfterReason));
        _farm.Do(edit => LayerRules.SetStartAfter(edit, _layer, 0, "me"));
        Assert.Equal((0, ""), (_layer.Row.StartAfterMs, _layer.Row.StartAfterReason));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_800_000_000_000)]
    public void A_start_time_in_milliseconds_or_before_time_is_refused(long seconds) =>
        Assert.Contains(
            "start_after must be a Unix timestamp",
            Refused(edit => LayerRules.SetStartAfter(edit, _layer, seconds, "me")),
            StringComparison.Ordinal);

    private string Refused(Action<Changes.FarmEdit> command) => Assert.Throws<FarmException>(() => _farm.Do(command)).Message;
}
