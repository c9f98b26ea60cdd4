using OpenCue.Cli.Connecting;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary>
/// Finds the job that a person means: by id, by its full name, by the part behind <c>show-shot-user_</c>, or by any part of the name
/// that fits one job alone. Jobs that have not finished come first; finished ones are looked at where no other fits.
/// </summary>
internal sealed class JobFinder(CueServer server, CancellationToken cancel)
{
    private const int MostNamed = 8;

    /// <summary>The job that is meant.</summary>
    /// <exception cref="CueException">There is none, or there are several.</exception>
    public async Task<Wire.Job> FindAsync(string text)
    {
        if (text.Length == 0)
        {
            throw CueException.Usage("an empty text names no job");
        }

        if (Guid.TryParse(text, out _))
        {
            return await ByIdAsync(text) ?? throw CueException.NotFound($"there is no job with the id {text}");
        }

        foreach (var includeFinished in (bool[])[false, true])
        {
            var jobs = await SearchAsync(text, includeFinished);
            if (jobs.Count > 0)
            {
                return Choose(text, jobs);
            }
        }

        throw CueException.NotFound($"there is no job whose name is or holds '{text}'; cue job list --finished shows them all");
    }

    /// <summary>The jobs that are meant, each once.</summary>
    public async Task<List<Wire.Job>> FindAsync(IEnumerable<string> texts)
    {
        var jobs = new List<Wire.Job>();
        foreach (var text in texts)
        {
            var job = await FindAsync(text);
            if (jobs.TrueForAll(other => other.Id != job.Id))
            {
                jobs.Add(job);
            }
        }

        return jobs;
    }

    /// <summary>The job with this id; null if the server has none.</summary>
    public async Task<Wire.Job?> ByIdAsync(string id)
    {
        try
        {
            return (await server.Jobs.GetJobAsync(new Wire.JobGetJobRequest { Id = id }, cancellationToken: cancel)).Job;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<List<Wire.Job>> SearchAsync(string text, bool includeFinished)
    {
        // Names are kept in lower case, with underscores for dashes behind the prefix.
        var name = text.ToLowerInvariant();
        var criteria = new Wire.JobSearchCriteria { IncludeFinished = includeFinished, Substr = { Escaped(name) } };
        if (name.Contains('-', StringComparison.Ordinal))
        {
            criteria.Substr.Add(Escaped(name.Replace('-', '_')));
        }

        return [.. (await server.Jobs.GetJobsAsync(new Wire.JobGetJobsRequest { R = criteria }, cancellationToken: cancel)).Jobs.Jobs];
    }

    /// <summary>The text as a server reads it that takes % and _ as SQL's LIKE does.</summary>
    public static string Escaped(string text) =>
        string.Concat(text.Select(letter => letter is '\\' or '%' or '_' ? $@"\{letter}" : letter.ToString()));

    private static Wire.Job Choose(string text, List<Wire.Job> jobs)
    {
        var name = text.ToLowerInvariant();
        var suffix = "_" + name.Replace('-', '_');
        Func<Wire.Job, bool>[] closer = [job => job.Name == name, job => job.Name.EndsWith(suffix, StringComparison.Ordinal), _ => true];
        var fitting = closer.Select(fits => jobs.Where(fits).ToList()).First(found => found.Count > 0);
        if (fitting.Select(job => job.Name).Distinct().Count() == 1)
        {
            // Of finished jobs several may have had the same name; the last one is meant.
            return fitting.MaxBy(job => (job.State != Wire.JobState.Finished, job.StartTime))!;
        }

        var names = fitting.Select(job => job.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        var more = names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "";
        throw CueException.NotFound(
            $"'{text}' fits {names.Count} jobs: {string.Join(", ", names.Take(MostNamed))}{more}; name one of them");
    }
}
