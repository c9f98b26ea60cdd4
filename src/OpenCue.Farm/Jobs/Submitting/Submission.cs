using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>
/// A launch specification on its way into the farm, in steps small enough for one batch each. What it has stored so far is invisible; the
/// last step makes all its jobs active together, or none. Other commands may come in between.
/// </summary>
/// <remarks>
/// Call <see cref="Begin"/>, then <see cref="Step"/> until it says that there is no more, then <see cref="Activate"/>; each as a command of
/// its own. If one of them throws, or the submitter goes away, call <see cref="Drop"/>. What a crash leaves behind is dropped by
/// <see cref="DropLeftOvers"/>.
/// </remarks>
public sealed class Submission
{
    private readonly JobSpecDocument _document;
    private readonly SubmissionPlan _plan;
    private readonly SubmissionDepends _depends;
    private readonly List<Job> _jobs = [];
    private Position _at = new(job: 0);

    private Submission(JobSpecDocument document, SubmissionPlan plan, SubmissionDepends depends) =>
        (_document, _plan, _depends) = (document, plan, depends);

    /// <summary>What the submitter should know although the jobs were accepted.</summary>
    public IReadOnlyList<string> Warnings => _plan.Warnings;

    /// <summary>
    /// Checks a specification against the farm and takes the names of its jobs. Throws <see cref="FarmException"/> if it is refused; then
    /// there is nothing to drop.
    /// </summary>
    public static Submission Begin(FarmEdit edit, JobSpecDocument document)
    {
        var plan = SubmissionPlan.Of(edit.Farm, document, edit.Now);
        var depends = SubmissionDepends.Of(edit.Farm, document, plan);
        var submission = new Submission(document, plan, depends);
        foreach (var job in plan.Jobs)
        {
            submission.AddJob(edit, job);
        }

        return submission;
    }

    /// <summary>Stores the next part, of about <see cref="FarmSettings.SubmissionChunk"/> rows. True while there is more.</summary>
    public bool Step(FarmEdit edit)
    {
        ExpectStaging();
        var before = _at;
        for (var left = edit.Farm.Settings.SubmissionChunk; left > 0 && _at.Job < _jobs.Count;)
        {
            left -= StoreNext(edit, left);
        }

        var after = _at;
        edit.OnUndo(() => _at = before, () => _at = after);
        return _at.Job < _jobs.Count;
    }

    /// <summary>
    /// Makes all jobs active, with their depends. Returns them in the order of the specification, post jobs left out. Throws
    /// <see cref="FarmException"/> if a depend can't be made or the show was closed meanwhile.
    /// </summary>
    public IReadOnlyList<Job> Activate(FarmEdit edit)
    {
        ExpectStaging();
        if (_at.Job < _jobs.Count)
        {
            throw new InvalidOperationException("A submission is activated after all of it was stored.");
        }

        var show = SubmissionPlan.CheckShow(edit.Farm, _document.Show);
        _depends.Create(edit, _jobs, _plan.Warnings);
        foreach (var job in _jobs)
        {
            edit.Set(job, job.Row with { State = job.Row.PostJobOf is null ? JobState.Pending : JobState.Posted });
            edit.Emit(FarmEventKind.JobLaunched, job.Id, job.Id, (int)JobState.Startup, (int)job.Row.State, job.Row.Name);
        }

        edit.Set(show, show.Row with
        {
            JobsCreated = show.Row.JobsCreated + _jobs.Count,
            FramesCreated = show.Row.FramesCreated + _jobs.Sum(j => j.Frames.Total),
        });
        return _jobs.FindAll(j => j.Row.PostJobOf is null);
    }

    /// <summary>Takes away all that was stored so far.</summary>
    public void Drop(FarmEdit edit)
    {
        foreach (var job in _jobs)
        {
            if (job.InFarm && job.Row.State == JobState.Startup)
            {
                edit.DropJob(job);
            }
        }
    }

    /// <summary>
    /// Takes away what submissions left behind that a stop of the server cut off: nobody was told that they were accepted.
    /// </summary>
    public static void DropLeftOvers(FarmEdit edit)
    {
        foreach (var job in edit.Farm.Jobs.All.Where(j => j.Row.State == JobState.Startup).ToList())
        {
            edit.DropJob(job);
        }
    }

    /// <summary>A step that was under way when the submitter gave up may come after the drop.</summary>
    private void ExpectStaging()
    {
        if (_jobs.Exists(j => !j.InFarm || j.Row.State != JobState.Startup))
        {
            throw FarmException.Precondition($"The submission of {_jobs[0].Row.Name} was given up, or is active already.");
        }
    }

    private void AddJob(FarmEdit edit, PlannedJob planned)
    {
        var id = edit.NewId();
        var row = planned.Row with { Id = id, LogDir = SubmissionPlan.LogDir(edit.Farm.Settings, planned.Row, id) };
        if (planned.IsPost)
        {
            var parent = _jobs[^1];
            row = row with
            {
                PostJobOf = parent.Id,
                Environment =
                [
                    .. row.Environment,
                    new EnvironmentVariable("CUE_PARENT_JOB_ID", parent.Id.ToString()),
                    new EnvironmentVariable("CUE_PARENT_JOB", parent.Row.Name),
                ],
            };
        }

        var job = new Job(row, _plan.Show, _plan.Show.RootGroup, _plan.Facility);
        edit.Add(job);
        _jobs.Add(job);
    }

    /// <summary>Stores the next layer, or some frames of it. Returns how many rows that made.</summary>
    private int StoreNext(FarmEdit edit, int most)
    {
        var (job, planned) = (_jobs[_at.Job], _plan.Jobs[_at.Job]);
        if (_at.Frame < 0)
        {
            AddLayer(edit, job, planned.Layers[_at.Layer]);
            _at = _at with { Frame = 0 };
            return 2;
        }

        var layer = job.Layers[_at.Layer];
        var to = Math.Min(layer.FrameCount, _at.Frame + most);
        edit.StoreNewFrames(layer, _at.Frame, to);
        var stored = to - _at.Frame;
        _at = to < layer.FrameCount ? _at with { Frame = to }
            : _at.Layer + 1 < planned.Layers.Count ? new Position(_at.Job, _at.Layer + 1)
            : new Position(_at.Job + 1);
        return stored;
    }

    private static void AddLayer(FarmEdit edit, Job job, PlannedLayer planned)
    {
        var id = edit.NewId();
        var frames = new Frame[planned.Chunks.Count];
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = Frame.New(i, edit.Now.WallMs);
        }

        var usage = new LayerUsage(new LayerUsageRow { Id = id });
        edit.Add(usage);
        edit.Add(new Layer(planned.Row with { Id = id, JobId = job.Id }, job, usage, planned.Chunks, frames));
    }

    /// <summary>What is to be stored next: the frames of a layer from one on, or (−1) first the layer.</summary>
    private readonly record struct Position(int Job, int Layer, int Frame)
    {
        public Position(int job, int layer = 0)
            : this(job, layer, -1)
        {
        }
    }
}
