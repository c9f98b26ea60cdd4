using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Watching;

/// <summary>Progress in words and bars.</summary>
internal static class WatchText
{
    private const int WidestName = 28;
    private const int WidestBar = 40;
    private const int NarrowestBar = 10;
    private const int RoomForStates = 34;

    /// <summary>The picture of a terminal, line by line, each within the width.</summary>
    public static IReadOnlyList<IReadOnlyList<Cell>> Lines(WatchState state, int width, bool unicode)
    {
        var lines = new List<IReadOnlyList<Cell>>();
        foreach (var job in state.Jobs)
        {
            if (lines.Count > 0)
            {
                lines.Add([]);
            }

            AddJob(lines, job, width, unicode);
        }

        if (state.Outage is { } outage)
        {
            lines.Add([]);
            lines.Add([new Cell(TextWidth.Fit(Plain.OneLine($"{outage}; trying again"), width - 1, unicode), Ink.Bad)]);
        }

        return lines;
    }

    /// <summary>The progress of a job on one line, without what changes by itself.</summary>
    public static string OneLine(JobProgress job)
    {
        var layers = job.Layers.Select(layer =>
        {
            var counts = FrameCounts.Of(layer.LayerStats);
            return $"{layer.Name} {Units.Count(counts.Succeeded)}/{Units.Count(counts.Total)}";
        });
        var end = job.End is JobEnd.None or JobEnd.Succeeded ? JobTexts.State(job.Job).Text : EndWord(job);
        return $"{job.Job.Name}: {end}, {Units.Count(job.Counts.Succeeded)} of {Units.Count(job.Counts.Total, "frame")} done"
            + $" ({string.Join(", ", layers)}){States(job.Counts, ", ")}";
    }

    /// <summary>How a job ended, in a sentence without its name.</summary>
    public static string Ending(JobProgress job)
    {
        var counts = job.Counts;
        var frames = Units.Count(counts.Total, "frame");
        return job.End switch
        {
            JobEnd.Succeeded => $"succeeded: {frames} in {Units.Duration(job.Age)}",
            JobEnd.Failed when counts.Waiting + counts.Depend + counts.Running + counts.Dead > 0 => $"was killed: {counts} of {frames}",
            JobEnd.Failed => $"finished, but not all frames succeeded: {counts} of {frames}",
            JobEnd.Stuck => $"is stuck: {Units.Count(counts.Dead, "dead frame")} of {counts.Total} must be retried or eaten",
            JobEnd.Gone => "is kept by the server no longer; how it ended is unknown",
            _ => JobTexts.State(job.Job).Text,
        };
    }

    private static string EndWord(JobProgress job) => job.End switch
    {
        JobEnd.Stuck => "stuck",
        JobEnd.Gone => "gone",
        _ => "ended",
    };

    private static void AddJob(List<IReadOnlyList<Cell>> lines, JobProgress job, int width, bool unicode)
    {
        var dot = unicode ? " · " : " - ";
        var counts = job.Counts;
        var facts = $"{dot}{Units.Count(counts.Succeeded)} of {Units.Count(counts.Total, "frame")}{dot}{Units.Duration(job.Age)}";
        if (job.End == JobEnd.None)
        {
            facts += job.TimeLeft() is { } left ? $"{dot}about {Units.Duration(left)} left" : "";
        }

        var state = job.End is JobEnd.None or JobEnd.Succeeded ? JobTexts.State(job.Job) : new Cell(EndWord(job), Ink.Bad);
        var name = TextWidth.Fit(job.Job.Name, Math.Max(12, width - facts.Length - state.Text.Length - 3), unicode);
        var room = Math.Max(4, width - TextWidth.Of(name) - state.Text.Length - 3);
        lines.Add([new Cell(name, Ink.Bold), new Cell("  "), state, new Cell(TextWidth.Fit(facts, room, unicode))]);

        var names = Math.Min(WidestName, job.Layers.Select(layer => TextWidth.Of(layer.Name)).DefaultIfEmpty(0).Max());
        var totals = job.Layers.Select(layer => DoneOf(layer).Length).DefaultIfEmpty(0).Max();
        var bar = Math.Clamp(width - names - totals - RoomForStates - 7, NarrowestBar, WidestBar);
        foreach (var layer in job.Layers)
        {
            AddLayer(lines, layer, names, totals, bar, width, unicode);
        }

        if (job.Hosts() is { Count: > 0 } hosts)
        {
            var text = string.Join(", ", hosts.Select(host => $"{host.Host} ({Units.Count(host.Frames, "frame")})"));
            lines.Add([new Cell("  on ", Ink.Dim), new Cell(TextWidth.Fit(Plain.OneLine(text), Math.Max(4, width - 6), unicode))]);
        }
    }

    private static void AddLayer(List<IReadOnlyList<Cell>> lines, Wire.Layer layer, int names, int totals, int bar, int width, bool unicode)
    {
        var counts = FrameCounts.Of(layer.LayerStats);
        var name = TextWidth.Fit(layer.Name, names, unicode);
        var done = DoneOf(layer);
        var line = new List<Cell> { new($"  {name}{new string(' ', names - TextWidth.Of(name))}  ") };
        line.AddRange(Bar(counts, bar, unicode));
        line.Add(new Cell($"  {new string(' ', totals - done.Length)}{done}  "));
        var room = width - line.Sum(part => TextWidth.Of(part.Text)) - 1;
        if (room > 0)
        {
            line.Add(new Cell(TextWidth.Fit(States(counts, ""), room, unicode), counts.Dead > 0 ? Ink.Bad : Ink.Dim));
        }

        lines.Add(line);
    }

    private static string DoneOf(Wire.Layer layer)
    {
        var counts = FrameCounts.Of(layer.LayerStats);
        return $"{Units.Count(counts.Succeeded)}/{Units.Count(counts.Total)}";
    }

    /// <summary>The states besides success that have frames.</summary>
    private static string States(FrameCounts counts, string before)
    {
        var text = counts with { Succeeded = 0, Total = counts.Total - counts.Succeeded } is var rest ? rest.ToString() : "";
        return text.Length > 0 ? before + text : "";
    }

    /// <summary>A bar: what succeeded, was eaten, is dead, runs, and is left. Each has its own sign as well as its colour.</summary>
    private static IEnumerable<Cell> Bar(FrameCounts counts, int width, bool unicode)
    {
        var parts = new (int Count, char Sign, char Ascii, Ink Ink)[]
        {
            (counts.Succeeded, '█', '#', Ink.Good),
            (counts.Eaten, '▚', '-', Ink.Odd),
            (counts.Dead, '×', 'x', Ink.Bad),
            (counts.Running, '▒', '>', Ink.Busy),
        };
        var (sum, drawn) = (0, 0);
        foreach (var (count, sign, ascii, ink) in parts)
        {
            sum += count;
            // Rounded down, so that the bar is full only when all is done.
            var until = counts.Total == 0 ? 0 : (int)((long)sum * width / counts.Total);
            yield return new Cell(new string(unicode ? sign : ascii, Math.Max(0, until - drawn)), ink);
            drawn = Math.Max(drawn, until);
        }

        yield return new Cell(new string(unicode ? '░' : '.', width - drawn), Ink.Dim);
    }
}
