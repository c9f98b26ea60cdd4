using OpenCue.Cli.Connecting;
using OpenCue.Cli.Jobs;

namespace OpenCue.Cli.Watching;

/// <summary>
/// Looks at jobs again and again until all have ended, or stand still for dead frames. A server that goes away is waited for: renders go on
/// without it, and whoever watches wants to as well.
/// </summary>
internal sealed class JobWatcher(CueServer server, IWatchView view, TimeProvider time, TimeSpan interval)
{
    private const int MostRunning = 500;

    private readonly Dictionary<string, JobProgress> _last = [];

    /// <summary>Watches until the end.</summary>
    /// <returns>How far the jobs were at the end, in their order.</returns>
    public Task<IReadOnlyList<JobProgress>> WatchAsync(IReadOnlyList<Wire.Job> jobs, CancellationToken cancel) =>
        view.RunAsync(show => WatchAsync(jobs, show, cancel));

    private async Task<IReadOnlyList<JobProgress>> WatchAsync(
        IReadOnlyList<Wire.Job> jobs, Action<WatchState> show, CancellationToken cancel)
    {
        while (true)
        {
            var outage = await LookAsync(jobs, cancel);
            IReadOnlyList<JobProgress> seen = [.. jobs.Where(job => _last.ContainsKey(job.Id)).Select(job => _last[job.Id])];
            show(new WatchState(seen, outage));
            if (outage is null && seen.All(job => job.End != JobEnd.None))
            {
                return seen;
            }

            await Task.Delay(interval, time, cancel);
        }
    }

    /// <summary>Looks at all jobs that have not ended; says what was in the way if it could not.</summary>
    private async Task<string?> LookAsync(IReadOnlyList<Wire.Job> jobs, CancellationToken cancel)
    {
        try
        {
            foreach (var job in jobs.Where(job => _last.GetValueOrDefault(job.Id)?.End is null or JobEnd.None or JobEnd.Stuck))
            {
                _last[job.Id] = await LookAsync(job, cancel);
            }

            return null;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return CallFailure.ToCueException(e, server.Settings).Message;
        }
    }

    private async Task<JobProgress> LookAsync(Wire.Job job, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (await new JobFinder(server, cancel).ByIdAsync(job.Id) is not { } fresh)
        {
            return (_last.GetValueOrDefault(job.Id) ?? new JobProgress { Job = job, Layers = [], Now = now }) with { IsGone = true };
        }

        var progress = new JobProgress { Job = fresh, Layers = await server.LayersAsync(fresh, cancel), Now = now };
        return progress.Counts.Running == 0
            ? progress
            : progress with { Running = await server.FramesAsync(fresh, Wire.FrameState.Running, MostRunning, cancel) };
    }
}
