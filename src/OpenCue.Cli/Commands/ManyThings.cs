using OpenCue.Cli.Connecting;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Commands;

/// <summary>Does the same to several things: what fails for one does not keep the others from it, and the exit code tells.</summary>
internal static class ManyThings
{
    /// <summary>Does it.</summary>
    public static async Task<ExitCode> DoAsync<T>(CommandRun run, IReadOnlyList<T> things, Func<T, Task> action)
    {
        var failures = new List<CueException>();
        foreach (var thing in things)
        {
            try
            {
                await action(thing);
            }
            catch (CueException e)
            {
                failures.Add(e);
            }
            catch (RpcException e) when (!run.Cancel.IsCancellationRequested)
            {
                failures.Add(CallFailure.ToCueException(e, run.Server.Settings));
            }

            // Without a server the others cannot succeed either.
            if (failures is [.., { Code: ExitCode.Unreachable } unreachable])
            {
                throw unreachable;
            }
        }

        if (failures.Count == things.Count && failures.Count > 0)
        {
            foreach (var failure in failures.SkipLast(1))
            {
                run.Terminal.Note($"cue: {failure.Message}");
            }

            throw failures[^1];
        }

        foreach (var failure in failures)
        {
            run.Terminal.Note($"cue: {failure.Message}");
        }

        return failures.Count == 0 ? ExitCode.Ok : ExitCode.Partial;
    }
}
