using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>How a frame is, in words: where it runs, how it ended, what it waits for.</summary>
internal static class FrameReasons
{
    private const int MostNames = 10;
    private const int MostDepends = 10_000;

    /// <summary>How a frame is; null for one that is WAITING.</summary>
    public static Reason? Of(ExplainContext context, Layer layer, int ordinal)
    {
        var frame = layer.Frames[ordinal];
        var name = layer.FrameName(ordinal);
        return frame.State switch
        {
            FrameState.Running when layer.Runs.TryGetValue(ordinal, out var run) => Running(context, run),
            FrameState.Depend or FrameState.Setup => Depends(layer, ordinal),
            FrameState.Waiting or FrameState.Running => null,
            _ => Ended(context, layer, frame.State, name, frame),
        };
    }

    /// <summary>How frames of a layer are that have ended, as a group.</summary>
    public static Reason OfState(FrameState state, long frames) => state switch
    {
        FrameState.Running => new Reason(ReasonCode.Running, $"{Amounts.Count(frames, "frame")} running."),
        FrameState.Succeeded => new Reason(ReasonCode.Succeeded, $"{Amounts.Count(frames, "frame")} done."),
        FrameState.Dead => new Reason(
            ReasonCode.Dead, $"{Amounts.Count(frames, "frame")} failed and not tried again.", "Read a log, mend the cause, then retry or eat them.")
        {
            Never = true,
        },
        FrameState.Eaten => new Reason(ReasonCode.Eaten, $"{Amounts.Count(frames, "frame")} done without.", "Retry them if they are wanted after all."),
        _ => new Reason(ReasonCode.Checkpoint, $"{Amounts.Count(frames, "frame")} at a checkpoint that is being copied."),
    };

    /// <summary>What frames of a layer wait for that depends hold, as a group.</summary>
    public static Reason DependsOf(Layer layer, int frames)
    {
        var (names, more) = Named(layer, ordinal: null);
        return new Reason(
            ReasonCode.Depends, $"{Amounts.Count(frames, "frame")} waiting for {List(names, more)}.", "Wait, or drop or satisfy the depends.")
        {
            Need = names.Count + more, Names = names,
        };
    }

    private static Reason Running(ExplainContext context, Run run)
    {
        var row = run.Row;
        var since = Amounts.Time(row.BookedAtMs, context.Now.WallMs);
        var where = $"on {row.HostName} with {Amounts.Cores(row.Reserved.CorePoints)} and {Amounts.Memory(row.Reserved.MemoryKib)}";
        if (row.Kill is { } kill)
        {
            return new Reason(
                ReasonCode.BeingKilled,
                $"It runs {where} since {since}; {kill.By} ordered at {Amounts.Time(kill.AtMs, context.Now.WallMs)} to kill it, and the host has not shown yet "
                + "that it has ended.",
                $"Wait for {row.HostName}; if the host is gone for good, see cue farm unknown.")
            {
                Subject = row.HostName, AtMs = kill.AtMs,
            };
        }

        return row.Phase == RunPhase.Unknown
            ? new Reason(
                ReasonCode.RunningUnknown,
                $"It was started {where} at {since}; since {Amounts.Time(row.UnknownSinceMs, context.Now.WallMs)} nobody knows whether it lives: "
                + $"{(row.UnknownReason ?? "the host is silent").TrimEnd('.')}.",
                "See cue farm unknown for what can be done.")
            {
                Subject = row.HostName, AtMs = row.UnknownSinceMs,
            }
            : new Reason(ReasonCode.Running, $"It runs {where} since {since}.") { Subject = row.HostName, AtMs = row.BookedAtMs };
    }

