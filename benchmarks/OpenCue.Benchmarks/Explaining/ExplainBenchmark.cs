using OpenCue.Benchmarks.Engines;
using OpenCue.Cuebot.Api.Explaining;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Benchmarks.Explaining;

/// <summary>
/// How long it takes to say why something waits, and for how long at once that holds up the writer: on a farm where every host would take every frame, so
/// that all is asked of each, and only the show's booking is off.
/// </summary>
internal sealed class ExplainBenchmark : IBenchmark
{
    private const int Rounds = 10;

    /// <inheritdoc/>
    public string Name => "explain";

    /// <inheritdoc/>
    public string Summary => "why a frame, layer, job, show and host wait: 100,000 hosts, 1,000,000 waiting frames";

    /// <inheritdoc/>
    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (hosts, frames) = (options.Hosts ?? 100_000, options.Frames ?? 1_000_000);
        await using var farm = await EngineFarm.StartAsync(new MemoryStore(), each => new InstantAgents(each, completes: false));
        await farm.DoAsync(edit =>
        {
            var show = edit.Farm.Shows.Find("testing")!;
            edit.Set(show, show.Row with { BookingEnabled = false });
            return 0;
        });
        await farm.AddHostsAsync(hosts, cores: 16, number => [$"rack{number % 200}"]);
        var jobs = await farm.FillAsync(frames, framesPerLayer: 50);
        report.Remark($"{hosts} hosts, {jobs} jobs, {frames} frames; {Rounds} explanations of each kind; the parts are the server's own");
        var parts = new List<double>();
        var longest = 0.0;
        await MeasureAsync("frame", view => new FrameExplanation(model => (LayerOf(model), 7)) { Context = view }, answer => answer.Hosts!.Ready == hosts);
        await MeasureAsync("layer", view => new LayerExplanation(LayerOf) { Context = view }, answer => answer.Hosts!.Ready == hosts);
        await MeasureAsync("job", view => new JobExplanation(model => LayerOf(model).Job) { Context = view }, answer => answer.Layers.Count == 4);
        await MeasureAsync("show", view => new ShowExplanation(model => LayerOf(model).Job.Show) { Context = view }, answer => answer.Groups[0].Layers == 4 * jobs);
        await MeasureAsync("host", view => new HostExplanation(model => model.Hosts.All.First()) { Context = view }, answer => answer.Reasons.Count > 0);
        report.Figure("part_p50_ms", Samples.Median(parts), "ms");
        report.Figure("part_p99_ms", Samples.Percentile(parts, 0.99), "ms");
        report.Remark("the longest part is taken from the quickest of its rounds: what it costs, not how busy the machine was; the slowest one is the maximum of all");
        report.Figure("longest_part_ms", longest, "ms");
        report.Figure("slowest_part_ms", parts.Max(), "ms");
        return;

        async Task MeasureAsync<T>(string kind, Func<ExplainContext, Explanation<T>> make, Func<T, bool> isRight)
        {
            var times = new List<double>();
            var quickest = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var start = TimeProvider.System.GetTimestamp();
                var first = parts.Count;
                Explanation<T>? explanation = null;
                ExplainContext View(FarmModel model) => new(model, farm.Scheduler.Scheduler, farm.Engine.Now);
                var answers = await farm.Engine.QueryListAsync<ExplanationPart, T>(
                    model => Timed(() =>
                    {
                        explanation = make(View(model));
                        explanation.Begin();
                        return ExplanationPart.Of(model, explanation);
                    }),
                    (model, part, found) => Timed(() =>
                    {
                        explanation!.Context = View(model);
                        part.Look(explanation, model, found);
                        return 0;
                    }),
                    cancellationToken,
                    kind);
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
                quickest = round == 0 ? parts[first..] : [.. quickest.Zip(parts[first..], Math.Min)];
                Expect.That(isRight(answers.Value[^1]), $"The explanation of a {kind} is not what it should be.");
            }

            longest = Math.Max(longest, quickest.Max());
            report.Remark($"{kind}: {quickest.Count} parts, the longest is number {quickest.IndexOf(quickest.Max()) + 1}");
            report.Figure($"{kind}_p50_ms", Samples.Median(times), "ms");
            report.Figure($"{kind}_longest_part_ms", quickest.Max(), "ms");
        }

        TResult Timed<TResult>(Func<TResult> part)
        {
            var start = TimeProvider.System.GetTimestamp();
            var result = part();
            parts.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            return result;
        }
    }

    private static Layer LayerOf(FarmModel farm) => farm.Layers.Values.First(layer => layer.Waiting.Count > 0);
}
