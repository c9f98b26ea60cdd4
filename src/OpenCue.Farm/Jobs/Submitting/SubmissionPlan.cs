using OpenCue.Farm.Facilities;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Commands;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>A job that is to be made.</summary>
/// <param name="Row">Its row, but for the ids.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="IsPost">True for the post job of the one before it in the plan.</param>
internal sealed record PlannedJob(JobRow Row, IReadOnlyList<PlannedLayer> Layers, bool IsPost = false);

/// <summary>A layer that is to be made.</summary>
/// <param name="Row">Its row, but for the ids.</param>
/// <param name="Chunks">Its frames.</param>
internal sealed record PlannedLayer(LayerRow Row, FrameChunks Chunks);

/// <summary>
/// What a launch specification comes to on this farm: the checks of a submission and the rows of its jobs. Changes nothing.
/// </summary>
internal sealed class SubmissionPlan
{
    /// <summary>OpenCue has no such bound; it keeps a single batch from making a hundred thousand jobs.</summary>
    private const int MostJobs = 2000;

    private const string PostUser = "monitor";

    private readonly FarmModel _farm;
    private readonly JobSpecDocument _document;
    private readonly FarmTime _now;
    private readonly Facility _facility;

    private SubmissionPlan(FarmModel farm, JobSpecDocument document, FarmTime now)
    {
        (_farm, _document, _now) = (farm, document, now);
        var names = CheckNames();
        Show = CheckShow(farm, document.Show);
        _facility = FindFacility();
        Jobs = [.. names.Zip(document.Jobs).SelectMany(pair => PlanJob(pair.First, pair.Second))];
    }

    /// <summary>The show.</summary>
    public Show Show { get; }

    /// <summary>The facility.</summary>
    public Facility Facility => _facility;

    /// <summary>The jobs in the order of the specification, each followed by its post job.</summary>
    public IReadOnlyList<PlannedJob> Jobs { get; }

    /// <summary>What the submitter should know.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>
    /// Checks a specification in OpenCue's order. Throws <see cref="FarmException"/> with OpenCue's texts, as people know them.
    /// </summary>
    public static SubmissionPlan Of(FarmModel farm, JobSpecDocument document, FarmTime now)
    {
        var plan = new SubmissionPlan(farm, document, now);
        plan.Warnings.InsertRange(0, document.Warnings);
        return plan;
    }

    /// <summary>The show that a specification names, if it takes jobs.</summary>
    public static Show CheckShow(FarmModel farm, string name)
    {
        var show = farm.FindShow(name)
            ?? throw Refused(
                $"The {name} does not exist. Please contact administrator of your OpenCue deployment to have this show created.");
        return show.Row.Active
            ? show
            : throw Refused(
                $"The {name} show has been deactivated.  Please contact administrator of your OpenCue deployment to reactivate this show.");
    }

    /// <summary>A refusal as OpenCue's clients get it.</summary>
    public static FarmException Refused(string message) => new(Refusal.Internal, message);

    private List<string> CheckNames()
    {
        if (_document.Jobs.Count > MostJobs)
        {
            throw Refused($"error, your specification has {_document.Jobs.Count} jobs, the maximum number of allowed jobs is {MostJobs}");
        }

        var names = new List<string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var job in _document.Jobs)
        {
            var name = Conform(() => _document.FullJobName(job.Name));
            if (_farm.Jobs.FindByName(name) is not null)
            {
                throw Refused($"The job {name} is already pending");
            }

            if (!taken.Add(name))
            {
                throw Refused($"error launching job, active job already exists: {name}");
            }

            names.Add(name);
        }

