using System.Globalization;
using OpenCue.Cli.Connecting;

namespace OpenCue.Cli.Jobs;

/// <summary>
/// Finds the post job that was made of a job's post layers. On the wire only its name tells what it belongs to: the job's with the user
/// <c>monitor</c>, then <c>_post_job_</c> and when it was submitted, in milliseconds.
/// </summary>
internal static class PostJobs
{
    private const string User = "monitor";
    private const string Mark = "_post_job_";

    /// <summary>The post job; none if the job has no post layers.</summary>
    public static async Task<IEnumerable<Wire.Job>> OfAsync(CueServer server, Wire.Job job, CancellationToken cancel)
    {
        var prefix = NameWithoutTime(job);
        var criteria = new Wire.JobSearchCriteria
        {
            IncludeFinished = true,
            Shows = { job.Show },
            Users = { User },
            Substr = { JobFinder.Escaped(prefix) },
        };
        var found = await server.Jobs.GetJobsAsync(new Wire.JobGetJobsRequest { R = criteria }, cancellationToken: cancel);
        // Jobs of one name follow one another: the first that came with or after this one is its own.
        return found.Jobs.Jobs
            .Select(post => (Job: post, Submitted: SubmittedMs(post.Name, prefix)))
            .Where(post => post.Submitted is { } ms && ms / 1000 >= job.StartTime - 1)
            .OrderBy(post => post.Submitted)
            .Take(1)
            .Select(post => post.Job);
    }

    private static string NameWithoutTime(Wire.Job job)
    {
        var before = $"{job.Show}-{job.Shot}-".ToLowerInvariant();
        var user = job.User.ToLowerInvariant();
        return job.Name.StartsWith(before + user + "_", StringComparison.Ordinal)
            ? before + User + job.Name[(before.Length + user.Length)..] + Mark
            : job.Name + Mark;
    }

    private static long? SubmittedMs(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? ms
            : null;
}
