using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// A job search. Values of one field widen it, fields narrow it, an empty field does not restrict; case matters. Patterns are matched outside of
/// the engine, on copies of the names.
/// </summary>
internal sealed class JobSearch
{
    private const int JobsAtOnce = 50;

    private readonly HashSet<EntityId>? _ids;
    private readonly HashSet<string>? _names;
    private readonly HashSet<string>? _users;
    private readonly HashSet<string>? _shots;
    private readonly HashSet<string>? _shows;
    private readonly Func<string, bool>? _regex;
    private readonly Func<string, bool>? _substring;
    private readonly bool _includeFinished;

    private JobSearch(Wire.JobSearchCriteria criteria)
    {
        _ids = Criteria.Ids(criteria.Ids);
        _names = Criteria.Texts(criteria.Jobs);
        _users = Criteria.Texts(criteria.Users);
        _shots = Criteria.Texts(criteria.Shots);
        _shows = Criteria.Texts(criteria.Shows);
        _regex = TextPattern.Any(criteria.Regex, "r.regex", TextPattern.Regular);
        _substring = TextPattern.Any(criteria.Substr, "r.substr", TextPattern.Substring);
        _includeFinished = criteria.IncludeFinished;
    }

    /// <summary>Reads the criteria; none at all means all pending jobs.</summary>
    /// <exception cref="FarmException">A pattern is none.</exception>
    public static JobSearch Of(Wire.JobSearchCriteria? criteria) => new(criteria ?? new Wire.JobSearchCriteria());

    /// <summary>The pending ones of some jobs, by name.</summary>
    public static async Task<Wire.JobSeq> ReadPendingAsync(
        FarmAccess access, IMessage request, ServerCallContext context, Func<FarmModel, ICollection<Job>> which)
    {
        var jobs = await access.ReadListAsync<EntitySlice<Job>, Wire.Job>(
            request,
            context,
            farm => EntitySlice<Job>.Of(farm, which(farm), JobsAtOnce),
            (farm, slice, found) => found.AddRange(slice.In(farm).Where(IsPending).Select(JobMessages.Of)));
        return new() { Jobs = { jobs.OrderBy(job => job.Name, StringComparer.Ordinal).ThenBy(job => job.Id, StringComparer.Ordinal) } };
    }

    /// <summary>The jobs that match, by name.</summary>
    public async Task<Wire.JobSeq> ReadAsync(FarmAccess access, IMessage request, ServerCallContext context)
    {
        var found = Select(await CandidatesAsync(access, request, context)).ConvertAll(candidate => candidate.Row.Id);
        return new Wire.JobSeq { Jobs = { await access.ReadListAsync<EntityId, Wire.Job>(request, context, _ => found, Read) } };
    }

    /// <summary>The names of the pending jobs that match, in order.</summary>
    public async Task<IEnumerable<string>> ReadNamesAsync(FarmAccess access, IMessage request, ServerCallContext context) =>
        Select(await CandidatesAsync(access, request, context))
            .Where(candidate => candidate.Row.State == JobState.Pending)
            .Select(candidate => candidate.Row.Name);

    /// <summary>The jobs that come into question by what is quickly told, with what the rest is told from.</summary>
    private Task<List<Candidate>> CandidatesAsync(FarmAccess access, IMessage request, ServerCallContext context) => _ids is { } ids
        ? access.ReadListAsync<EntityId, Candidate>(
            request,
            context,
            _ => [.. ids],
            (farm, id, found) =>
            {
                if (farm.Jobs.TryGet(id, out var job))
                {
                    Add(found, job);
                }
            })
        : access.ReadListAsync<EntitySlice<Job>, Candidate>(
            request,
            context,
            farm => EntitySlice<Job>.Of(farm, farm.Jobs.All),
            (farm, slice, found) =>
            {
                foreach (var job in slice.In(farm))
                {
                    Add(found, job);
                }
            });

    /// <summary>The candidates that match, by name. It runs outside of the engine.</summary>
    private List<Candidate> Select(List<Candidate> candidates)
    {
        var found = candidates.FindAll(c =>
            (_names is null || _names.Contains(c.Row.Name))
            && (_users is null || _users.Contains(c.Row.User))
            && (_shots is null || _shots.Contains(c.Row.Shot))
            && (_shows is null || _shows.Contains(c.Show))
            && (_substring is null || _substring(c.Row.Name))
            && (_regex is null || _regex(c.Row.Name)));
        found.Sort((a, b) => string.CompareOrdinal(a.Row.Name, b.Row.Name) is var byName and not 0 ? byName : a.Row.Id.CompareTo(b.Row.Id));
        return found;
    }

    private static bool IsPending(Job job) => job.Row.State == JobState.Pending;

    private static void Read(FarmModel farm, EntityId id, List<Wire.Job> found)
    {
        if (farm.Jobs.TryGet(id, out var job))
        {
            found.Add(JobMessages.Of(job));
        }
    }

    private void Add(List<Candidate> found, Job job)
    {
        if (job.IsVisible && (_includeFinished || IsPending(job)))
        {
            found.Add(new Candidate(job.Row, job.Show.Row.Name));
        }
    }

    /// <summary>A job that comes into question.</summary>
    /// <param name="Row">What is stored of it, which never changes.</param>
    /// <param name="Show">The name of its show.</param>
    private readonly record struct Candidate(JobRow Row, string Show);
}
