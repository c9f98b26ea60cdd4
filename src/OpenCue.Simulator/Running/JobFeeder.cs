using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Simulator.Traces;
using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Simulator.Running;

/// <summary>Submits the jobs of a trace, as their users did.</summary>
internal sealed class JobFeeder
{
    /// <summary>More than any farm has: what OpenCue's specifications have no word for.</summary>
    private const int NoBound = 1_000_000;

    private readonly Dictionary<string, (SimJob Job, EntityId Id)> _submitted = new(StringComparer.Ordinal);
    private readonly Dictionary<EntityId, SimLayer> _layers = [];

    /// <summary>Jobs that were submitted.</summary>
    public IEnumerable<SimJob> Submitted => _submitted.Values.Select(job => job.Job);

    /// <summary>The jobs, in their order, with their ids on the farm.</summary>
    public IReadOnlyCollection<(SimJob Job, EntityId Id)> Jobs => _submitted.Values;

    /// <summary>The layer with this id on the simulated farm.</summary>
    public SimLayer LayerOf(EntityId layer) => _layers[layer];

    /// <summary>Submits a job.</summary>
    /// <exception cref="SimException">The farm refuses it; says why.</exception>
    public SimJob Submit(FarmEdit edit, TraceJob trace, long nowMs)
    {
        try
        {
            var submission = Submission.Begin(edit, Document(edit.Farm, trace));
            while (submission.Step(edit))
            {
            }

            var job = submission.Activate(edit)[0];
            if (job.Show.Groups.FirstOrDefault(g => g.Row.Name == trace.Group) is { } group && group != job.Group)
            {
                edit.Set(job, job.Row with { GroupId = group.Id });
            }

            return Note(edit, job, trace, nowMs);
        }
        catch (FarmException e)
        {
            throw new SimException($"Job {trace.Id} ({trace.Name}) of the trace can't be submitted to this farm: {e.Message}");
        }
    }

    /// <summary>Does without a frame: it failed for good, or never ran. Nobody waits for it any more.</summary>
    public static void GiveUp(FarmEdit edit, Layer layer, int ordinal)
    {
        OpenCue.Farm.Depends.DependRules.SatisfyFrame(edit, layer, ordinal);
        FrameOperations.Eat(edit, layer, ordinal, "cue-sim", "the trace has no further run of it");
        if (layer.Counts.Complete)
        {
            OpenCue.Farm.Depends.DependRules.SatisfyLayer(edit, layer);
        }
    }

    private SimJob Note(FarmEdit edit, Job job, TraceJob trace, long nowMs)
    {
        var known = new SimJob(trace, nowMs);
        _submitted.Add(trace.Id, (known, job.Id));
        var layers = job.Layers.ToList();
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = new SimLayer(known, trace.Layers[i]);
            _layers.Add(layers[i].Id, layer);
            for (var ordinal = 0; ordinal < layer.Tries.Length; ordinal++)
            {
                if (layer.Trace.Frames[ordinal].Count == 0)
                {
                    GiveUp(edit, layers[i], ordinal);
                }
            }
        }

        if (job.Row.State == JobState.Finished)
        {
            known.FinishedMs = nowMs;
        }

        return known;
    }

    private JobSpecDocument Document(FarmModel farm, TraceJob trace)
    {
        var shot = NameRules.Shot(trace.Shot);
        var name = trace.Name;
        if (farm.Jobs.FindByName(NameRules.Job(trace.Show, shot, trace.User, name)) is not null)
        {
            // The recorded farm was done with the first job of this name already.
            name = $"{name}_{trace.Id}";
        }

        return new JobSpecDocument
        {
            Facility = trace.Facility.Length > 0 ? trace.Facility : null,
            Show = trace.Show,
            Shot = shot,
            User = trace.User,
            Jobs =
            [
                new JobSpec
                {
                    Name = name,
                    Priority = trace.Priority,
                    MaxRetries = trace.Retries,
                    MaxWholeCores = trace.MaxCores > 0 ? trace.MaxCores : NoBound,
                    MaxGpus = trace.MaxGpus > 0 ? trace.MaxGpus : NoBound,
                    Os = trace.Os.Length > 0 ? trace.Os : null,
                    Layers = trace.Layers.Select(Layer).ToValueList(),
                },
            ],
            Depends = trace.Depends.Select(depend => Depend(farm, depend, name)).OfType<DependSpec>().ToValueList(),
        };
    }

    private static LayerSpec Layer(TraceLayer layer) => new()
    {
        Name = NameRules.Layer(layer.Name),
        Command = "simulated",
        Range = FrameSet.Parse(layer.Range),
        ChunkSize = layer.Chunk,
        MinCorePoints = (int)(layer.Cores * 100),
        Threadable = layer.Threadable,
        MinMemoryKib = layer.MemoryKib,
        MinGpus = layer.Gpus,
        MinGpuMemoryKib = layer.GpuMemoryKib,
        Tags = layer.Tags.ToValueList(),
        Limits = layer.Limits.ToValueList(),
        Services = layer.Services.Count > 0 ? layer.Services.ToValueList() : ["default"],
    };

    /// <summary>Null if the job that is waited for is done already.</summary>
    private DependSpec? Depend(FarmModel farm, TraceDepend depend, string own)
    {
        var on = own;
        if (depend.OnJob.Length > 0)
        {
            if (!_submitted.TryGetValue(depend.OnJob, out var job) || job.Job.FinishedMs is not null || !farm.Jobs.TryGet(job.Id, out var found))
            {
                return null;
            }

            on = found.Row.Name;
        }

        if (!DependTypes.TryParse(depend.Type, out var type))
        {
            throw new SimException($"A depend of the trace has the type {depend.Type}, which is none. There are {string.Join(", ", DependTypes.Names)}.");
        }

        return new DependSpec
        {
            Type = type,
            AnyFrame = depend.AnyFrame,
            DependJob = own,
            DependLayer = depend.Layer.Length > 0 ? NameRules.Layer(depend.Layer) : null,
            DependFrame = depend.Frame is { } frame ? new FrameName(frame, NameRules.Layer(depend.Layer)) : null,
            OnJob = on,
            OnLayer = depend.OnLayer.Length > 0 ? NameRules.Layer(depend.OnLayer) : null,
            OnFrame = depend.OnFrame is { } onFrame ? new FrameName(onFrame, NameRules.Layer(depend.OnLayer)) : null,
        };
    }
}
