using System.Collections.Immutable;
using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Api;

/// <summary>Reads the agent's own terms out of cuebot's messages.</summary>
internal static class OrderReader
{
    /// <summary>Metadata of a launch, a kill or a question: the run that is meant. Equal to <c>resource_id</c>, and used for no other run.</summary>
    public const string RunIdKey = "opencue-run-id";

    public const string GenerationKey = "opencue-run-generation";

    public static FrameOrder Read(RunFrame frame, Metadata headers) => new()
    {
        ResourceId = frame.ResourceId,
        RunId = RunId(headers),
        Generation = Value(headers, GenerationKey),
        JobId = frame.JobId,
        JobName = frame.JobName,
        FrameId = frame.FrameId,
        FrameName = frame.FrameName,
        LayerId = frame.LayerId,
        Command = frame.Command,
        UserName = frame.UserName,
        Uid = frame.UidOptionalCase == RunFrame.UidOptionalOneofCase.Uid ? frame.Uid : null,
        Gid = frame.Gid > 0 ? frame.Gid : null,
        LogDirectory = frame.LogDir,
        Show = frame.Show,
        Shot = frame.Shot,
        StartTimeMs = frame.StartTime,
        CoreUnits = frame.NumCores,
        Gpus = frame.NumGpus,
        Environment = frame.Environment.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Attributes = frame.Attributes.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    public static string? RunId(Metadata headers) => Value(headers, RunIdKey);

    private static string? Value(Metadata headers, string key) => headers.GetValue(key) is { Length: > 0 } value ? value : null;
}
