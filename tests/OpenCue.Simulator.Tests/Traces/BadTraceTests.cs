using OpenCue.Simulator.Commands;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Tests.Traces;

/// <summary>Mistakes in traces are named with file, line and field, and with the way out.</summary>
public class BadTraceTests
{
    private static readonly Trace Good = new()
    {
        Name = "good",
        Start = VirtualTimeProvider.UsualStart,
        Jobs =
        [
            new TraceJob
            {
                Id = "7",
                Name = "job_a",
                Show = "show",
                User = "ada",
                SubmitSeconds = 1,
                Layers =
                [
                    new TraceLayer { Name = "sim", Range = "1-2", Frames = [[new TraceRun(10, 5, 0)], [new TraceRun(11.5m, 5, 0)]] },
                    new TraceLayer { Name = "mesh", Range = "1", Frames = [[new TraceRun(10, 5, 0)]] },
                ],
                Depends = [new TraceDepend { Type = "LAYER_ON_LAYER", Layer = "mesh", OnLayer = "sim" }],
            },
        ],
    };

    [Theory]
    [InlineData("frames.csv", "7,sim,2,11.5", "7,sim,2,long", "frames.csv line 3, column seconds: 'long' is no number; write it as 12.5.")]
    [InlineData("frames.csv", "7,sim,2,", "7,sim,9,", "frames.csv line 3, column frame: no frame of the layer sim begins with 9.")]
    [InlineData("frames.csv", "7,sim,2,", "8,sim,2,", "frames.csv line 3, column job: there is no job '8' in jobs.csv.")]
    [InlineData("frames.csv", "seconds,", "secs,", "there is no column 'secs'. Columns are job, layer, frame, seconds, peak_kib, exit.")]
    [InlineData("layers.csv", "7,mesh,1,", "7,mesh,one,", "layers.csv line 3, column range:")]
    [InlineData("layers.csv", "7,mesh,1,", "7,sim,1,", "column layer: the job 7 has another layer 'sim' above.")]
    [InlineData("layers.csv", ",memory_kib", "", "12 fields; the heading has 11. A text with a comma needs double quotes around it.")]
    [InlineData("jobs.csv", "job_a", "\"job_a", "a double quote is not closed")]
    [InlineData("jobs.csv", ",ada,", ",,", "jobs.csv line 2, column user: is empty, and must not be.")]
    [InlineData("jobs.csv", "job,name", "job,nickname", "there is no column 'nickname'")]
    [InlineData("depends.csv", "LAYER_ON_LAYER", "LAYER_ON_LUCK", "depend LAYER_ON_LUCK: there is no such type; there are JOB_ON_JOB")]
    [InlineData("depends.csv", ",sim,", ",nothing,", "onLayer 'nothing' is no layer of job 7")]
    [InlineData("trace.json", "\"version\": 1", "\"version\": 2", "this tool reads opencue-trace of version 1")]
    public void A_mistake_in_a_folder_is_named(string file, string from, string to, string complaint)
    {
        using var folder = new TemporaryFolder();
        TraceFiles.Write(Good, folder["trace"]);
        folder.Edit(Path.Combine("trace", file), from, to);
        var refused = Assert.Throws<SimException>(() => TraceFiles.Read(folder["trace"]));
        Assert.Contains(complaint, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"chunk\":1", "\"chank\":1", "line 7, field $.jobs[0]", "chank")]
    [InlineData("[11.5,5,0]", "[11.5,5]", "line 7, field $.jobs[0].layers[0].frames[1]", "a run is three numbers: [seconds, peak KiB, exit status]")]
    [InlineData("[11.5,5,0]", "[-2,5,0]", "job 7 (job_a): layer sim", "neither may be below 0")]
    [InlineData("\"range\":\"1-2\"", "\"range\":\"1-3\"", "job 7 (job_a): layer sim", "its range 1-3 makes 3 frames, but frames has 2")]
    [InlineData("\"user\":\"ada\",", "", "line 7, field $.jobs[0]", "user")]
    [InlineData("\"name\":\"mesh\"", "\"name\":\"m!\"", "job 7 (job_a): layer m!", "at least 3 characters")]
    [InlineData("opencue-trace", "something", "format is something", "")]
    public void A_mistake_in_a_json_file_is_named(string from, string to, string where, string what)
    {
        using var folder = new TemporaryFolder();
        TraceFiles.Write(Good, folder["trace.json"]);
        folder.Edit("trace.json", from, to);
        var refused = Assert.Throws<SimException>(() => TraceFiles.Read(folder["trace.json"]));
        Assert.Contains(where, refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_json_at_all_is_named_with_its_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["trace.json"], "{\n\"format\": nonsense\n}");
        var refused = Assert.Throws<SimException>(() => TraceFiles.Read(folder["trace.json"]));
        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_without_a_farm_asks_for_one()
    {
        using var folder = new TemporaryFolder();
        TraceFiles.Write(Good, folder["trace.json"]);
        var complaint = await Commands.Tool.ComplaintOfAsync("run", "--trace", folder["trace.json"]);
        Assert.Contains("does not say on which farm it was recorded; name one with --scenario", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_farm_without_the_traces_shows_is_refused()
    {
        using var folder = new TemporaryFolder();
        TraceFiles.Write(Good, folder["trace.json"]);
        var complaint = await Commands.Tool.ComplaintOfAsync("run", "--trace", folder["trace.json"], "--scenario", "small");
        Assert.Contains("1 jobs are of the show show, which the farm does not have (shows: alpha, beta)", complaint, StringComparison.Ordinal);
    }
}
