using System.Globalization;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Limits;

namespace OpenCue.Farm.Jobs;

/// <summary>What a person may set on a layer. What runs already is not touched. Cores are core points, memory is KiB.</summary>
public static class LayerRules
{
    private const int LeastCorePoints = 10;
    private const int UsualCorePoints = 100;
    private const int LongestReason = 255;
    private const int MostOutputs = 1000;
    private const long FurthestStartSeconds = 5L * 365 * 86400;

    /// <summary>Sets what a frame needs at least; less than a tenth of a core becomes one core.</summary>
    public static void SetMinCores(FarmEdit edit, Layer layer, int corePoints)
    {
        corePoints = corePoints < LeastCorePoints ? UsualCorePoints : corePoints;
        Change(edit, layer, "min core points", layer.Row.MinCores, corePoints, layer.Row with { MinCores = corePoints });
    }

    /// <summary>Sets what a frame may use at most; 0 is no maximum.</summary>
    public static void SetMaxCores(FarmEdit edit, Layer layer, int corePoints) =>
        Change(edit, layer, "max core points", layer.Row.MaxCores, corePoints, layer.Row with { MaxCores = corePoints });

    /// <summary>Sets the memory that a frame needs, at least the farm's minimum.</summary>
    public static void SetMinMemory(FarmEdit edit, Layer layer, long kib)
    {
        kib = Math.Max(kib, edit.Farm.Settings.MemoryReservedMinKib);
        Change(edit, layer, "memory", layer.Row.MinMemoryKib, kib, layer.Row with { MinMemoryKib = kib });
    }

    /// <summary>Sets the GPU memory that a frame needs.</summary>
    public static void SetMinGpuMemory(FarmEdit edit, Layer layer, long kib) =>
        Change(
            edit, layer, "GPU memory", layer.Row.MinGpuMemoryKib, NotNegative(kib, "GPU memory"), layer.Row with { MinGpuMemoryKib = kib });

    /// <summary>Sets the GPUs that a frame needs.</summary>
    public static void SetMinGpus(FarmEdit edit, Layer layer, int gpus) =>
        Change(edit, layer, "min GPUs", layer.Row.MinGpus, NotNegative(gpus, "GPUs"), layer.Row with { MinGpus = gpus });

    /// <summary>Sets the GPUs that a frame may use.</summary>
    public static void SetMaxGpus(FarmEdit edit, Layer layer, int gpus) =>
        Change(edit, layer, "max GPUs", layer.Row.MaxGpus, NotNegative(gpus, "GPUs"), layer.Row with { MaxGpus = gpus });

    /// <summary>Says whether a frame can use more than one core.</summary>
    public static void SetThreadable(FarmEdit edit, Layer layer, bool threadable) =>
        Change(edit, layer, "threadable", layer.Row.Threadable, threadable, layer.Row with { Threadable = threadable });

    /// <summary>Sets how many minutes a frame may run; 0 is for ever.</summary>
    public static void SetTimeout(FarmEdit edit, Layer layer, int minutes) =>
        Change(
            edit, layer, "timeout", layer.Row.TimeoutMinutes, NotNegative(minutes, "minutes"), layer.Row with { TimeoutMinutes = minutes });

    /// <summary>Sets how many minutes a frame may go without writing to its log; 0 is for ever.</summary>
    public static void SetLogTimeout(FarmEdit edit, Layer layer, int minutes) =>
        Change(
            edit, layer, "log timeout", layer.Row.TimeoutLogMinutes, NotNegative(minutes, "minutes"),
            layer.Row with { TimeoutLogMinutes = minutes });

    /// <summary>Says whether the memory need is lowered to what frames really used.</summary>
    public static void SetOptimizeMemory(FarmEdit edit, Layer layer, bool optimize) =>
        Change(edit, layer, "memory optimizer", layer.Row.OptimizeMemory, optimize, layer.Row with { OptimizeMemory = optimize });

    /// <summary>Sets the tags of hosts it runs on. Not more than a specification may name: each is compared with those of each kind of host.</summary>
    public static void SetTags(FarmEdit edit, Layer layer, IEnumerable<string> tags)
    {
        var distinct = tags.Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToValueList();
        if (distinct.Count == 0)
        {
            throw new FarmException(Refusal.Internal, "Layers must have at least one tag.");
        }

        if (distinct.Count > NameRules.MostTags)
        {
            throw FarmException.Invalid(
                $"The layer {layer.Row.Name} can't have {distinct.Count} tags: {NameRules.MostTags} are the most. Name fewer, or give the hosts that it may use "
                + "a tag of their own.");
        }

        if (distinct.FirstOrDefault(t => t.Length > NameRules.LongestTag) is { } tooLong)
        {
            throw FarmException.Invalid(
                $"The tag {tooLong[..32]}... has {tooLong.Length} characters: {NameRules.LongestTag} are the most.");
        }

        Change(edit, layer, "tags", layer.Row.Tags, distinct, layer.Row with { Tags = distinct });
    }

