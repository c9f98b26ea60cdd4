using OpenCue.Specs.Commands;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Commands;

public sealed class FrameEnvironmentTests
{
    private static readonly FrameEnvironmentValues Values = new()
    {
        CorePoints = 250,
        MemoryKib = 4_194_304,
        Gpus = 1,
        GpuMemoryKib = 1_048_576,
        Threadable = true,
        LogDir = "/shots/testing/sh1/logs/x",
        Range = FrameSet.Parse("1,2,3,4,5"),
        ChunkSize = 2,
        Frame = 3,
        Layer = "render",
        Job = "testing-sh1-anna_job",
        Show = "testing",
        Shot = "sh1",
        User = "anna",
        JobId = "j",
        LayerId = "l",
        FrameId = "f",
    };

    [Fact]
    public void The_server_sets_all_of_these() => Assert.Equal(
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["CUE3"] = "1",
            ["CUE_THREADS"] = "2",
            ["CUE_MEMORY"] = "4194304",
            ["CUE_GPUS"] = "1",
            ["CUE_GPU_MEMORY"] = "1048576",
            ["CUE_LOG_PATH"] = "/shots/testing/sh1/logs/x",
            ["CUE_RANGE"] = "1,2,3,4,5",
            ["CUE_CHUNK"] = "2",
            ["CUE_JOB"] = "testing-sh1-anna_job",
            ["CUE_FRAME"] = "0003-render",
            ["CUE_SHOW"] = "testing",
            ["CUE_SHOT"] = "sh1",
            ["CUE_USER"] = "anna",
            ["CUE_JOB_ID"] = "j",
            ["CUE_LAYER_ID"] = "l",
            ["CUE_FRAME_ID"] = "f",
            ["CUE_THREADABLE"] = "1",
            ["CUE_IFRAME"] = "3",
            ["CUE_LAYER"] = "render",
        },
        new SortedDictionary<string, string>(FrameEnvironment.Build([], [], Values), StringComparer.Ordinal));

    [Fact]
    public void A_layers_variables_win_over_the_jobs_and_the_servers_over_both()
    {
        var environment = FrameEnvironment.Build(
            [new("A", "job"), new("B", "job"), new("CUE_JOB", "job"), new("CUE_RANGE", "job")],
            [new("B", "layer"), new("C", "layer"), new("CUE_FRAME", "layer")],
            Values);

        Assert.Equal("job", environment["A"]);
        Assert.Equal("layer", environment["B"]);
        Assert.Equal("layer", environment["C"]);
        Assert.Equal("testing-sh1-anna_job", environment["CUE_JOB"]);
        Assert.Equal("0003-render", environment["CUE_FRAME"]);
        Assert.Equal("1,2,3,4,5", environment["CUE_RANGE"]);
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(50, "1")]
    [InlineData(199, "1")]
    [InlineData(200, "2")]
    public void There_is_at_least_one_thread(int corePoints, string threads) =>
        Assert.Equal(threads, FrameEnvironment.Build([], [], Values with { CorePoints = corePoints })["CUE_THREADS"]);

    [Fact]
    public void A_layer_that_is_not_threadable_says_so() =>
        Assert.Equal("0", FrameEnvironment.Build([], [], Values with { Threadable = false })["CUE_THREADABLE"]);

    [Fact]
    public void A_range_too_long_for_a_variable_is_shortened_and_else_left_out()
    {
        var listed = FrameSet.Parse(string.Join(',', Enumerable.Range(1, 50_000)));
        Assert.Equal("1-50000", FrameEnvironment.Build([], [], Values with { Range = listed })["CUE_RANGE"]);

        var scattered = FrameSet.Of(Enumerable.Range(1, 50_000).Select(i => i * i % 100_003));
        Assert.True(scattered.ToString().Length > FrameEnvironment.LongestVariable);
        Assert.DoesNotContain("CUE_RANGE", FrameEnvironment.Build([new("CUE_RANGE", "1")], [], Values with { Range = scattered }).Keys);
    }
}
