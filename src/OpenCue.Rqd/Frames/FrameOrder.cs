using System.Collections.Immutable;

namespace OpenCue.Rqd.Frames;

/// <summary>What cuebot asks the agent to run.</summary>
internal sealed record FrameOrder
{
    /// <summary>Names the run in every report. New for each run with our cuebot; OpenCue's uses the id of the place (proc) again and again.</summary>
    public required string ResourceId { get; init; }

    /// <summary>Set by a cuebot that promises never to use this <see cref="ResourceId"/> for another run; the same text then.</summary>
    public string? RunId { get; init; }

    /// <summary>An opaque text of that cuebot, reported back with the run.</summary>
    public string? Generation { get; init; }

    public required string JobId { get; init; }

    public required string JobName { get; init; }

    public required string FrameId { get; init; }

    public required string FrameName { get; init; }

    public required string LayerId { get; init; }

    public required string Command { get; init; }

    public string UserName { get; init; } = "";

    public int? Uid { get; init; }

    /// <summary>Null: the agent chooses.</summary>
    public int? Gid { get; init; }

    public required string LogDirectory { get; init; }

    public string Show { get; init; } = "";

    public string Shot { get; init; } = "";

    /// <summary>When cuebot booked the frame, epoch milliseconds; 0 if it did not say.</summary>
    public long StartTimeMs { get; init; }

    /// <summary>100 is one core.</summary>
    public required int CoreUnits { get; init; }

    public int Gpus { get; init; }

    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether the frame makes use of several cores, and so gains from having its own.</summary>
    public bool IsThreadable => Environment.GetValueOrDefault("CUE_THREADABLE") == "1";

    /// <summary>Clients compute the same path; it is part of OpenCue's contract.</summary>
    public string LogPath => $"{LogDirectory.TrimEnd('/')}/{JobName}.{FrameName}.rqlog";
}
