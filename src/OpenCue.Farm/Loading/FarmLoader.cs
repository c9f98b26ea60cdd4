using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Loading;

/// <summary>
/// Builds the model from the rows of a store. All links and sums come from attaching the rows, the same way as while running.
/// </summary>
public static class FarmLoader
{
    /// <summary>
    /// The farm that the rows describe. Throws <see cref="InvalidDataException"/>, naming the row, if one refers to something that is not
    /// there.
    /// </summary>
    public static FarmModel Build(FarmRows rows, FarmSettings settings)
    {
        var farm = new FarmModel { Settings = settings, LoadedEngineMs = rows.EngineMs, HearingSinceEngineMs = rows.EngineMs };
        foreach (var row in rows.Facilities)
        {
            Attach(farm, new Facility(row));
        }

        foreach (var row in rows.Allocations)
        {
            Attach(farm, new Allocation(row, Need(farm.Facilities.Find(row.FacilityId), "allocation", row.Id, "facility", row.FacilityId)));
        }

        foreach (var row in rows.Shows)
        {
            Attach(farm, new Show(row));
        }

        foreach (var row in rows.ShareUses)
        {
            Attach(farm, new ShareUse(row));
        }

        foreach (var row in rows.Groups)
        {
            Attach(farm, new Group(row, Need(farm.Shows.Find(row.ShowId), "group", row.Id, "show", row.ShowId)));
        }

        foreach (var row in rows.Subscriptions)
        {
            Attach(farm, new Subscription(
                row,
                Need(farm.Shows.Find(row.ShowId), "subscription", row.Id, "show", row.ShowId),
                Need(farm.Allocations.Find(row.AllocationId), "subscription", row.Id, "allocation", row.AllocationId)));
        }

        foreach (var row in rows.Services)
        {
            Attach(farm, new Service(row));
        }

        foreach (var row in rows.Limits)
        {
            Attach(farm, new Limit(row));
        }

        LoadHosts(farm, rows);
        LoadJobs(farm, rows);
        LoadDepends(farm, rows);
        LoadRuns(farm, rows);
        SettleFrames(farm);
        foreach (var row in rows.OldRuns)
        {
            Attach(farm, new OldRun(row));
        }

        foreach (var row in rows.Operations)
        {
            Attach(farm, new BulkOperation(row));
        }

        farm.Marks.Everything = true;
        return farm;
    }

    private static void LoadHosts(FarmModel farm, FarmRows rows)
    {
        foreach (var (number, name) in rows.HostNames)
        {
            farm.HostsByNumber[number] = name;
            farm.LastHostNumber = Math.Max(farm.LastHostNumber, number);
        }

        var stats = rows.HostStats.ToDictionary(s => s.Id);
        foreach (var row in rows.Hosts)
        {
            var stat = new HostStat(stats.GetValueOrDefault(row.Id) ?? new HostStatRow { Id = row.Id });
            Attach(farm, stat);
            Attach(
                farm, new Host(row, Need(farm.Allocations.Find(row.AllocationId), "host", row.Id, "allocation", row.AllocationId), stat));
        }
    }

    private static void LoadJobs(FarmModel farm, FarmRows rows)
    {
        foreach (var row in rows.Jobs)
        {
            Attach(farm, new Job(
                row,
                Need(farm.Shows.Find(row.ShowId), "job", row.Id, "show", row.ShowId),
                Need(farm.Groups.GetValueOrDefault(row.GroupId), "job", row.Id, "group", row.GroupId),
                Need(farm.Facilities.Find(row.FacilityId), "job", row.Id, "facility", row.FacilityId)));
        }

        var usage = rows.LayerUsage.ToDictionary(u => u.Id);
        var atRest = rows.FramesAtRest.ToDictionary(r => r.Id);
        foreach (var row in rows.Layers.OrderBy(l => l.DispatchOrder))
        {
            var job = Need(farm.Jobs.Find(row.JobId), "layer", row.Id, "job", row.JobId);
            var layerUsage = new LayerUsage(usage.GetValueOrDefault(row.Id) ?? new LayerUsageRow { Id = row.Id });
            Attach(farm, layerUsage);

            // The range was accepted once, under whatever limit the site had then; a lower one today must not keep the farm from loading.
            var range = FrameSet.Parse(row.Range, maxFrames: int.MaxValue);
            var chunks = FrameChunks.Of(range, row.ChunkSize);
            if (atRest.TryGetValue(row.Id, out var rest))
            {
                LoadAtRest(farm, new Layer(row, job, layerUsage, chunks, rest), rest);
                continue;
            }

            // A job that was being submitted when the server stopped may lack frames; it is dropped as a whole.
            var frames = rows.Frames.GetValueOrDefault(row.Id) ?? [];
            if (frames.Length != row.FrameCount && job.Row.State != JobState.Startup)
            {
                throw new InvalidDataException(
                    $"Layer {row.Name} of job {job.Row.Name} has {frames.Length} stored frames instead of {row.FrameCount}.");
            }

            Attach(farm, new Layer(row, job, layerUsage, chunks, frames));
        }
    }

