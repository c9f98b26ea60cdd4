using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// What a layer takes from the end of each of its runs: sums, a rest after certain failures, and how much memory its frames need.
/// </summary>
internal static class LayerLearning
{
    /// <summary>Memory that a frame gets above the highest use seen.</summary>
    private const long HeadroomKib = 256 * 1024;

    /// <summary>More memory after a failure for want of it, if no service says how much.</summary>
    private const long UsualIncreaseKib = 2 * 1048576;

    /// <summary>Adds what the run used.</summary>
    public static void CountRun(FarmEdit edit, Layer layer, RunRow run, RunOutcome outcome, RunTimes times)
    {
        var row = layer.Usage.Row;
        var coreSeconds = Math.Max(1, times.Seconds * run.Reserved.CorePoints / 100);
        var gpuSeconds = times.Seconds * run.Reserved.Gpus;
        row = row with
        {
            MaxRssKib = Math.Max(row.MaxRssKib, outcome.MaxRssKib),
            MaxPssKib = Math.Max(row.MaxPssKib, outcome.MaxPssKib),
            StoppedAtMs = Math.Max(row.StoppedAtMs, times.EndedAtMs),
        };
        edit.Set(layer.Usage, run.ExitStatus == ExitStatus.Success
            ? row with
            {
                Succeeded = row.Succeeded + 1,
                CoreSecondsSucceeded = row.CoreSecondsSucceeded + coreSeconds,
                GpuSecondsSucceeded = row.GpuSecondsSucceeded + gpuSeconds,
                ClockSecondsSucceeded = row.ClockSecondsSucceeded + times.Seconds,
                LongestSeconds = Math.Max(row.LongestSeconds, times.Seconds),
                ShortestSeconds = row.ShortestSeconds == 0 ? times.Seconds : Math.Min(row.ShortestSeconds, times.Seconds),
            }
            : row with
            {
                Failed = row.Failed + 1,
                CoreSecondsFailed = row.CoreSecondsFailed + coreSeconds,
                GpuSecondsFailed = row.GpuSecondsFailed + gpuSeconds,
                ClockSecondsFailed = row.ClockSecondsFailed + times.Seconds,
            });
    }

    /// <summary>Lets the layer rest after an exit status for which the site has a rule; only ever for longer.</summary>
    public static void Delay(FarmEdit edit, Layer layer, FrameVerdict verdict)
    {
        if (verdict is not { State: not FrameState.Eaten, ExitStatus: { } status }
            || edit.Farm.Settings.DelayMinutesAfter(status) is not { } minutes)
        {
            return;
        }

        var until = edit.Now.WallMs + (minutes * 60_000L);
        if (until > layer.Row.StartAfterMs)
        {
            edit.Set(layer, layer.Row with { StartAfterMs = until, StartAfterReason = $"Automatic backoff: exit status {status}" });
        }
    }

    /// <summary>Raises the layer's memory after a failure for want of it, and lowers it while its frames succeed with less.</summary>
    public static void FitMemory(FarmEdit edit, Run run, RunOutcome outcome, FrameVerdict verdict)
    {
        var layer = run.Layer;
        if (verdict.MemoryFailure)
        {
            Raise(edit, layer, run.Proc.Row.Reserved.MemoryKib);
        }
        else if (verdict.State == FrameState.Succeeded && layer.Row.OptimizeMemory && !layer.Counts.Complete)
        {
            var seen = Math.Max(layer.Usage.Row.MaxRssKib, outcome.MaxRssKib);
            var least = edit.Farm.Settings.MemoryReservedMinKib;
            var target = seen < least ? least : seen + HeadroomKib;
            if (layer.Row.MinMemoryKib > target)
            {
                edit.Set(layer, layer.Row with { MinMemoryKib = target });
            }
        }
    }

    /// <summary>
    /// Never above what the facility's largest host can give: the layer would wait for ever, where OpenCue lets it grow without bound.
    /// </summary>
    private static void Raise(FarmEdit edit, Layer layer, long reservedKib)
    {
        var wanted = reservedKib + Increase(edit.Farm, layer);
        var largest = LargestHostKib(layer.Job);
        var target = Math.Max(layer.Row.MinMemoryKib, largest > 0 ? Math.Min(wanted, largest) : wanted);
        edit.Set(layer, layer.Row with { MinMemoryKib = target, OptimizeMemory = false });
        edit.Emit(
            FarmEventKind.SettingChanged, layer.Id, layer.Job.Id,
            reason: $"memory of layer {layer.Row.Name} raised to {target} KiB: a frame needed more");
    }

    /// <summary>As the first service says (OpenCue raises nothing if that service is gone).</summary>
    private static long Increase(FarmModel farm, Layer layer) =>
        layer.Row.Services.Count > 0 && farm.Services.Find(layer.Job.Show.Id, layer.Row.Services[0]) is { } service
            ? service.Row.MinMemoryIncreaseKib
            : UsualIncreaseKib;

    private static long LargestHostKib(Job job)
    {
        var largest = 0L;
        foreach (var allocation in job.Facility.Allocations)
        {
            foreach (var host in allocation.Hosts)
            {
                largest = Math.Max(largest, host.Row.Total.MemoryKib);
            }
        }

        return largest;
    }
}