        return names;
    }

    private Facility FindFacility()
    {
        if (_document.Facility is not { } wanted)
        {
            foreach (var facility in _farm.Facilities.All)
            {
                if (facility.Row.IsDefault)
                {
                    return facility;
                }
            }

            throw Refused("failed to find facility: the specification names none, and the farm has no default facility");
        }

        return (EntityId.TryParse(wanted, out var id) ? _farm.Facilities.Find(id) : null)
            ?? _farm.Facilities.Find(wanted)
            ?? throw Refused($"failed to find facility: {wanted}");
    }

    private IEnumerable<PlannedJob> PlanJob(string name, JobSpec spec)
    {
        if (spec.Layers.All(l => l.Type == LayerType.Post))
        {
            throw Refused($"The job {name} has no layers");
        }

        if (spec.LocalBook is { } local)
        {
            Warnings.Add($"the job {name} asks for frames on the host {local.Host} of its user; it runs on the farm instead");
        }

        var layers = new LayerPlanner(_farm, Show, name, _now);
        var all = spec.Layers.Select((layer, i) => layers.Plan(layer, i + 1)).ToList();
        Warnings.AddRange(layers.Warnings);
        var row = JobRow(name, spec);
        yield return new PlannedJob(row, all.FindAll(l => l.Row.Type != LayerType.Post));
        if (all.FindAll(l => l.Row.Type == LayerType.Post) is { Count: > 0 } post)
        {
            yield return new PlannedJob(PostJobRow(row), post, IsPost: true);
        }
    }

    private JobRow JobRow(string name, JobSpec spec) => new()
    {
        Id = EntityId.None,
        Name = name,
        ShowId = Show.Id,
        ShowAsWritten = _document.Show,
        GroupId = Show.RootGroup.Id,
        FacilityId = _facility.Id,
        Shot = _document.Shot,
        User = _document.User,
        Uid = _document.Uid,
        Email = _document.Email,
        Os = string.IsNullOrEmpty(spec.Os) ? null : spec.Os,
        LogDir = "",
        LokiUrl = _farm.Settings.LokiUrl,
        Priority = spec.Priority ?? 1,
        MaxCores = spec.MaxWholeCores is { } cores ? (cores == -1 ? -1 : cores * 100) : 10000,
        MaxGpus = spec.MaxGpus ?? 100,
        Paused = spec.Paused,
        AutoEat = spec.AutoEat,
        MaxRetries = Math.Clamp(spec.MaxRetries ?? 1, 0, _farm.Settings.MaxFrameRetries),
        Environment = spec.Environment,
        SubmittedAtMs = _now.WallMs,
    };

    /// <summary>OpenCue replaces the user wherever its name first occurs in the job's, which may be in the show or shot.</summary>
    private JobRow PostJobRow(JobRow parent)
    {
        var prefix = $"{_document.Show}-{_document.Shot}-{_document.User}_".ToLowerInvariant();
        var name = parent.Name.StartsWith(prefix, StringComparison.Ordinal)
            ? $"{_document.Show}-{_document.Shot}-{PostUser}_".ToLowerInvariant() + parent.Name[prefix.Length..]
            : parent.Name;
        return parent with
        {
            Name = FreeName($"{name}_post_job_", _now.WallMs),
            User = PostUser,
            Email = null,
            Priority = 1,
            MaxCores = 10000,
            MaxGpus = 100,
            Paused = false,
            AutoEat = false,
            MaxRetries = 2,
        };
    }

    /// <summary>Two users' jobs of one name may come in one millisecond, and their post jobs have the same user.</summary>
    private string FreeName(string prefix, long number)
    {
        while (_farm.Jobs.FindByName($"{prefix}{number}") is not null)
        {
            number++;
        }

        return $"{prefix}{number}";
    }

    private static string Conform(Func<string> conform)
    {
        try
        {
            return conform();
        }
        catch (InvalidNameException e)
        {
            throw Refused(e.Message);
        }
    }

    /// <summary>The directory of a job's logs.</summary>
    public static string LogDir(FarmSettings settings, JobRow job, EntityId id)
    {
        var root = settings.LogRoot;
        foreach (var (os, rootOfOs) in settings.LogRootByOs)
        {
            root = os == job.Os ? rootOfOs : root;
        }

        return LogPaths.JobLogDir(root, job.ShowAsWritten, job.Shot, job.Name, id.ToString());
    }
}
