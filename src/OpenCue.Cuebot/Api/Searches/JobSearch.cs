using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// A job search. Values of one field widen it, fields narrow it, an empty field does not restrict; case matters. Patterns are matched outside of
/// the engine, on copies of the names.
/// </summary>
internal sealed class JobSearch
{
    private readonly HashSet<EntityId>? _ids;
    private readonly HashSet<string>? _names;
    private readonly HashSet<string>? _users;
    private readonly HashSet<string>? _shots;
    private readonly HashSet<string>? _shows;
    private readonly Func<string, bool>? _regex;
    private readonly Func<string, bool>? _substring;

    private JobSearch(Wire.JobSearchCriteria criteria)
    {
        _ids = Criteria.Ids(criteria.Ids);
        _names = Criteria.Texts(criteria.Jobs);
        _users = Criteria.Texts(criteria.Users);
        _shots = Criteria.Texts(criteria.Shots);
        _shows = Criteria.Texts(criteria.Shows);
        _regex = TextPattern.Any(criteria.Regex, "r.regex", TextPattern.Regular);
        _substring = TextPattern.Any(criteria.Substr, "r.substr", TextPattern.Substring);
        IncludeFinished = criteria.IncludeFinished;
    }

    /// <summary>False: only PENDING jobs are found.</summary>
    public bool IncludeFinished { get; }

    /// <summary>Reads the criteria; none at all means all pending jobs.</summary>
    /// <exception cref="FarmException">A pattern is none.</exception>
    public static JobSearch Of(Wire.JobSearchCriteria? criteria) => new(criteria ?? new Wire.JobSearchCriteria());

    /// <summary>True for a job that is active.</summary>
    public static bool IsPending(Job job) => job.Row.State == JobState.Pending;

    /// <summary>Adds the job with this id; nothing if it is gone.</summary>
    public static void Read(FarmModel farm, EntityId id, List<Wire.Job> found)
    {
        if (farm.Jobs.TryGet(id, out var job))
        {
            found.Add(JobMessages.Of(job));
        }
    }

    /// <summary>The jobs, by name.</summary>
    public static Wire.JobSeq Seq(IEnumerable<Wire.Job> jobs) =>
        new() { Jobs = { jobs.OrderBy(job => job.Name, StringComparer.Ordinal).ThenBy(job => job.Id, StringComparer.Ordinal) } };

    /// <summary>The jobs that come into question by what is quickly told, with what the rest is told from. A query.</summary>
    public List<Candidate> Candidates(FarmModel farm)
    {
        var found = new List<Candidate>();
        if (_ids is not null)
        {
            foreach (var id in _ids)
            {
                if (farm.Jobs.TryGet(id, out var job))
                {
                    Add(found, job);
                }
            }
        }
        else
        {
            foreach (var job in farm.Jobs.All)
            {
                Add(found, job);
            }
        }

        return found;
    }

    /// <summary>The ids of the candidates that match, by name. Not a query.</summary>
    public List<EntityId> Select(List<Candidate> candidates)
    {
        var found = candidates.FindAll(c =>
            (_names is null || _names.Contains(c.Row.Name))
            && (_users is null || _users.Contains(c.Row.User))
            && (_shots is null || _shots.Contains(c.Row.Shot))
            && (_shows is null || _shows.Contains(c.Show))
            && (_substring is null || _substring(c.Row.Name))
            && (_regex is null || _regex(c.Row.Name)));
        found.Sort((a, b) => string.CompareOrdinal(a.Row.Name, b.Row.Name) is var byName and not 0 ? byName : a.Row.Id.CompareTo(b.Row.Id));
        return found.ConvertAll(c => c.Row.Id);
    }

    private void Add(List<Candidate> found, Job job)
    {
        if (job.IsVisible && (IncludeFinished || IsPending(job)))
        {
            found.Add(new Candidate(job.Row, job.Show.Row.Name));
        }
    }

    /// <summary>A job that comes into question.</summary>
    /// <param name="Row">What is stored of it, which never changes.</param>
    /// <param name="Show">The name of its show.</param>
    internal readonly record struct Candidate(JobRow Row, string Show);
}
