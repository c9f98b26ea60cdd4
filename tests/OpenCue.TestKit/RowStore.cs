using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.TestKit;

/// <summary>The least that a store has to do: keeps the rows of the change sets it is given, and gives them back for a load.</summary>
public sealed class RowStore
{
    private readonly Dictionary<Type, Dictionary<EntityId, object>> _tables = [];
    private readonly Dictionary<EntityId, List<Frame>> _frames = [];

    /// <summary>The runs that have ended, the last one last.</summary>
    public List<RunRow> History { get; } = [];

    /// <summary>The jobs that went to history.</summary>
    public List<EntityId> Archived { get; } = [];

    /// <summary>Keeps what changed.</summary>
    public void Commit(ChangeSet changes)
    {
        Keep<FacilityRow>(changes);
        Keep<AllocationRow>(changes);
        Keep<ShowRow>(changes);
        Keep<GroupRow>(changes);
        Keep<SubscriptionRow>(changes);
        Keep<ShareUseRow>(changes);
        Keep<ServiceRow>(changes);
        Keep<LimitRow>(changes);
        Keep<HostRow>(changes);
        Keep<HostStatRow>(changes);
        Keep<JobRow>(changes);
        Keep<LayerRow>(changes);
        Keep<LayerUsageRow>(changes);
        Keep<FramesAtRestRow>(changes);
        Keep<DependRow>(changes);
        Keep<DependMarksRow>(changes);
        Keep<ProcRow>(changes);
        Keep<RunRow>(changes);
        Keep<OldRunRow>(changes);
        Keep<BulkOperationRow>(changes);
        foreach (var row in changes.NewFrames.Concat(changes.Frames))
        {
            KeepFrame(row);
        }

        foreach (var run in changes.EndedRuns)
        {
            Table<RunRow>().Remove(run.Id);
            History.Add(run);
        }

        Archived.AddRange(changes.ArchivedJobs);
        foreach (var job in changes.ArchivedJobs.Concat(changes.DroppedJobs))
        {
            RemoveJob(job);
        }
    }

    /// <summary>The frames of a layer.</summary>
    public Frame[] Frames(EntityId layer) => [.. _frames[layer]];

    /// <summary>All rows, as a load finds them.</summary>
    public FarmRows Rows()
    {
        var rows = new FarmRows();
        rows.Facilities.AddRange(All<FacilityRow>());
        rows.Allocations.AddRange(All<AllocationRow>());
        rows.Shows.AddRange(All<ShowRow>());
        rows.Groups.AddRange(All<GroupRow>());
        rows.Subscriptions.AddRange(All<SubscriptionRow>());
        rows.ShareUses.AddRange(All<ShareUseRow>());
        rows.Services.AddRange(All<ServiceRow>());
        rows.Limits.AddRange(All<LimitRow>());
        rows.Hosts.AddRange(All<HostRow>());
        rows.HostStats.AddRange(All<HostStatRow>());
        rows.Jobs.AddRange(All<JobRow>());
        rows.Layers.AddRange(All<LayerRow>());
        rows.LayerUsage.AddRange(All<LayerUsageRow>());
        rows.FramesAtRest.AddRange(All<FramesAtRestRow>());
        rows.Depends.AddRange(All<DependRow>());
        rows.DependMarks.AddRange(All<DependMarksRow>());
        rows.Procs.AddRange(All<ProcRow>());
        rows.Runs.AddRange(All<RunRow>());
        rows.OldRuns.AddRange(All<OldRunRow>());
        rows.Operations.AddRange(All<BulkOperationRow>());
        foreach (var (layer, frames) in _frames)
        {
            if (!Table<FramesAtRestRow>().ContainsKey(layer))
            {
                rows.Frames.Add(layer, [.. frames]);
            }
        }

        return rows;
    }

    /// <summary>All rows of a type.</summary>
    public IEnumerable<TRow> All<TRow>() => Table<TRow>().OrderBy(r => r.Key).Select(r => (TRow)r.Value);

    private void Keep<TRow>(ChangeSet changes)
        where TRow : class, IRow
    {
        var table = Table<TRow>();
        foreach (var row in changes.Table<TRow>().Upserts)
        {
            table[row.Id] = row;
        }

        foreach (var id in changes.Table<TRow>().Deletes)
        {
            table.Remove(id);
        }
    }

    /// <summary>Keeps of a frame what a store keeps: not what the loader works out again.</summary>
    private void KeepFrame(FrameRow row)
    {
        if (!_frames.TryGetValue(row.Layer, out var frames))
        {
            _frames.Add(row.Layer, frames = []);
        }

        // New frames come in their order.
        var stored = row.Value with { DependCount = 0, ChangedIn = 0, Flags = row.Value.Flags & ~FrameFlags.Dirty };
        if (row.Ordinal == frames.Count)
        {
            frames.Add(stored);
        }
        else
        {
            frames[row.Ordinal] = stored;
        }
    }

    private void RemoveJob(EntityId job)
    {
        foreach (var layer in All<LayerRow>().Where(l => l.JobId == job).ToList())
        {
            Table<LayerRow>().Remove(layer.Id);
            Table<LayerUsageRow>().Remove(layer.Id);
            _frames.Remove(layer.Id);
        }

        Table<JobRow>().Remove(job);
    }

    private Dictionary<EntityId, object> Table<TRow>()
    {
        if (!_tables.TryGetValue(typeof(TRow), out var table))
        {
            _tables.Add(typeof(TRow), table = []);
        }

        return table;
    }
}
