using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>
/// The depends of a specification. Jobs are found when it arrives; layers and frames when it becomes active, as those of its own jobs exist
/// only then.
/// </summary>
internal sealed class SubmissionDepends
{
    private readonly List<(DependSpec Spec, JobRef Er, JobRef On)> _depends = [];

    private SubmissionDepends()
    {
    }

    /// <summary>Finds the jobs that the depends name. Throws <see cref="FarmException"/> if one is not there.</summary>
    public static SubmissionDepends Of(FarmModel farm, JobSpecDocument document, SubmissionPlan plan)
    {
        var depends = new SubmissionDepends();
        var own = plan.Jobs.Select((job, i) => (job.Row.Name, i)).ToDictionary(j => j.Name, j => j.i, StringComparer.Ordinal);
        foreach (var spec in document.Depends)
        {
            depends._depends.Add((spec, Find(spec, spec.DependJob), Find(spec, spec.OnJob)));
        }

        return depends;

        JobRef Find(DependSpec spec, string written)
        {
            // A full name of another shot's or user's job is tried first; OpenCue takes it for the end of a name of this shot and user.
            foreach (var name in new[] { written, Conformed(document, written) })
            {
                if (name is not null && own.TryGetValue(name, out var index))
                {
                    return new JobRef(index, null);
                }

                if (name is not null && farm.Jobs.FindByName(name) is { IsVisible: true } job)
                {
                    return new JobRef(-1, job);
                }
            }

            throw Failed(spec, $"no job {written} is pending");
        }
    }

    /// <summary>Makes the depends, in their order.</summary>
    public void Create(FarmEdit edit, List<Job> jobs, List<string> warnings)
    {
        foreach (var (spec, erRef, onRef) in _depends)
        {
            var (er, on) = (erRef.Of(jobs), onRef.Of(jobs));
            if (er.Row.State == JobState.Finished || !er.InFarm)
            {
                warnings.Add($"the job {er.Row.Name} has finished and does not wait for {on.Row.Name} any more");
                continue;
            }

            // It was pending when the specification came; if it has finished since, nothing is left to wait for.
            if (!on.InFarm || (on.Row.State == JobState.Finished && DependRules.WaitsForJob(spec.Type)))
            {
                continue;
            }

            var (erEnd, onEnd) = Ends(spec, er, on);
            if (DependRules.IsOnForeignTiles(spec.Type, erEnd, onEnd))
            {
                warnings.Add($"the {erEnd} does not wait for the {onEnd}, whose frames are tiles");
                continue;
            }

            Create(edit, spec, erEnd, onEnd);
        }

        if (_depends.Count > 0 && DependCycles.Find(jobs.SelectMany(j => j.Layers)) is { } cycle)
        {
            warnings.Add(cycle);
        }
    }

    private static void Create(FarmEdit edit, DependSpec spec, DependEnd er, DependEnd on)
    {
        try
        {
            DependRules.Create(edit, spec.Type, er, on, spec.AnyFrame);
        }
        catch (FarmException e)
        {
            throw Failed(spec, e.Message);
        }
    }

    private static (DependEnd Er, DependEnd On) Ends(DependSpec spec, Job er, Job on) => spec.Type switch
    {
        DependType.JobOnJob => (new(er), new(on)),
        DependType.JobOnLayer => (new(er), OnLayer(spec, on)),
        DependType.JobOnFrame => (new(er), OnFrame(spec, on)),
        DependType.LayerOnJob => (ErLayer(spec, er), new(on)),
        DependType.LayerOnLayer or DependType.FrameByFrame or DependType.PreviousFrame => (ErLayer(spec, er), OnLayer(spec, on)),
        DependType.LayerOnFrame or DependType.LayerOnSimFrame => (ErLayer(spec, er), OnFrame(spec, on)),
        DependType.FrameOnJob => (ErFrame(spec, er), new(on)),
        DependType.FrameOnLayer => (ErFrame(spec, er), OnLayer(spec, on)),
        _ => (ErFrame(spec, er), OnFrame(spec, on)),
    };

    private static DependEnd ErLayer(DependSpec spec, Job job) => LayerOf(spec, job, spec.DependLayer ?? spec.DependFrame?.Layer);

    private static DependEnd OnLayer(DependSpec spec, Job job) => LayerOf(spec, job, spec.OnLayer ?? spec.OnFrame?.Layer);

    private static DependEnd ErFrame(DependSpec spec, Job job) => FrameOf(spec, job, spec.DependFrame);

    private static DependEnd OnFrame(DependSpec spec, Job job) => FrameOf(spec, job, spec.OnFrame);

    private static DependEnd LayerOf(DependSpec spec, Job job, string? name) =>
        job.Layers.Find(l => l.Row.Name == name) is { } layer
            ? DependEnd.Of(layer)
            : throw Failed(spec, $"The layer {name} was not found in {job.Row.Name}");

    private static DependEnd FrameOf(DependSpec spec, Job job, FrameName? name)
    {
        if (name is not { } frame)
        {
            throw Failed(spec, $"it names no frame of {job.Row.Name}");
        }

        var layer = LayerOf(spec, job, frame.Layer).Layer!;

        // A member of a chunk stands for its chunk; OpenCue knows the first members only.
        var ordinal = layer.Chunks.IndexOfChunkHolding(frame.Number);
        return ordinal >= 0 ? DependEnd.Of(layer, ordinal) : throw Failed(spec, $"The frame {frame} was not found in {job.Row.Name}");
    }

    private static string? Conformed(JobSpecDocument document, string written)
    {
        try
        {
            return document.FullJobName(written);
        }
        catch (InvalidNameException)
        {
            return null; // Then it is no job's name, and none is found.
        }
    }

    private static FarmException Failed(DependSpec spec, string cause) => SubmissionPlan.Refused(
        $"failed to setup new dependency: {DependTypes.NameOf(spec.Type)}, "
        + $"was unable to find job info for {spec.OnJob} or {spec.DependJob},{cause}");

    /// <summary>A job of the specification by its place in the plan, or one of the farm.</summary>
    private readonly record struct JobRef(int Own, Job? Job)
    {
        public Job Of(List<Job> jobs) => Job ?? jobs[Own];
    }
}
