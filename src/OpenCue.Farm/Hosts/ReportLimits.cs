namespace OpenCue.Farm.Hosts;

/// <summary>
/// Keeps what a lying or broken host reports from doing harm: what can't be true is bounded, what can't be used is refused with the reason.
/// </summary>
public static class ReportLimits
{
    /// <summary>Most characters of a host's name, a facility, a tag.</summary>
    public const int MaxNameLength = 255;

    /// <summary>Most tags of a host.</summary>
    public const int MaxTags = 128;

    /// <summary>Most frames that run on one host.</summary>
    public const int MaxFrames = 20_000;

    /// <summary>Most core points of a host: 100,000 cores.</summary>
    public const int MaxCorePoints = 10_000_000;

    /// <summary>Most memory of anything: 1 EiB in KiB.</summary>
    public const long MaxKib = 1L << 50;

    /// <summary>Most GPUs of a host.</summary>
    public const int MaxGpus = 100_000;

    /// <summary>Longest run: a hundred years in seconds.</summary>
    public const long MaxSeconds = 100L * 366 * 86400;

    private const long MaxUnixSeconds = 253_402_300_799;

    /// <summary>The report with all amounts bounded. Throws <see cref="FarmException"/> if the report can't be used at all.</summary>
    public static HostReport Clean(HostReport report)
    {
        if (report.IsClean)
        {
            return report;
        }

        CheckHostName(report.HostName);
        if (report.Frames.Count > MaxFrames)
        {
            throw FarmException.Invalid(
                $"Host {report.HostName} reports {report.Frames.Count} running frames; at most {MaxFrames} are believed. The report is ignored.");
        }

        var totalMemory = Bound(report.TotalMemory);
        var totalSwap = Bound(report.TotalSwap);
        var totalTemp = Bound(report.TotalTemp);
        var totalGpu = Bound(report.TotalGpuMemory);
        return report with
        {
            Facility = CleanWord(report.Facility),
            CorePoints = Math.Clamp(report.CorePoints, 0, MaxCorePoints),
            TotalMemory = totalMemory,
            FreeMemory = Math.Clamp(report.FreeMemory, 0, totalMemory),
            TotalSwap = totalSwap,
            FreeSwap = Math.Clamp(report.FreeSwap, 0, totalSwap),
            TotalTemp = totalTemp,
            FreeTemp = Math.Clamp(report.FreeTemp, 0, totalTemp),
            Gpus = Math.Clamp(report.Gpus, 0, MaxGpus),
            TotalGpuMemory = totalGpu,
            FreeGpuMemory = Math.Clamp(report.FreeGpuMemory, 0, totalGpu),
            Load = Math.Max(report.Load, 0),
            BootTimeSeconds = report.BootTimeSeconds is > 0 and < MaxUnixSeconds ? report.BootTimeSeconds : 0,
            Tags = CleanTags(report.Tags),
            State = Enum.IsDefined(report.State) ? report.State : HardwareState.Up,
            Os = report.Os.Length <= 1024 && !HasControlCharacter(report.Os) ? report.Os : "",
            IsClean = true,
            PendingCompletions = report.PendingCompletions.Count <= MaxFrames ? report.PendingCompletions : [],
            Frames = report.IsBoot || report.Frames.Count == 0 ? [] : report.Frames.Select(Clean).ToArray(),
        };
    }

    /// <summary>What is reported of a frame, with all amounts bounded.</summary>
    public static RunningFrameReport Clean(RunningFrameReport frame)
    {
        var rss = Bound(frame.RssKib);
        var pss = Bound(frame.PssKib);
        return frame with
        {
            RssKib = rss,
            MaxRssKib = Math.Max(Bound(frame.MaxRssKib), rss),
            PssKib = pss,
            MaxPssKib = Math.Max(Bound(frame.MaxPssKib), pss),
            VirtualKib = Bound(frame.VirtualKib),
            SwapKib = Bound(frame.SwapKib),
            GpuMemoryKib = Bound(frame.GpuMemoryKib),
            StartedAtMs = frame.StartedAtMs is > 0 and < MaxUnixSeconds * 1000 ? frame.StartedAtMs : 0,
            LogUpdatedSeconds = frame.LogUpdatedSeconds is > 0 and < MaxUnixSeconds ? frame.LogUpdatedSeconds : 0,
        };
    }

    /// <summary>The completion with all amounts bounded. Throws <see cref="FarmException"/> if it can't be used at all.</summary>
    public static CompletionReport Clean(CompletionReport report)
    {
        CheckHostName(report.HostName);
        return report with
        {
            Frame = Clean(report.Frame),
            RunSeconds = Math.Clamp(report.RunSeconds, 0, MaxSeconds),
            FreeMemoryKib = report.FreeMemoryKib is { } free ? Bound(free) : null,
        };
    }

    private static void CheckHostName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || HasControlCharacter(name) || name.Contains(' ', StringComparison.Ordinal))
        {
            throw FarmException.Invalid(
                $"A host reports under the name '{Printable(name)}', which can't be one: 1 to {MaxNameLength} characters without blanks and control "
                + "characters are needed. The report is ignored; set the name in the agent's configuration.");
        }
    }

    private static ValueList<string> CleanTags(ValueList<string> tags)
    {
        var clean = new List<string>();
        foreach (var tag in tags)
        {
            foreach (var word in tag.Split([' ', '\t', '\n', '\r', '|', ','], StringSplitOptions.RemoveEmptyEntries))
            {
                if (clean.Count < MaxTags && word.Length <= MaxNameLength && !HasControlCharacter(word) && !clean.Contains(word, StringComparer.Ordinal))
                {
                    clean.Add(word);
                }
            }
        }

        return clean.ToValueList();
    }

    private static string CleanWord(string word) => word.Length <= MaxNameLength && !HasControlCharacter(word) ? word : "";

    private static long Bound(long kib) => Math.Clamp(kib, 0, MaxKib);

    private static bool HasControlCharacter(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.Contains('\u007f', StringComparison.Ordinal);

    private static string Printable(string name)
    {
        var text = name.Length > 64 ? name[..64] + "..." : name;
        return string.Create(text.Length, text, (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(from[i]) ? '?' : from[i];
            }
        });
    }
}
