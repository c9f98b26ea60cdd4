using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Specs.Commands;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cli.Frames;

/// <summary>Which frames of a job are meant: by name, layer, number, state.</summary>
internal sealed class FrameSelection
{
    /// <summary>The most frame numbers that a range is unfolded to here.</summary>
    public const int LongestRange = 10_000_000;

    private const int PageSize = 1000;

    public Argument<string> Job { get; } = JobCommands.Job();

    public Argument<string[]> Names { get; } = new("FRAME")
    {
        Description = "Frames by name, such as 0005-render.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string[]> Layers { get; } = new("--layer", "-l") { Description = "Only frames of these layers.", HelpName = "LAYER" };

    public Option<string?> Range { get; } = new("--range", "-r")
    {
        Description = "Only these frame numbers, as in 1-100x2.",
        HelpName = "RANGE",
    };

    public Option<string[]> States { get; } = new("--state")
    {
        Description = "Only frames in these states: waiting, running, succeeded, depend, dead, eaten, checkpoint, setup.",
        HelpName = "STATE",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Gives the arguments and options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Job);
        command.Add(Names);
        command.Add(Layers);
        command.Add(Range);
        command.Add(States);
    }

    /// <summary>Whether the command line narrows the frames at all.</summary>
    public bool IsNarrow(CommandRun run) =>
        run.Get(Names)!.Length > 0 || run.Get(Layers)!.Length > 0 || run.Get(Range) is not null || run.Get(States)!.Length > 0;

    /// <summary>The search that the command line asks for.</summary>
    /// <exception cref="CueException">A name, range or state is none.</exception>
    public Wire.FrameSearchCriteria Criteria(CommandRun run)
    {
        var criteria = new Wire.FrameSearchCriteria { Layers = { run.Get(Layers)!.Select(layer => layer.ToLowerInvariant()) } };
        foreach (var name in run.Get(Names)!)
        {
            criteria.Frames.Add(FrameNames.TryParse(name, out var number, out var layer)
                ? FrameNames.Format(number, layer)
                : throw CueException.Usage(
                    $"'{name}' is no frame name; write NUMBER-LAYER, such as 0005-render, or use --layer and --range"));
        }

        if (run.Get(Range) is { } range)
        {
            criteria.FrameRange = FrameSet.TryParse(range, LongestRange, out _, out var error)
                ? range
                : throw CueException.Usage($"--range '{range}' is no frame range: {error}");
        }

        var states = run.Get(States)!.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(State).ToList();
        if (states.Count > 0)
        {
            criteria.States = new Wire.FrameStateSeq { FrameStates = { states } };
        }

        return criteria;
    }

    /// <summary>All frames of a search, page by page.</summary>
    /// <param name="run">The run.</param>
    /// <param name="job">The job.</param>
    /// <param name="criteria">What is searched for.</param>
    /// <param name="most">Where to stop.</param>
    public static async Task<List<Wire.Frame>> ReadAsync(
        CommandRun run, Wire.Job job, Wire.FrameSearchCriteria criteria, int most = int.MaxValue)
    {
        var frames = new List<Wire.Frame>();
        var paged = criteria.Clone();
        paged.Limit = Math.Min(PageSize, most);
        for (paged.Page = 1; ; paged.Page++)
        {
            var page = await run.Server.FramesAsync(job, paged, run.Cancel);
            frames.AddRange(page);
            if (page.Count < paged.Limit || frames.Count >= most)
            {
                return frames.Count > most ? frames[..most] : frames;
            }
        }
    }

    private static Wire.FrameState State(string text) =>
        Enum.TryParse<Wire.FrameState>(text, ignoreCase: true, out var state) && Enum.IsDefined(state) && !char.IsDigit(text[0])
            ? state
            : throw CueException.Usage(
                $"--state '{text}' is no state; there are {string.Join(", ", Enum.GetValues<Wire.FrameState>().Select(JobTexts.Word))}");
}