    /// <summary>Puts the layer under a limit; its running frames count at once.</summary>
    public static void AddLimit(FarmEdit edit, Layer layer, Limit limit)
    {
        if (!layer.Row.LimitIds.Contains(limit.Id))
        {
            Change(edit, layer, "limits", null, $"+{limit.Row.Name}", layer.Row with { LimitIds = [.. layer.Row.LimitIds, limit.Id] });
        }
    }

    /// <summary>Takes the layer from under a limit.</summary>
    public static void DropLimit(FarmEdit edit, Layer layer, EntityId limit) =>
        Change(
            edit, layer, "limits", null, $"-{limit}",
            layer.Row with { LimitIds = layer.Row.LimitIds.Where(id => id != limit).ToValueList() });

    /// <summary>Adds a path of what the layer makes; one that is there already is no error.</summary>
    public static void AddOutput(FarmEdit edit, Layer layer, string path)
    {
        if (path.Length == 0)
        {
            throw FarmException.Invalid("The path of an output can't be empty.");
        }

        if (layer.Row.Outputs.Contains(path))
        {
            return;
        }

        if (layer.Row.Outputs.Count >= MostOutputs)
        {
            throw new FarmException(Refusal.ResourceExhausted, $"Layer {layer.Row.Name} has {MostOutputs} outputs already; register a pattern such as out.####.exr instead.");
        }

        Change(edit, layer, "outputs", null, $"+{path}", layer.Row with { Outputs = [.. layer.Row.Outputs, path] });
    }

    /// <summary>Sets the layer's place in its job, from 1; it orders the booking (in OpenCue it is only shown).</summary>
    public static void SetDispatchOrder(FarmEdit edit, Layer layer, int order)
    {
        if (order < 1)
        {
            throw FarmException.Invalid($"The dispatch order of a layer must be 1 or more, not {order}.");
        }

        Change(edit, layer, "dispatch order", layer.Row.DispatchOrder, order, layer.Row with { DispatchOrder = order });
    }

    /// <summary>Books nothing of the layer before a wall time; 0 lifts that. What runs goes on.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="unixSeconds">Seconds since 1970.</param>
    /// <param name="by">Who wants it.</param>
    public static void SetStartAfter(FarmEdit edit, Layer layer, long unixSeconds, string by)
    {
        CheckStartAfter(edit.Now, unixSeconds);
        var who = string.IsNullOrWhiteSpace(by) ? "unknown" : by;
        var reason = unixSeconds == 0 ? "" : $"Set by {who}";
        var row = layer.Row with { StartAfterMs = unixSeconds * 1000, StartAfterReason = reason[..Math.Min(reason.Length, LongestReason)] };
        Change(edit, layer, "start after", layer.Row.StartAfterMs / 1000, unixSeconds, row);
    }

    /// <summary>Refuses a time that can't be meant. OpenCue checks it before it looks for the layer.</summary>
    public static void CheckStartAfter(FarmTime now, long unixSeconds)
    {
        if (unixSeconds < 0 || unixSeconds > now.WallSeconds + FurthestStartSeconds)
        {
            throw FarmException.Invalid(
                "start_after must be a Unix timestamp in seconds no more than 5 years in the future, or 0 to clear the gate; " +
                $"got {unixSeconds}. Was a milliseconds value passed where seconds are expected?");
        }
    }

    private static T NotNegative<T>(T value, string what)
        where T : struct, IComparable<T> =>
        value.CompareTo(default) >= 0 ? value : throw FarmException.Invalid($"The number of {what} can't be negative: {value}.");

    private static void Change<T>(FarmEdit edit, Layer layer, string what, T from, T to, LayerRow row)
    {
        if (!row.Equals(layer.Row))
        {
            edit.Set(layer, row);
            edit.Emit(
                FarmEventKind.SettingChanged, layer.Id, layer.Job.Id,
                reason: string.Create(CultureInfo.InvariantCulture, $"{what} of layer {layer.Row.Name}: {from} -> {to}"));
        }
    }
}
