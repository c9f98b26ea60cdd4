using System.Collections.Immutable;
using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Tests.Frames;

/// <summary>Orders and records that are fine; a test bends what it is about.</summary>
internal static class Orders
{
    public static FrameOrder Frame(string command = "true", string logDirectory = "/tmp/logs") => new()
    {
        ResourceId = Guid.NewGuid().ToString(),
        JobId = Guid.NewGuid().ToString(),
        JobName = "show-shot-user_job",
        FrameId = Guid.NewGuid().ToString(),
        FrameName = "0001-render",
        LayerId = Guid.NewGuid().ToString(),
        Command = command,
        UserName = "artist",
        LogDirectory = logDirectory,
        Show = "show",
        Shot = "shot",
        CoreUnits = 100,
    };

    public static FrameOrder Threadable(this FrameOrder order) =>
        order with { Environment = order.Environment.SetItem("CUE_THREADABLE", "1") };

    public static FrameOrder WithRunId(this FrameOrder order) => order with { RunId = order.ResourceId };

    public static RunRecord Record(string? key = null, DateTimeOffset? at = null) =>
        RunRecord.Accept(Frame() with { RunId = null }, ImmutableArray<int>.Empty, at ?? DateTimeOffset.UnixEpoch.AddYears(50), "boot-1") with
        {
            Key = key ?? Guid.NewGuid().ToString(),
        };
}
