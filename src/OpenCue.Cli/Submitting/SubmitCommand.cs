using System.CommandLine;
using System.Text;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Cli.Watching;
using OpenCue.Specs.Launch;

namespace OpenCue.Cli.Submitting;

/// <summary><c>cue submit</c>.</summary>
internal static class SubmitCommand
{
    // What the server found odd although it accepted the jobs.
    private const string WarningTrailer = "opencue-warning-bin";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Argument<string[]> Words = new("FILE | -- COMMAND")
    {
        Description = "A launch specification in XML (- is standard input), or a command behind --, of which one job is made.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Wait until the jobs have ended. Exit code 0 if all frames succeeded, else 7.",
    };
    private static readonly Option<bool> Watch = new("--watch") { Description = "The same, and show the progress." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Check, print the specification, and send nothing." };
    private static readonly Option<bool> NoCheck = new("--no-check") { Description = "Leave it to the server to check a file." };

    public static Command Make()
    {
        var command = new CueCommand("submit", "Submit jobs: from a file, or one job for a command.")
        {
            Examples =
            [
                "cue submit beauty.xml --watch",
                "make-spec.py | cue submit -",
                "cue submit --name beauty --range 1-100 --chunk 5 --cores 4 --memory 8g -- 'render -f #FRAMESPEC# scene.usd'",
                "cue submit --name matte --range 1-20 --depend-on beauty --dry-run -- 'comp #IFRAME#'",
            ],
            Arguments = { Words },
        }.Do(RunAsync);
        foreach (var option in (Option[])[Wait, Watch, DryRun, NoCheck, .. SubmitOptions.All])
        {
            command.Add(option);
        }

        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandRun run)
    {
        var (text, warnings) = run.AfterDashes() is { } words ? await OfCommandAsync(run, words) : await OfFileAsync(run);
        foreach (var warning in warnings)
        {
            run.Terminal.Warn(warning);
        }

        if (run.Get(DryRun))
        {
            run.Terminal.Line(text.TrimEnd());
            return ExitCode.Ok;
        }

        var request = new Wire.JobLaunchSpecAndWaitRequest { Spec = text };
        using var call = run.Server.Jobs.LaunchSpecAndWaitAsync(request, run.Patient(Patience));
        var jobs = (await call).Jobs.Jobs;
        var fromServer = call.GetTrailers().GetAll(WarningTrailer).Select(entry => Encoding.UTF8.GetString(entry.ValueBytes));
        foreach (var warning in fromServer.Except(warnings))
        {
            run.Terminal.Warn(warning);
        }

        if (run.IsJson)
        {
            Json.Write(run.Terminal, jobs);
        }
        else
        {
            foreach (var job in jobs)
            {
                run.Terminal.Line($"Submitted {job.Name}: {Frames(job)}{(job.IsPaused ? ", paused" : "")}");
            }
        }

        run.Terminal.Flush();
        var waits = run.Get(Wait) || run.Get(Watch);
        IWatchView view = run.Get(Watch) && !run.IsJson ? JobWatchCommand.View(run, lines: false) : new SilentView();
        return waits && jobs.Count > 0 ? await WatchEnding.WatchAsync(run, jobs, view, Interval) : ExitCode.Ok;
    }

    private static string Frames(Wire.Job job)
    {
        var counts = FrameCounts.Of(job.JobStats);
        return $"{Units.Count(counts.Total, "frame")} in {Units.Count(job.JobStats?.TotalLayers ?? 0, "layer")}";
    }

    private static async Task<(string Text, IReadOnlyList<string> Warnings)> OfCommandAsync(CommandRun run, IReadOnlyList<string> command)
    {
        if (run.Get(Words)!.Length > command.Count)
        {
            throw CueException.Usage($"'{run.Get(Words)![0]}' stands before --; submit a file or a command, not both");
        }

        try
        {
            var text = JobSpecWriter.Write(await CommandJob.MakeAsync(run, command));
            return (text, JobSpecReader.Read(text).Warnings);
        }
        catch (JobSpecException e)
        {
            throw new CueException(ExitCode.Failed, $"{e.Reason}; nothing was submitted", e);
        }
        catch (ArgumentException e)
        {
            throw new CueException(ExitCode.Usage, $"this cannot be written into a specification: {e.Message}", e);
        }
    }

    private static async Task<(string Text, IReadOnlyList<string> Warnings)> OfFileAsync(CommandRun run)
    {
        var option = SubmitOptions.All.Select(run.NameIfGiven).FirstOrDefault(name => name is not null);
        var words = run.Get(Words)!;
        var path = words switch
        {
            [var file] when option is null => file,
            [] when option is null => throw CueException.Usage("submit what? A file, or --name NAME -- COMMAND; see cue submit --help"),
            _ when option is not null => throw CueException.Usage($"{option} describes a job for a command; write the command behind --"),
            _ => throw CueException.Usage("submit takes one file; a command goes behind --"),
        };
        try
        {
            await using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            var text = JobSpecReader.ReadText(stream);
            return (text, run.Get(NoCheck) ? [] : JobSpecReader.Read(text).Warnings);
        }
        catch (JobSpecException e)
        {
            var source = path == "-" ? "standard input" : path;
            throw new CueException(ExitCode.Failed, $"{source}: {e.Message.TrimEnd('.')}; nothing was submitted", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CueException(ExitCode.Usage, $"there is no file {path}; a command goes behind --", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CueException(ExitCode.Failed, $"{path} cannot be read: {e.Message}", e);
        }
    }
}
