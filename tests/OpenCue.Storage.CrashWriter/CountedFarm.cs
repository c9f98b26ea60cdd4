using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Storage.CrashWriter;

/// <summary>
/// A farm in which everything says how many batches were stored: batch n writes n into a job, into the layer's usage and into a frame, adds three
/// frames and ends a run. So a half-written, lost or doubled batch shows.
/// </summary>
public static class CountedFarm
{
    private const int FramesPerBatch = 3;

    private static readonly EntityId Job = EntityId.Parse("01990000-0000-7000-8000-000100000000");
    private static readonly EntityId Layer = EntityId.Parse("01990000-0000-7000-8000-000200000000");
    private static readonly EntityId Other = EntityId.Parse("01990000-0000-7000-8000-000300000000");

    /// <summary>The change set with this number.</summary>
    public static ChangeSet Batch(long n)
    {
        var changes = new ChangeSet(n, new FarmTime(n, n));
        changes.Table<JobRow>().Upserts.Add(new JobRow
        {
            Id = Job, Name = "show-shot-user_counted", ShowId = Other, ShowAsWritten = "show", GroupId = Other, FacilityId = Other, Shot = "shot",
            User = "user", LogDir = "/logs", Priority = (int)n,
        });
        changes.Table<LayerRow>().Upserts.Add(new LayerRow
        {
            Id = Layer, JobId = Job, Name = "render", Command = "true", Range = "1-1000000", FrameCount = (int)n * FramesPerBatch,
        });
        changes.Table<LayerUsageRow>().Upserts.Add(new LayerUsageRow { Id = Layer, Succeeded = n });
        for (var i = 0; i < FramesPerBatch; i++)
        {
            var ordinal = (int)(n - 1) * FramesPerBatch + i;
            changes.NewFrames.Add(new FrameRow(Layer, ordinal, Frame.New(ordinal, n)));
        }

        changes.Frames.Add(new FrameRow(Layer, 0, Frame.New(0, n) with { Version = (int)n }));
        changes.EndedRuns.Add(new RunRow
        {
            Id = new EntityId(0x01990000_00007000, 0x8000_0004_0000_0000UL + (ulong)n), LayerId = Layer, FrameOrdinal = (int)n, JobId = Job, ProcId = Other,
            HostId = Other, HostName = "host", Reserved = default, End = RunEnd.Completed, EndedAtMs = n,
        });
        return changes;
    }

    /// <summary>What is wrong with a loaded farm, or null: all of the batches up to <see cref="FarmRows.Sequence"/> must be there and nothing else.</summary>
    public static async Task<string?> FindFaultAsync(IFarmStore store, FarmRows rows)
    {
        var n = rows.Sequence;
        var runs = await store.FindRunsAsync(new RunQuery { Limit = int.MaxValue }, CancellationToken.None);
        if (n == 0)
        {
            return rows.Jobs.Count == 0 && runs.Count == 0 ? null : "batch 0 has rows";
        }

        var frames = rows.Frames[Layer];
        return rows.Jobs.Single().Priority != n ? $"the job is of batch {rows.Jobs.Single().Priority}"
            : rows.LayerUsage.Single().Succeeded != n ? $"the usage is of batch {rows.LayerUsage.Single().Succeeded}"
            : frames.Length != n * FramesPerBatch ? $"there are {frames.Length} frames"
            : frames[0].Version != n ? $"the frame is of batch {frames[0].Version}"
            : runs.Count != n ? $"there are {runs.Count} runs"
            : rows.EngineMs != n ? $"the engine time is {rows.EngineMs}"
            : null;
    }
}
