using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Watching;

/// <summary>Watches jobs for a command, says how they ended, and makes the exit code.</summary>
internal static class WatchEnding
{
    private const int MostNamed = 5;

    /// <summary>Watches the jobs and tells the end.</summary>
    public static async Task<ExitCode> WatchAsync(CommandRun run, IReadOnlyList<Wire.Job> jobs, IWatchView view, TimeSpan interval)
    {
        IReadOnlyList<JobProgress> ends;
        try
        {
            ends = await new JobWatcher(run.Server, view, run.Time, interval).WatchAsync(jobs, run.Cancel);
        }
        catch (Exception e) when (CommandRun.IsInterrupted(e, run.Cancel))
        {
            run.Terminal.Note(jobs.Count == 1 ? "No longer watching; the job goes on." : "No longer watching; the jobs go on.");
            return ExitCode.Interrupted;
        }

        foreach (var job in ends)
        {
            var ink = job.End == JobEnd.Succeeded ? Ink.Good : Ink.Bad;
            run.Terminal.Line($"{job.Job.Name} {run.Terminal.Styled(WatchText.Ending(job), ink)}");
            if (job is { End: JobEnd.Failed or JobEnd.Stuck, Counts.Dead: > 0 })
            {
                await NameDeadAsync(run, job.Job);
            }
        }

        return ends.All(job => job.End == JobEnd.Succeeded) ? ExitCode.Ok
            : ends.Any(job => job.End is JobEnd.Failed or JobEnd.Stuck) ? ExitCode.JobFailed
            : ExitCode.Failed;
    }

    private static async Task NameDeadAsync(CommandRun run, Wire.Job job)
    {
        var dead = await run.Server.FramesAsync(job, Wire.FrameState.Dead, MostNamed, run.Cancel);
        foreach (var frame in dead)
        {
            var status = $"{frame.Name} is dead with exit status {Units.Count(frame.ExitStatus)}";
            run.Terminal.Line($"  {status}; cue frame log {job.Name} {frame.Name}");
        }

        if (job.JobStats.DeadFrames > dead.Count)
        {
            run.Terminal.Line($"  cue frame list {job.Name} --state dead names all {Units.Count(job.JobStats.DeadFrames)}");
        }
    }
}
