using System.Collections.Immutable;

namespace OpenCue.Rqd.Supervision;

/// <summary>All that a supervisor has to know to run one frame.</summary>
internal sealed record LaunchPlan
{
    /// <summary>Null: as the agent's own user.</summary>
    public FrameIdentity? RunAs { get; init; }

    public int Umask { get; init; } = 0x12; // 0022

    public int Nice { get; init; }

    /// <summary>Soft limit of open files. The .NET runtime raises the agent's own to the hard limit, which is not for frames.</summary>
    public int OpenFiles { get; init; }

    /// <summary>The processors the frame may use; empty for all.</summary>
    public ImmutableArray<int> Processors { get; init; } = [];

    /// <summary>Between the request to end and the kill.</summary>
    public required TimeSpan KillGrace { get; init; }

    public required string Directory { get; init; }

    public required string LogPath { get; init; }

    public int LogRotations { get; init; } = 99;

    public required string LogHeader { get; init; }

    public required string Shell { get; init; }

    public required string Command { get; init; }

    public required ImmutableSortedDictionary<string, string> Environment { get; init; }
}
