using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Shows;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>What is durable, put together from the change sets that were committed: the checks' own view of the store.</summary>
internal sealed class StoreMirror
{
    /// <summary>Runs that have not ended.</summary>
    public Dictionary<EntityId, RunRow> Runs { get; } = [];

    /// <summary>Runs that have.</summary>
    public Dictionary<EntityId, RunRow> Ended { get; } = [];

    /// <summary>Frames.</summary>
    public Dictionary<EntityId, Frame> Frames { get; } = [];

    /// <summary>Jobs.</summary>
    public Dictionary<EntityId, JobRow> Jobs { get; } = [];

    /// <summary>Layers.</summary>
    public Dictionary<EntityId, LayerRow> Layers { get; } = [];

    /// <summary>What layers have used.</summary>
    public Dictionary<EntityId, LayerUsageRow> Usage { get; } = [];

    /// <summary>Hosts.</summary>
    public Dictionary<EntityId, HostRow> Hosts { get; } = [];

    /// <summary>Subscriptions.</summary>
    public Dictionary<EntityId, SubscriptionRow> Subscriptions { get; } = [];

    /// <summary>Places on hosts.</summary>
    public Dictionary<EntityId, ProcRow> Procs { get; } = [];

    /// <summary>Limits.</summary>
    public Dictionary<EntityId, LimitRow> Limits { get; } = [];

    /// <summary>Bulk operations that are not done.</summary>
    public Dictionary<EntityId, BulkOperationRow> Operations { get; } = [];

    /// <summary>Number of the last change set.</summary>
    public long Sequence { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Runs.Clear();
        Ended.Clear();
        Frames.Clear();
        Jobs.Clear();
        Layers.Clear();
        Usage.Clear();
        Hosts.Clear();
        Subscriptions.Clear();
        Procs.Clear();
        Limits.Clear();
        Operations.Clear();
        Sequence = 0;
    }

    /// <summary>True if a run has ended, or is to be killed.</summary>
    public bool IsOver(EntityId run) => Ended.ContainsKey(run) || (Runs.TryGetValue(run, out var row) && row.Kill is not null);

    /// <summary>Takes over a change set.</summary>
    public void Apply(ChangeSet changes)
    {
        Sequence = changes.Sequence;
        foreach (var table in changes.Tables)
        {
            switch (table)
            {
                case RowChanges<RunRow> runs:
                    Take(Runs, runs);
                    break;
                case RowChanges<JobRow> jobs:
                    Take(Jobs, jobs);
                    break;
                case RowChanges<LayerRow> layers:
                    Take(Layers, layers);
                    break;
                case RowChanges<LayerUsageRow> usage:
                    Take(Usage, usage);
                    break;
                case RowChanges<HostRow> hosts:
                    Take(Hosts, hosts);
                    break;
                case RowChanges<SubscriptionRow> subscriptions:
                    Take(Subscriptions, subscriptions);
                    break;
                case RowChanges<ProcRow> procs:
                    Take(Procs, procs);
                    break;
                case RowChanges<LimitRow> limits:
                    Take(Limits, limits);
                    break;
                case RowChanges<BulkOperationRow> operations:
                    Take(Operations, operations);
                    break;
                default:
                    break;
            }
        }

        foreach (var frame in changes.NewFrames.Concat(changes.Frames))
        {
            Frames[frame.Layer.Frame(frame.Ordinal)] = frame.Value;
        }

        foreach (var run in changes.EndedRuns)
        {
            Runs.Remove(run.Id);
            Ended[run.Id] = run;
        }

        foreach (var job in changes.ArchivedJobs.Concat(changes.DroppedJobs))
        {
            Jobs.Remove(job);
        }
    }

    private static void Take<TRow>(Dictionary<EntityId, TRow> rows, RowChanges<TRow> changes)
        where TRow : class, IRow
    {
        foreach (var row in changes.Upserts)
        {
            rows[row.Id] = row;
        }

        foreach (var id in changes.Deletes)
        {
            rows.Remove(id);
        }
    }
}
