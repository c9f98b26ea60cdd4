using System.Collections.Immutable;

namespace OpenCue.Rqd.Frames;

/// <summary>What a run's processes use, all together, and the most they ever did. Memory in KiB.</summary>
internal sealed record RunUsage
{
    public static RunUsage None { get; } = new();

    public long RssKib { get; init; }

    public long MaxRssKib { get; init; }

    public long VsizeKib { get; init; }

    public long MaxVsizeKib { get; init; }

    public long PssKib { get; init; }

    public long MaxPssKib { get; init; }

    public long SwapKib { get; init; }

    /// <summary>100 is one logical processor; null before it could be measured.</summary>
    public double? CpuPercent { get; init; }

    public ImmutableArray<FrameProcess> Processes { get; init; } = [];
}

/// <summary>One process of a frame.</summary>
/// <param name="PssReadAtRssKib">The resident memory when the proportional was read.</param>
internal sealed record FrameProcess(
    int Pid, string Name, char State, string CommandLine, DateTimeOffset StartedAt, long RssKib, long VsizeKib, long PssKib, long PssReadAtRssKib);
