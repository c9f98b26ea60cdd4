using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;
using OpenCue.Storage.Recording;

namespace OpenCue.Simulator.Traces;

/// <summary>Makes a trace of what a cuebot's database tells: what jobs asked for, and what their frames took.</summary>
/// <remarks>
/// Runs count that ended by themselves, also in failure; what the server or a person took away (killed, lost with its host) says nothing of the
/// frame. A frame of a finished job without such a run was done without; one of a job that still goes on gets the mean of its layer.
/// </remarks>
internal sealed class RecordedTrace
{
    private readonly FarmRecord _record;
    private readonly DateTimeOffset _start;
    private readonly Dictionary<EntityId, string> _jobs = [];
    private readonly ILookup<EntityId, LayerRow> _layersOf;
    private readonly Dictionary<EntityId, LayerRow> _layers;
    private readonly Dictionary<(EntityId Layer, int Ordinal), List<TraceRun>> _runs;
    private readonly ILookup<EntityId, DependRow> _depends;
    private readonly Dictionary<EntityId, string> _limits;

    private RecordedTrace(FarmRecord record, DateTimeOffset start)
    {
        (_record, _start) = (record, start);
        _layersOf = record.Layers.ToLookup(l => l.JobId);
        _layers = record.Layers.ToDictionary(l => l.Id);
        _depends = record.Depends.ToLookup(d => d.ErJobId);
        _limits = record.Limits.ToDictionary(l => l.Id, l => l.Name);
        _runs = record.Runs.Where(CountsForFrame).GroupBy(r => (r.LayerId, r.FrameOrdinal)).ToDictionary(g => g.Key, g => g.Select(Run).ToList());

        // Where no host is, nothing ever runs, and nothing can be learned.
        var facilities = record.Allocations.Where(a => record.Hosts.Any(h => h.AllocationId == a.Id)).Select(a => a.FacilityId).ToHashSet();
        foreach (var job in record.Jobs.Where(j => _layersOf.Contains(j.Row.Id) && j.Show.Length > 0 && facilities.Contains(j.Row.FacilityId)))
        {
            _jobs.Add(job.Row.Id, (_jobs.Count + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Makes the trace.</summary>
    /// <param name="record">What the database tells.</param>
    /// <param name="name">The trace's name.</param>
    /// <param name="start">When it begins.</param>
    public static Trace Of(FarmRecord record, string name, DateTimeOffset start)
    {
        var recorded = new RecordedTrace(record, start);
        return new Trace
        {
            Name = name,
            Start = start,
            Farm = RecordedFarm.Of(record),
            Jobs = [.. record.Jobs.Where(j => recorded._jobs.ContainsKey(j.Row.Id)).Select(recorded.Job)],
        };
    }

    private static bool CountsForFrame(RunRow run) =>
        run.End == RunEnd.Completed && run.Kill is null or { Outcome: KillOutcome.Memory } && run.ExitStatus is not (ExitStatus.FailedLaunch or ExitStatus.SkipRetry);

    /// <summary>Agents report whole seconds; what took less than one is taken from the times of booking and end.</summary>
    private static TraceRun Run(RunRow run) => new(
        run.RunSeconds > 0 ? run.RunSeconds : Math.Clamp((run.EndedAtMs - run.BookedAtMs) / 1000m, 0, 1), Math.Max(0, run.MaxRssKib), run.ExitStatus);

    private TraceJob Job(RecordedJob recorded)
    {
        var row = recorded.Row;
        var layers = _layersOf[row.Id].ToList();
        return new TraceJob
        {
            Id = _jobs[row.Id],
            Name = NameOf(row),
            Show = recorded.Show,
            Shot = row.Shot,
            Group = recorded.Group == recorded.Show ? "" : recorded.Group,
            User = row.User,
            Facility = recorded.Facility,
            Os = row.Os ?? "",
            Priority = row.Priority,
            SubmitSeconds = Math.Max(0, (row.SubmittedAtMs - _start.ToUnixTimeMilliseconds()) / 1000m),
            MaxCores = Math.Max(0, row.MaxCores / 100),
            MaxGpus = Math.Max(0, row.MaxGpus),
            Retries = row.MaxRetries,
            Layers = [.. layers.Select(layer => Layer(layer, isOver: row.State == JobState.Finished))],
            Depends = [.. _depends[row.Id].Select(depend => Depend(row, depend)).OfType<TraceDepend>(), .. PostDepend(row)],
        };
    }

    /// <summary>The name without the prefix that a submission puts before it.</summary>
    private static string NameOf(JobRow job)
    {
        var prefix = $"{job.ShowAsWritten}-{job.Shot}-{job.User}_";
        var name = job.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? job.Name[prefix.Length..] : job.Name;

        // With its prefix a name may be shorter than one may be by itself.
        return NameRules.IsName(name) ? name : job.Name;
    }

    private TraceLayer Layer(LayerRow row, bool isOver)
    {
        var known = Enumerable.Range(0, row.FrameCount).Select(ordinal => _runs.GetValueOrDefault((row.Id, ordinal))).ToList();
        var good = known.SelectMany(runs => runs ?? []).Where(run => run.Exit == 0).ToList();
        IReadOnlyList<TraceRun> unknown = isOver || good.Count == 0
            ? []
            : [new TraceRun(Math.Round(good.Average(run => run.Seconds), 3), (long)good.Average(run => (double)run.PeakKib), 0)];
        return new TraceLayer
        {
            Name = row.Name,
            Range = row.Range,
            Chunk = row.ChunkSize,
            Cores = row.MinCores / 100m,
            Threadable = row.Threadable,
            MemoryKib = row.MinMemoryKib,
            Gpus = row.MinGpus,
            GpuMemoryKib = row.MinGpuMemoryKib,
            Tags = [.. row.Tags],
            Limits = [.. row.LimitIds.Where(_limits.ContainsKey).Select(id => _limits[id])],
            Services = [.. row.Services],
            Frames = [.. known.Select(runs => runs ?? unknown)],
        };
    }

    /// <summary>Null for what a person let go, and for waiting for something outside of the trace.</summary>
    private TraceDepend? Depend(JobRow job, DependRow row)
    {
        if (row.Dropped || !_jobs.TryGetValue(row.OnJobId, out var on))
        {
            return null;
        }

        return new TraceDepend
        {
            Type = DependTypes.NameOf(row.Type),
            Layer = LayerName(row.ErLayerId),
            Frame = FrameNumber(row.ErLayerId, row.ErFrame),
            OnJob = row.OnJobId == job.Id ? "" : on,
            OnLayer = LayerName(row.OnLayerId),
            OnFrame = FrameNumber(row.OnLayerId, row.OnFrame),
            AnyFrame = row.AnyFrame,
        };
    }

    /// <summary>A post job begins when its job is done.</summary>
    private IEnumerable<TraceDepend> PostDepend(JobRow job) =>
        job.PostJobOf is { } parent && _jobs.TryGetValue(parent, out var on) ? [new TraceDepend { Type = "JOB_ON_JOB", OnJob = on }] : [];

    private string LayerName(EntityId? id) => id is { } known && _layers.TryGetValue(known, out var layer) ? layer.Name : "";

    private int? FrameNumber(EntityId? id, int? ordinal) =>
        ordinal is { } known && id is { } layerId && _layers.TryGetValue(layerId, out var layer) && known < layer.FrameCount
            ? FrameChunks.Of(FrameSet.Parse(layer.Range), layer.ChunkSize).FirstFrame(known)
            : null;
}
