using System.Collections.Immutable;

namespace OpenCue.Rqd.Frames;

/// <summary>What the agent has to remember of a run until cuebot knows its end; kept in the journal.</summary>
internal sealed record RunRecord
{
    /// <summary>The agent's own name for the run, and the name of its run file: the run id if there is one.</summary>
    public required string Key { get; init; }

    public required string ResourceId { get; init; }

    public string? RunId { get; init; }

    public string? Generation { get; init; }

    public required string JobId { get; init; }

    public required string JobName { get; init; }

    public required string FrameId { get; init; }

    public required string FrameName { get; init; }

    public required string LayerId { get; init; }

    public required int CoreUnits { get; init; }

    public required string LogPath { get; init; }

    /// <summary>Epoch milliseconds, by cuebot's clock if it said: its time limits are measured on that clock.</summary>
    public required long StartTimeMs { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The kernel's boot id at that time: after another boot the run cannot be alive.</summary>
    public required string BootId { get; init; }

    /// <summary>The logical processors the frame is pinned to; empty for none in particular.</summary>
    public ImmutableArray<int> Processors { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public static RunRecord Accept(FrameOrder order, ImmutableArray<int> processors, DateTimeOffset now, string bootId) => new()
    {
        Key = order.RunId ?? Guid.CreateVersion7(now).ToString(),
        ResourceId = order.ResourceId,
        RunId = order.RunId,
        Generation = order.Generation,
        JobId = order.JobId,
        JobName = order.JobName,
        FrameId = order.FrameId,
        FrameName = order.FrameName,
        LayerId = order.LayerId,
        CoreUnits = order.CoreUnits,
        LogPath = order.LogPath,
        StartTimeMs = order.StartTimeMs > 0 ? order.StartTimeMs : now.ToUnixTimeMilliseconds(),
        AcceptedAt = now,
        BootId = bootId,
        Processors = processors,
        Attributes = order.Attributes,
    };
}
