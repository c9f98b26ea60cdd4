using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cli.Submitting;

/// <summary>Makes the specification of a job with one layer, whose command stands on the command line.</summary>
internal static class CommandJob
{
    private const int LongestRange = 1_000_000;
    private const string Root = "root";

    // What makes one frame's command differ from another's.
    private static readonly string[] FrameMarks = ["#IFRAME#", "#ZFRAME#", "#FRAME", "CUE_IFRAME", "CUE_FRAME"];

    /// <summary>The specification that the options and the command make.</summary>
    public static async Task<JobSpecDocument> MakeAsync(CommandRun run, IReadOnlyList<string> command)
    {
        var name = run.Get(SubmitOptions.Name) ?? throw CueException.Usage("a command needs a --name for its job");
        if (command.Count == 0)
        {
            throw CueException.Usage("there is no command behind --");
        }

        var range = run.Get(SubmitOptions.Range)!;
        var frames = FrameSet.TryParse(range, LongestRange, out var set, out var error)
            ? set
            : throw CueException.Usage($"--range '{range}' is no frame range: {error}");
        if (run.Get(SubmitOptions.Chunk) < 1)
        {
            throw CueException.Usage($"--chunk {run.Get(SubmitOptions.Chunk)}: a chunk has at least one frame");
        }

        var (user, uid) = await OwnerAsync(run);
        var shell = ShellWords.Join(command);
        WarnOfSameFrames(run, shell, frames);
        return new JobSpecDocument
        {
            Facility = run.Get(SubmitOptions.Facility),
            Show = Or(run, run.Get(SubmitOptions.Show), "SHOW", "testing"),
            Shot = Or(run, run.Get(SubmitOptions.Shot), "SHOT", "default"),
            User = user,
            Uid = uid,
            Email = run.Get(SubmitOptions.Email),
            Jobs =
            [
                new JobSpec
                {
                    Name = name,
                    Paused = run.Get(SubmitOptions.Paused),
                    Priority = run.Get(SubmitOptions.Priority),
                    MaxRetries = run.Get(SubmitOptions.MaxRetries),
                    MaxWholeCores = run.Get(SubmitOptions.MaxCores),
                    AutoEat = run.Get(SubmitOptions.AutoEat),
                    Os = run.Get(SubmitOptions.Os),
                    Layers = [Layer(run, shell, frames)],
                },
            ],
            Depends = (await DependsAsync(run, name)).ToValueList(),
        };
    }

    private static LayerSpec Layer(CommandRun run, string shell, FrameSet frames) => new()
    {
        Name = run.Get(SubmitOptions.LayerName)!,
        Type = run.Get(SubmitOptions.LayerKind),
        Command = shell,
        Range = frames,
        ChunkSize = run.Get(SubmitOptions.Chunk),
        MinCorePoints = SubmitOptions.CorePoints(run),
        Threadable = run.Get(SubmitOptions.Threadable),
        MinMemoryKib = SubmitOptions.Kib(run, SubmitOptions.Memory),
        MinGpus = run.Get(SubmitOptions.Gpus),
        MinGpuMemoryKib = SubmitOptions.Kib(run, SubmitOptions.GpuMemory),
        TimeoutMinutes = run.Get(SubmitOptions.FrameTimeout),
        TimeoutLluMinutes = run.Get(SubmitOptions.StallTimeout),
        Tags = run.IsGiven(SubmitOptions.Tags) ? SubmitOptions.List(run, SubmitOptions.Tags).ToValueList() : null,
        Limits = SubmitOptions.List(run, SubmitOptions.Limits).ToValueList(),
        Services = SubmitOptions.List(run, SubmitOptions.Service).DefaultIfEmpty("shell").ToValueList(),
        Outputs = run.Get(SubmitOptions.Outputs)!.ToValueList(),
        Environment = run.Get(SubmitOptions.Env)!.Select(Variable).ToValueList(),
    };

    private static EnvironmentVariable Variable(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        ? new EnvironmentVariable(text[..at], text[(at + 1)..])
        : throw CueException.Usage($"--env '{text}' sets nothing; write NAME=VALUE");

    private static async Task<(string User, int? Uid)> OwnerAsync(CommandRun run)
    {
        var user = run.Get(SubmitOptions.User) ?? run.Environment.User;
        var uid = run.Get(SubmitOptions.Uid);
        if (user == Root || uid == 0)
        {
            throw CueException.Usage("root may own no job; name another user with --user");
        }

        return (user, uid ?? await Accounts.UidAsync(user, run.Cancel));
    }

    private static async Task<IEnumerable<DependSpec>> DependsAsync(CommandRun run, string job)
    {
        var names = run.Get(SubmitOptions.DependOn)!;
        if (names.Length == 0)
        {
            return [];
        }

        // Looked up here, so that a part of the name will do, and nobody waits for a job that is not there.
        var found = await new JobFinder(run.Server, run.Cancel).FindAsync(names);
        foreach (var ended in found.Where(other => other.State == Wire.JobState.Finished))
        {
            run.Terminal.Warn($"{ended.Name} has finished already, so there is nothing to wait for");
        }

        return found
            .Where(other => other.State != Wire.JobState.Finished)
            .Select(other => new DependSpec { Type = DependType.JobOnJob, DependJob = job, OnJob = other.Name });
    }

    private static void WarnOfSameFrames(CommandRun run, string shell, FrameSet frames)
    {
        if (frames.Count > 1 && !FrameMarks.Any(mark => shell.Contains(mark, StringComparison.Ordinal)))
        {
            run.Terminal.Warn(
                "the command is the same for every frame: it holds no #IFRAME#, #FRAMESPEC# or the like. "
                + "Put it in quotes: an unquoted # begins a comment in a shell");
        }
    }

    private static string Or(CommandRun run, string? given, string variable, string otherwise) =>
        given ?? (run.Environment.Variable(variable) is { Length: > 0 } value ? value : otherwise);
}