    private static void LoadAtRest(FarmModel farm, Layer layer, FramesAtRestRow rest)
    {
        if (layer.Job.Row.State != JobState.Finished || layer.Counts.Total != layer.Row.FrameCount)
        {
            throw new InvalidDataException(
                $"The store is damaged: the frames of layer {layer.Row.Name} of job {layer.Job.Row.Name} can't be at rest: the job is "
                + $"{layer.Job.Row.State}, and {layer.Counts.Total} frames of {layer.Row.FrameCount} were noted.");
        }

        Attach(farm, layer);
        Attach(farm, new FramesAtRest(rest, layer));
    }

    private static void LoadDepends(FarmModel farm, FarmRows rows)
    {
        foreach (var row in rows.Depends)
        {
            var levels = DependRules.Levels(row.Type);
            if (levels.Er != Level(row.ErLayerId, row.ErFrame) || levels.On != Level(row.OnLayerId, row.OnFrame))
            {
                throw new InvalidDataException(
                    $"The store is damaged: depend {row.Id} of type {row.Type} lacks a layer or frame, or has one too many.");
            }

            Attach(farm, new Depend(
                row,
                Need(farm.Jobs.Find(row.ErJobId), "depend", row.Id, "job", row.ErJobId),
                row.ErLayerId is { } er ? Need(farm.Layers.GetValueOrDefault(er), "depend", row.Id, "layer", er) : null,
                Need(farm.Jobs.Find(row.OnJobId), "depend", row.Id, "job", row.OnJobId),
                row.OnLayerId is { } on ? Need(farm.Layers.GetValueOrDefault(on), "depend", row.Id, "layer", on) : null));
        }

        foreach (var row in rows.DependMarks)
        {
            Attach(
                farm, new DependMarks(
                    row, Need(farm.Depends.GetValueOrDefault(row.DependId), "depend marks", row.Id, "depend", row.DependId)));
        }
    }

    private static void LoadRuns(FarmModel farm, FarmRows rows)
    {
        var runs = new Dictionary<EntityId, RunRow>();
        foreach (var row in rows.Runs)
        {
            if (!runs.TryAdd(row.ProcId, row))
            {
                throw new InvalidDataException(
                    $"The store is damaged: runs {row.Id} and {runs[row.ProcId].Id} are both in proc {row.ProcId}.");
            }
        }

        foreach (var row in rows.Procs)
        {
            var proc = new Proc(
                row,
                Need(farm.Hosts.Find(row.HostId), "proc", row.Id, "host", row.HostId),
                Need(farm.Layers.GetValueOrDefault(row.LayerId), "proc", row.Id, "layer", row.LayerId));
            Attach(farm, proc);
            if (runs.Remove(row.Id, out var run))
            {
                Attach(farm, new Run(run, proc));
            }
        }

        if (runs.Count > 0)
        {
            throw new InvalidDataException($"Run {runs.Values.First().Id} refers to a proc that is not there.");
        }
    }

    /// <summary>
    /// States that follow from depends are not stored with each frame: they are put right here. A frame that runs without a run, or a run
    /// whose frame does not run, can't come from a whole store.
    /// </summary>
    private static void SettleFrames(FarmModel farm)
    {
        foreach (var layer in farm.Layers.Values)
        {
            layer.SettleLoadedStates();
            var running = layer.Counts[FrameState.Running];
            if (running != layer.Runs.Count || layer.Runs.Keys.Any(i => !layer.HasFrames || layer.Frames[i].State != FrameState.Running))
            {
                throw new InvalidDataException(
                    $"The store is damaged: layer {layer.Row.Name} of job {layer.Job.Row.Name} has {running} running frames "
                    + $"and {layer.Runs.Count} runs.");
            }
        }
    }

    private static void Attach(FarmModel farm, Entity entity)
    {
        try
        {
            entity.Attach(farm);
            entity.InFarm = true;
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"The store is damaged: {entity.GetType().Name} {entity.Id} can't be there: {e.Message}", e);
        }
    }

    private static int Level(EntityId? layer, int? frame) => layer is null ? 0 : frame is null ? 1 : 2;

    private static T Need<T>(T? found, string kind, EntityId id, string needs, EntityId needed)
        where T : class =>
        found ?? throw new InvalidDataException($"The store is damaged: {kind} {id} refers to {needs} {needed}, which is not there.");
}
