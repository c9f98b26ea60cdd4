using FsCheck;
using FsCheck.Fluent;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Tests.Traces;

public class TraceFilesTests
{
    [Theory]
    [InlineData("trace.json")]
    [InlineData("trace.json.gz")]
    [InlineData("folder")]
    public void A_made_trace_comes_back_as_it_was_written(string name)
    {
        using var folder = new TemporaryFolder();
        var trace = new WorkloadMaker(Scenarios.Load("small"), 5).Make(2);
        TraceFiles.Write(trace, folder[name]);
        AssertSame(trace, TraceFiles.Read(folder[name]));
    }

    [Fact]
    public void Whatever_a_trace_holds_comes_back_from_both_forms()
    {
        using var folder = new TemporaryFolder();
        Prop.ForAll(Arb.From(Traces()), trace =>
        {
            foreach (var name in new[] { "t.json", "t" })
            {
                TraceFiles.Write(trace, folder[name]);
                AssertSame(trace, TraceFiles.Read(folder[name]));
            }
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<Trace> Traces() =>
        from jobs in Gen.Choose(0, 4).SelectMany(count => Gen.CollectToList(Enumerable.Range(1, count), Jobs))
        from name in Gen.Elements("plain", "with, comma", "with \"quotes\"", "ümläut", "two\nlines")
        select new Trace { Name = name, Start = new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero), Jobs = [.. jobs.OrderBy(j => j.SubmitSeconds)] };

    private static Gen<TraceJob> Jobs(int number) =>
        from layers in Gen.Choose(1, 3).SelectMany(count => Gen.CollectToList(Enumerable.Range(1, count), Layers))
        from submit in Gen.Choose(0, 1_000_000)
        from priority in Gen.Choose(0, 1000)
        from user in Gen.Elements("ada", "o'hara", "büro, \"süd\"")
        select new TraceJob
        {
            Id = $"{number}",
            Name = $"job_{number}",
            Show = "show",
            User = user,
            Group = number % 2 == 0 ? "fx" : "",
            Priority = priority,
            SubmitSeconds = submit / 1000m,
            MaxCores = number,
            Layers = [.. layers],
            Depends = layers.Count < 2 ? [] :
            [
                new TraceDepend { Type = "FRAME_BY_FRAME", Layer = "layer_2", OnLayer = "layer_1" },
                new TraceDepend { Type = "FRAME_ON_FRAME", Layer = "layer_2", Frame = 1, OnLayer = "layer_1", OnFrame = 1, AnyFrame = true },
            ],
        };

    private static Gen<TraceLayer> Layers(int number) =>
        from count in Gen.Choose(1, 5)
        from frames in Gen.ListOf(Gen.Choose(0, 3).SelectMany(most => Gen.ListOf(Runs(), most)), count)
        from tags in Gen.Elements(new string[][] { [], ["general"], ["general", "big"] })
        from cores in Gen.Elements(0m, 0.5m, 1m, -1m, 16m)
        select new TraceLayer
        {
            Name = $"layer_{number}",
            Range = $"1-{count}",
            Cores = cores,
            Tags = tags,
            Threadable = number % 2 == 0,
            MemoryKib = 1000 * number,
            Services = number % 2 == 0 ? ["maya"] : [],
            Frames = [.. frames.Select(IReadOnlyList<TraceRun> (runs) => [.. runs])],
        };

    private static Gen<TraceRun> Runs() =>
        from ms in Gen.Choose(0, 100_000_000)
        from peak in Gen.Choose(0, int.MaxValue)
        from exit in Gen.Choose(0, 255)
        select new TraceRun(ms / 1000m, peak, exit);

    private static void AssertSame(Trace expected, Trace actual)
    {
        var (first, second) = (new StringWriter(), new StringWriter());
        JsonTrace.Write(expected, first);
        JsonTrace.Write(actual, second);
        Assert.Equal(first.ToString(), second.ToString());
    }
}
