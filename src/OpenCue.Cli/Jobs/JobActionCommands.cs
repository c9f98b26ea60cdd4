using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary>What can be done to whole jobs.</summary>
internal static class JobActionCommands
{
    private const int MostNamed = 3;

    public static Command Pause()
    {
        var names = JobCommands.Jobs();
        return new CueCommand("pause", "Start no more frames of these jobs; those that run go on.")
        {
            Examples = ["cue job pause beauty"],
            Arguments = { names },
        }.Do(run => ForEachAsync(run, names, "Paused", async job =>
            await run.Server.Jobs.PauseAsync(new Wire.JobPauseRequest { Job = job }, cancellationToken: run.Cancel)));
    }

    public static Command Resume()
    {
        var names = JobCommands.Jobs();
        return new CueCommand("resume", "Let paused jobs go on.")
        {
            Examples = ["cue job resume beauty"],
            Arguments = { names },
        }.Do(run => ForEachAsync(run, names, "Resumed", async job =>
            await run.Server.Jobs.ResumeAsync(new Wire.JobResumeRequest { Job = job }, cancellationToken: run.Cancel)));
    }

    public static Command Kill()
    {
        var names = JobCommands.Jobs();
        var reason = new Option<string?>("--reason", "-r") { Description = "Why, for those who ask later.", HelpName = "TEXT" };
        var yes = GlobalOptions.Yes();
        return new CueCommand("kill", "End jobs and their running frames, for good.")
        {
            Examples = ["cue job kill beauty --reason 'wrong camera'", "cue job kill beauty matte --yes"],
            Arguments = { names },
            Options = { reason, yes },
        }.Do(run => ForEachAsync(
            run,
            names,
            "Killed",
            async job => await run.Server.Jobs.KillAsync(
                new Wire.JobKillRequest
                {
                    Job = job,
                    Username = run.Environment.User,
                    Pid = System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
                    HostKill = run.Environment.Machine,
                    Reason = run.Get(reason) ?? "",
                },
                cancellationToken: run.Cancel),
            jobs => run.ConfirmAsync(
                $"Kill {Named(jobs)} with {Units.Count(Sum(jobs, counts => counts.Running), "running frame")}", run.Get(yes))));
    }

    public static Command Retry()
    {
        var names = JobCommands.Jobs();
        var all = new Option<bool>("--all") { Description = "All frames, also those that succeeded; running ones are killed first." };
        var yes = GlobalOptions.Yes();
        return new CueCommand("retry", "Render the dead frames of jobs again.")
        {
            Examples = ["cue job retry beauty", "cue job retry beauty --all"],
            Arguments = { names },
            Options = { all, yes },
        }.Do(run => ForEachAsync(
            run,
            names,
            "Retrying",
            async job =>
            {
                var frames = new Wire.FrameSearchCriteria();
                if (!run.Get(all))
                {
                    if (job.JobStats is { DeadFrames: 0 })
                    {
                        throw CueException.Failed($"{job.Name} has no dead frames; --all retries all of its frames");
                    }

                    frames.States = JobCalls.In(Wire.FrameState.Dead);
                }

                var request = new Wire.JobRetryFramesRequest { Job = job, Req = frames };
                await run.Server.Jobs.RetryFramesAsync(request, cancellationToken: run.Cancel);
            },
            jobs => run.Get(all)
                ? run.ConfirmAsync($"Render {Units.Count(Sum(jobs, counts => counts.Total), "frame")} of {Named(jobs)} again", run.Get(yes))
                : Task.CompletedTask));
    }

    public static Command Eat()
    {
        var names = JobCommands.Jobs();
        var yes = GlobalOptions.Yes();
        return new CueCommand("eat", "Give up the dead frames of jobs, so that the jobs can end.")
        {
            Examples = ["cue job eat beauty"],
            Arguments = { names },
            Options = { yes },
        }.Do(run => ForEachAsync(
            run,
            names,
            "Ate dead frames of",
            async job =>
            {
                if (job.JobStats is { DeadFrames: 0 })
                {
                    throw CueException.Failed($"{job.Name} has no dead frames; cue frame eat takes others");
                }

                var dead = new Wire.FrameSearchCriteria { States = JobCalls.In(Wire.FrameState.Dead) };
                await run.Server.Jobs.EatFramesAsync(new Wire.JobEatFramesRequest { Job = job, Req = dead }, cancellationToken: run.Cancel);
            },
            jobs => run.ConfirmAsync(
                $"Give up {Units.Count(Sum(jobs, counts => counts.Dead), "dead frame")} of {Named(jobs)}", run.Get(yes))));
    }

    public static Command Priority()
    {
        var job = JobCommands.Job();
        var priority = new Argument<int>("N") { Description = "The priority; higher goes first." };
        return new CueCommand("priority", "Set the priority of a job.")
        {
            Examples = ["cue job priority beauty 200"],
            Arguments = { job, priority },
        }.Do(async run =>
        {
            var found = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(job)!);
            var request = new Wire.JobSetPriorityRequest { Job = found, Val = run.Get(priority) };
            await run.Server.Jobs.SetPriorityAsync(request, cancellationToken: run.Cancel);
            run.Terminal.Line($"Priority of {found.Name} is {Units.Count(request.Val)}");
        });
    }

    /// <summary>Finds all jobs before anything is done to the first, asks where it must, and goes on where one fails.</summary>
    private static async Task<ExitCode> ForEachAsync(
        CommandRun run,
        Argument<string[]> names,
        string done,
        Func<Wire.Job, Task> action,
        Func<IReadOnlyList<Wire.Job>, Task>? confirm = null)
    {
        var jobs = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(names)!);
        if (confirm is not null)
        {
            await confirm(jobs);
        }

        return await ManyThings.DoAsync(run, jobs, async job =>
        {
            await action(job);
            run.Terminal.Line($"{done} {job.Name}");
        });
    }

    private static int Sum(IReadOnlyList<Wire.Job> jobs, Func<FrameCounts, int> figure) =>
        jobs.Sum(job => figure(FrameCounts.Of(job.JobStats)));

    private static string Named(IReadOnlyList<Wire.Job> jobs)
    {
        var names = string.Join(", ", jobs.Take(MostNamed).Select(job => job.Name)) + (jobs.Count > MostNamed ? ", ..." : "");
        return jobs.Count == 1 ? names : $"{Units.Count(jobs.Count, "job")} ({names})";
    }
}
