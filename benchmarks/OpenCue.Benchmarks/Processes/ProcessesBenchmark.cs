using System.Diagnostics;
using OpenCue.Benchmarks.Servers;
using OpenCue.Protocol;
using OpenCue.TestSupport;

namespace OpenCue.Benchmarks.Processes;

/// <summary>Frames that are real processes on one real agent: supervised, journaled, logged and reported like any other, only that each does nothing.</summary>
internal sealed class ProcessesBenchmark : IBenchmark
{
    private const int Slots = 64;
    private const int Rounds = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    public string Name => "processes";

    public string Summary => "frames per second that are real processes (true) on one real rqd with 64 slots, 2,000 of them, PostgreSQL; --frames N";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var program = await RqdProcess.PublishAsync(cancellationToken);
        var frames = options.Frames ?? 2000;
        report.Remark($"{frames} frames of the command true, {Slots} at once; from before the job's submission until the server says that all have succeeded; the median of {Rounds} jobs");
        report.Remark("the agent as ./publish makes it for hosts");
        report.Remark("server, agent, its frames and PostgreSQL (fsync on) share this machine");
        var folder = Directory.CreateTempSubdirectory("opencue-bench-").FullName;
        try
        {
            await using var postgres = await PrivatePostgres.StartAsync();
            await using var server = await CuebotProcess.StartAsync(
                "--postgres", await postgres.CreateDatabaseAsync(), "--log-root", Path.Combine(folder, "logs"));
            using var channel = server.Connect();
            await using var agent = await RqdProcess.StartAsync(program, "127.0.0.1", new Uri(server.Address).Authority, Slots, folder);
            await agent.WaitForHostsAsync(new HostInterface.HostInterfaceClient(channel), 1, cancellationToken);
            var jobs = new JobInterface.JobInterfaceClient(channel);
            await RunAsync(jobs, "small", Slots, cancellationToken);
            var seconds = new List<double>();
            for (var round = 1; round <= Rounds; round++)
            {
                seconds.Add(await RunAsync(jobs, $"true{round}", frames, cancellationToken));
            }

            var logs = Directory.EnumerateFiles(Path.Combine(folder, "logs"), "*.rqlog", SearchOption.AllDirectories).Count();
            Expect.That(logs == Slots + (Rounds * frames), $"There are {logs} logs of {Slots + (Rounds * frames)} frames.");
            report.Figure("per_second", frames / Samples.Median(seconds), "frames/s");
            report.Figure("wall_seconds", Samples.Median(seconds), "s");
            report.Figure("agent_peak_memory_mib", Machine.PeakMemoryMib(agent.Id), "MiB");
            report.Figure("bare_per_second", frames / Samples.Median(Enumerable.Range(0, Rounds).Select(_ => Bare(frames))), "processes/s");
            report.Remark("bare_per_second: the same number of processes of true, started by a shell one after the other");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> RunAsync(JobInterface.JobInterfaceClient jobs, string name, int frames, CancellationToken cancellationToken)
    {
        var spec = TestJob.Spec(name, frames).Replace("<cmd>render -frame #IFRAME# /shots/testing/bench/scenes/scene_v042.usd</cmd>", "<cmd>true</cmd>", StringComparison.Ordinal);
        var started = Stopwatch.GetTimestamp();
        var launched = await jobs.LaunchSpecAndWaitAsync(new JobLaunchSpecAndWaitRequest { Spec = spec }, cancellationToken: cancellationToken);
        var id = launched.Jobs.Jobs.Single().Id;
        while (true)
        {
            var job = (await jobs.GetJobAsync(new JobGetJobRequest { Id = id }, cancellationToken: cancellationToken)).Job;
            if (job.JobStats.SucceededFrames == frames)
            {
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            }

            Expect.That(job.JobStats.DeadFrames == 0, $"{job.JobStats.DeadFrames} frames are dead.");
            Expect.That(Stopwatch.GetElapsedTime(started) < Patience, $"After {Patience.TotalSeconds} s {job.JobStats.SucceededFrames} of {frames} frames are done.");
            await Task.Delay(20, cancellationToken);
        }
    }

    private static double Bare(int processes)
    {
        var started = Stopwatch.GetTimestamp();
        using var shell = Process.Start("sh", ["-c", $"i=0; while [ $i -lt {processes} ]; do /bin/true; i=$((i+1)); done"]);
        shell.WaitForExit();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
