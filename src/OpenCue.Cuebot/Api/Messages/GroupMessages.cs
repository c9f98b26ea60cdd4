using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Groups as clients see them.</summary>
internal static class GroupMessages
{
    /// <summary>The group with its stats, which count the pending jobs directly in it.</summary>
    public static Wire.Group Of(FarmModel farm, Group group)
    {
        var row = group.Row;
        return new Wire.Group
        {
            Id = row.Id.ToString(),
            Name = row.Name,
            Department = row.Department,
            DefaultJobPriority = row.DefaultJobPriority,
            DefaultJobMinCores = WireUnits.Cores(row.DefaultJobMinCores),
            DefaultJobMaxCores = WireUnits.Cores(row.DefaultJobMaxCores),
            MinCores = WireUnits.Cores(row.MinCores),
            MaxCores = WireUnits.Cores(row.MaxCores),
            Level = LevelOf(farm, group),
            ParentId = row.ParentId?.ToString() ?? "",
            GroupStats = StatsOf(group),
            DefaultJobMinGpus = row.DefaultJobMinGpus,
            DefaultJobMaxGpus = row.DefaultJobMaxGpus,
            MinGpus = row.MinGpus,
            MaxGpus = row.MaxGpus,
        };
    }

    /// <summary>Adds the group with this id; nothing if it is gone.</summary>
    public static void Read(FarmModel farm, EntityId id, List<Wire.Group> found)
    {
        if (farm.Groups.TryGetValue(id, out var group))
        {
            found.Add(Of(farm, group));
        }
    }

    /// <summary>The groups, those near the root first, then by name.</summary>
    public static Wire.GroupSeq Seq(IEnumerable<Wire.Group> groups) =>
        new() { Groups = { groups.OrderBy(group => group.Level).ThenBy(group => group.Name, StringComparer.Ordinal) } };

    /// <summary>Number of groups above it.</summary>
    public static int LevelOf(FarmModel farm, Group group)
    {
        var level = 0;
        while (group.Row.ParentId is { } parentId && farm.Groups.TryGetValue(parentId, out var parent))
        {
            group = parent;
            level++;
        }

        return level;
    }

    private static Wire.GroupStats StatsOf(Group group)
    {
        var stats = new Wire.GroupStats
        {
            ReservedCores = WireUnits.Cores(group.Use.CorePoints),
            ReservedGpus = group.Use.Gpus,
        };
        foreach (var job in group.Jobs)
        {
            if (job.Row.State == JobState.Pending)
            {
                stats.PendingJobs++;
                stats.RunningFrames += job.Frames[FrameState.Running];
                stats.DeadFrames += job.Frames[FrameState.Dead];
                stats.DependFrames += job.Frames[FrameState.Depend];
                stats.WaitingFrames += job.Frames[FrameState.Waiting];
            }
        }

        return stats;
    }
}
