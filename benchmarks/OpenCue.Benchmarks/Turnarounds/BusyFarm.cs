using System.Diagnostics;
using Grpc.Core;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.Rpc.Client;

namespace OpenCue.Benchmarks.Turnarounds;

/// <summary>
/// What else people do to a server: one submits jobs of many frames, has all of them eaten, waits until the job is archived, and begins again; many others
/// look at the list of jobs and at the frames of one, once in five seconds each.
/// </summary>
internal sealed class BusyFarm : IAsyncDisposable
{
    private const int Connections = 8;
    private const int FramesShown = 500;

    /// <summary>A tag that no host has, so that the job is never booked.</summary>
    private const string NobodysTag = "nobody";

    private static readonly TimeSpan ClientsLookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly RpcChannel[] _channels;
    private readonly Task[] _people;
    private long _rounds;
    private long _looks;

    /// <summary>Begins.</summary>
    /// <param name="server">The server.</param>
    /// <param name="watched">The job whose frames are looked at.</param>
    /// <param name="frames">Frames of the jobs that are submitted.</param>
    /// <param name="clients">How many look.</param>
    public BusyFarm(CuebotProcess server, string watched, int frames, int clients)
    {
        _channels = [.. Enumerable.Range(0, Connections).Select(_ => server.Connect())];
        _people =
        [
            Task.Run(() => SubmitAsync(frames)),
            .. Enumerable.Range(0, clients).Select(number => Task.Run(() => LookAsync(number, clients, watched))),
        ];
    }

    /// <summary>Jobs that were submitted, eaten and archived.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    /// <summary>Answers that clients got.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    /// <summary>Ends; throws what went wrong.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_people);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_people).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Array.ForEach(_channels, channel => channel.Dispose());
        _stop.Dispose();
    }

    private async Task SubmitAsync(int frames)
    {
        var jobs = new JobInterface.JobInterfaceClient(_channels[0]);
        while (!_stop.IsCancellationRequested)
        {
            var spec = TestJob.Spec([TestJob.Job($"huge{Rounds}", [NobodysTag], frames)]);
            var launched = await jobs.LaunchSpecAndWaitAsync(new JobLaunchSpecAndWaitRequest { Spec = spec });
            var job = launched.Jobs.Jobs.Single();
            await jobs.EatFramesAsync(new JobEatFramesRequest { Job = job, Req = new FrameSearchCriteria() });
            var since = Stopwatch.GetTimestamp();
            while (await IsThereAsync(jobs, job.Id))
            {
                Expect.That(Stopwatch.GetElapsedTime(since) < Patience, $"After {Patience.TotalSeconds} s the job of {frames} frames is not archived.");
                await Task.Delay(100);
            }

            Interlocked.Increment(ref _rounds);
        }
    }

    private static async Task<bool> IsThereAsync(JobInterface.JobInterfaceClient jobs, string id)
    {
        try
        {
            await jobs.GetJobAsync(new JobGetJobRequest { Id = id });
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task LookAsync(int number, int clients, string watched)
    {
        var jobs = new JobInterface.JobInterfaceClient(_channels[number % Connections]);
        try
        {
            await Task.Delay(ClientsLookEvery * number / clients, _stop.Token);
            using var timer = new PeriodicTimer(ClientsLookEvery);
            do
            {
                await jobs.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria { IncludeFinished = true } });
                await jobs.GetFramesAsync(new JobGetFramesRequest { Job = new Job { Id = watched }, Req = new FrameSearchCriteria { Page = 1, Limit = FramesShown } });
                Interlocked.Add(ref _looks, 2);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is over.
        }
    }
}
