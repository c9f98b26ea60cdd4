using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Frames;

/// <summary>What can be done to frames.</summary>
internal static class FrameActionCommands
{
    public static Command Retry() => Make(
        "retry",
        "Render frames again; those that run are killed first.",
        ["cue frame retry beauty 0005-render", "cue frame retry beauty --state dead --layer render"],
        "Retry",
        "Retrying",
        asks: (run, frames) => frames.Any(frame => frame.State is Wire.FrameState.Running or Wire.FrameState.Succeeded),
        (run, job, criteria, _) => run.Server.Jobs.RetryFramesAsync(
            new Wire.JobRetryFramesRequest { Job = job, Req = criteria }, cancellationToken: run.Cancel).ResponseAsync);

    public static Command Eat() => Make(
        "eat",
        "Give frames up: they count as done and hold up nothing. Running ones are killed.",
        ["cue frame eat beauty 0005-render", "cue frame eat beauty --state dead --yes"],
        "Give up",
        "Ate",
        asks: (_, _) => true,
        (run, job, criteria, _) => run.Server.Jobs.EatFramesAsync(
            new Wire.JobEatFramesRequest { Job = job, Req = criteria }, cancellationToken: run.Cancel).ResponseAsync);

    public static Command Kill() => Make(
        "kill",
        "Kill running frames; they are dead then, until somebody retries them.",
        ["cue frame kill beauty 0005-render --reason 'runs away'", "cue frame kill beauty --all --yes"],
        "Kill",
        "Killed",
        asks: (_, _) => true,
        (run, job, criteria, reason) => run.Server.Jobs.KillFramesAsync(
            new Wire.JobKillFramesRequest
            {
                Job = job,
                Req = criteria,
                Username = run.Environment.User,
                Pid = System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
                HostKill = run.Environment.Machine,
                Reason = reason,
            },
            cancellationToken: run.Cancel).ResponseAsync,
        onlyRunning: true);

    private static CueCommand Make<TResponse>(
        string name,
        string description,
        string[] examples,
        string verb,
        string done,
        Func<CommandRun, IReadOnlyList<Wire.Frame>, bool> asks,
        Func<CommandRun, Wire.Job, Wire.FrameSearchCriteria, string, Task<TResponse>> act,
        bool onlyRunning = false)
    {
        var selection = new FrameSelection();
        var all = new Option<bool>("--all") { Description = "All frames of the job." };
        var yes = GlobalOptions.Yes();
        var reason = new Option<string?>("--reason") { Description = "Why, for those who ask later.", HelpName = "TEXT" };
        var command = new CueCommand(name, description) { Examples = examples }.Do(async run =>
        {
            // Criteria without any condition mean the whole job; that must be said, not forgotten.
            if (selection.IsNarrow(run) == run.Get(all))
            {
                throw CueException.Usage(run.Get(all)
                    ? "--all is the whole job; leave out --all, or the frames"
                    : $"say which frames to {name}: by name, --layer, --range or --state, or --all for the whole job");
            }

            var criteria = selection.Criteria(run);
            var job = await new JobFinder(run.Server, run.Cancel).FindAsync(run.Get(selection.Job)!);
            if (onlyRunning)
            {
                criteria.States ??= JobCalls.In(Wire.FrameState.Running);
            }

            var frames = await FrameSelection.ReadAsync(run, job, criteria);
            if (frames.Count == 0)
            {
                throw CueException.NotFound($"{job.Name} has no such {(onlyRunning ? "running " : "")}frames");
            }

            if (asks(run, frames))
            {
                await run.ConfirmAsync($"{verb} {Named(frames)} of {job.Name}", run.Get(yes));
            }

            await act(run, job, criteria, (onlyRunning ? run.Get(reason) : null) ?? "");
            run.Terminal.Line($"{done} {Named(frames)} of {job.Name}");
        });
        selection.AddTo(command);
        command.Add(all);
        command.Add(yes);
        if (onlyRunning)
        {
            command.Add(reason);
        }

        return command;
    }

    private static string Named(List<Wire.Frame> frames) => frames.Count == 1 ? frames[0].Name : Units.Count(frames.Count, "frame");
}
