using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Specs.Commands;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cli.Frames;

/// <summary>Finds one frame of a job, by name or by layer and number. A number inside a chunk means the frame that renders it.</summary>
internal static class FrameFinder
{
    /// <summary>The frame that is meant.</summary>
    /// <param name="run">The run.</param>
    /// <param name="job">The job.</param>
    /// <param name="words"><c>0005-render</c>, or <c>render 5</c>, or <c>5</c> in a job of one layer.</param>
    /// <exception cref="CueException">There is no such frame.</exception>
    public static async Task<Wire.Frame> FindAsync(CommandRun run, Wire.Job job, IReadOnlyList<string> words)
    {
        var layers = await run.Server.LayersAsync(job, run.Cancel);
        var (layerName, number) = Read(job, layers, words);
        var layer = layers.FirstOrDefault(layer => layer.Name == layerName)
            ?? throw CueException.NotFound(
                $"{job.Name} has no layer '{layerName}'; it has {Names(layers)}");
        return await ByNumberAsync(run, job, layer, number)
            ?? (ChunkStart(layer, number) is { } first ? await ByNumberAsync(run, job, layer, first) : null)
            ?? throw CueException.NotFound($"layer {layer.Name} of {job.Name} has no frame {number}; its range is {layer.Range}");
    }

    private static (string Layer, int Number) Read(Wire.Job job, IReadOnlyList<Wire.Layer> layers, IReadOnlyList<string> words)
    {
        switch (words)
        {
            case [var name] when FrameNames.TryParse(name, out var number, out var layer):
                return (layer, number);
            case [var text] when int.TryParse(text, out var number):
                return layers.Count == 1
                    ? (layers[0].Name, number)
                    : throw CueException.Usage($"{job.Name} has {layers.Count} layers; name the layer too: {Names(layers)}");
            case [var layer, var text] when int.TryParse(text, out var number):
                return (layer.ToLowerInvariant().Replace('-', '_'), number);
            default:
                throw CueException.Usage(
                    $"'{string.Join(' ', words)}' names no frame; write a name such as 0005-render, or a layer and a number");
        }
    }

    private static async Task<Wire.Frame?> ByNumberAsync(CommandRun run, Wire.Job job, Wire.Layer layer, int number)
    {
        var criteria = new Wire.FrameSearchCriteria { Frames = { FrameNames.Format(number, layer.Name) }, Page = 1, Limit = 1 };
        return await run.Server.FramesAsync(job, criteria, run.Cancel) is [var frame, ..] ? frame : null;
    }

    private static string Names(IEnumerable<Wire.Layer> layers) => string.Join(", ", layers.Select(layer => layer.Name));

    private static int? ChunkStart(Wire.Layer layer, int number)
    {
        if (layer.ChunkSize <= 1 || !FrameSet.TryParse(layer.Range, FrameSelection.LongestRange, out var set, out _))
        {
            return null;
        }

        var chunks = FrameChunks.Of(set, layer.ChunkSize);
        return chunks.IndexOfChunkHolding(number) is >= 0 and var index ? chunks.FirstFrame(index) : null;
    }
}