    private static Reason Ended(ExplainContext context, Layer layer, FrameState state, string name, in Frame frame)
    {
        var at = frame.StoppedAtMs > 0 ? $" at {Amounts.Time(frame.StoppedAtMs, context.Now.WallMs)}" : "";
        var host = context.Farm.HostName(frame.HostNumber);
        var on = host.Length > 0 ? $" on {host}" : "";
        var max = layer.Job.Row.MaxRetries;
        var job = layer.Job.Row.Name;
        return state switch
        {
            FrameState.Succeeded => new Reason(ReasonCode.Succeeded, $"It ended well{on}{at}.") { Subject = host, AtMs = frame.StoppedAtMs },
            FrameState.Dead => new Reason(
                ReasonCode.Dead,
                $"It failed{on}{at} with exit status {frame.ExitStatus}, after {frame.Retries} of {Amounts.Count(max, "retry", "retries")}; "
                + "it is not tried again by itself.",
                $"Read its log (cue frame log {job} {name}), mend the cause, then retry or eat it.")
            {
                Subject = host, AtMs = frame.StoppedAtMs, Use = frame.Retries, Maximum = max, Never = true,
            },
            FrameState.Eaten => new Reason(ReasonCode.Eaten, "It was eaten: the job does without it.", "Retry it if it is wanted after all.")
            {
                AtMs = frame.StoppedAtMs,
            },
            _ => new Reason(ReasonCode.Checkpoint, $"It stopped{on}{at} at a checkpoint that is being copied; then it goes on.")
            {
                AtMs = frame.StoppedAtMs,
            },
        };
    }

    private static Reason Depends(Layer layer, int ordinal)
    {
        var count = layer.Frames[ordinal].DependCount;
        var (names, more) = Named(layer, ordinal);
        var others = Math.Max(more, count - names.Count);
        return new Reason(ReasonCode.Depends, $"It waits for {List(names, others)}.", "Wait, or drop or satisfy the depends.")
        {
            Need = count, Names = names,
        };
    }

    /// <summary>What is waited for: by the frame, or by the layer and its frames; the first few by name, and how many more.</summary>
    private static (List<string> Names, int More) Named(Layer layer, int? ordinal)
    {
        var names = new List<string>();
        var more = 0;
        foreach (var depend in layer.Job.WaitsOn.Take(MostDepends))
        {
            if (!depend.Row.Active
                || (depend.ErLayer is not null && depend.ErLayer != layer)
                || (ordinal is { } frame && depend.Row.ErFrame is { } er && er != frame))
            {
                continue;
            }

            if (names.Count >= MostNames)
            {
                more++;
                continue;
            }

            foreach (var name in Names(depend, ordinal))
            {
                if (names.Count < MostNames && !names.Contains(name, StringComparer.Ordinal))
                {
                    names.Add(name);
                }
                else
                {
                    more++;
                }
            }
        }

        return (names, more);
    }

    private static IEnumerable<string> Names(Depend depend, int? ordinal) => ordinal is { } frame && depend.HasEdges
        ? DependQueries.EdgesOf(depend, frame).Where(edge => edge.Active).Select(edge => Describe(edge.On))
        : [Describe(DependView.Of(depend).On)];

    private static string Describe(DependEnd on)
    {
        var state = on switch
        {
            { Layer: { HasFrames: true } layer, Frame: { } frame } => layer.Frames[frame].State.ToString().ToUpperInvariant(),
            { Layer: { } layer } => Done(layer.Counts, layer.FrameCount),
            _ => Done(on.Job.Frames, on.Job.Frames.Total),
        };
        return $"{on} ({state})";
    }

    private static string Done(FrameCounts counts, int all)
    {
        var done = counts[FrameState.Succeeded] + counts[FrameState.Eaten];
        var dead = counts[FrameState.Dead];
        return dead > 0 ? $"{done} of {all} done, {dead} DEAD" : $"{done} of {all} done";
    }

    private static string List(List<string> names, int more) => names.Count == 0 ? Amounts.Count(more, "depend")
        : more > 0 ? $"{string.Join(", ", names)} and {more} more"
        : string.Join(", ", names);
}
