using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Hosts;

/// <summary><c>cue host cap</c>.</summary>
internal static class HostCapCommand
{
    private static readonly Argument<string[]> Names = new("HOST")
    {
        Description = "Hosts by name or id; without any, those that have a cap are listed.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<int?> Most = new("--max") { Description = "The most frames that may run there at once; 0 for as many as fit.", HelpName = "N" };

    public static Command Make() => new CueCommand("cap", "Cap how many frames hosts run at once; those that run go on.")
    {
        Examples = ["cue host cap", "cue host cap rnd01 rnd02 --max 4", "cue host cap rnd01 --max 0"],
        Arguments = { Names },
        Options = { Most },
    }.Do(RunAsync);

    /// <summary>The host's cap; null if the server knows of no caps.</summary>
    public static async Task<HostCap?> FindAsync(CommandRun run, string host)
    {
        try
        {
            var answer = await run.Server.Scheduling.GetHostCapsAsync(new GetHostCapsRequest { Host = host }, cancellationToken: run.Cancel);
            return answer.Hosts.FirstOrDefault();
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            return null;
        }
    }

    private static async Task<ExitCode> RunAsync(CommandRun run)
    {
        var names = run.Get(Names)!.Distinct().ToList();
        if (names.Count == 0)
        {
            if (run.IsGiven(Most))
            {
                throw CueException.Usage("say which hosts are to have the cap");
            }

            await ListAsync(run);
            return ExitCode.Ok;
        }

        if (run.Get(Most) is not { } most)
        {
            throw CueException.Usage("say the most frames with --max; 0 is as many as fit");
        }

        return await ManyThings.DoAsync(run, names, async name =>
        {
            var request = new SetHostCapRequest { Host = name, MaxProcs = most, Username = run.Environment.User };
            var cap = (await run.Server.Scheduling.SetHostCapAsync(request, cancellationToken: run.Cancel)).Host;
            run.Terminal.Line(cap.MaxProcs > 0 ? $"{cap.Host} runs at most {Units.Count(cap.MaxProcs, "frame")} at once" : $"{cap.Host} runs as many frames as fit");
        });
    }

    private static async Task ListAsync(CommandRun run)
    {
        var caps = (await run.Server.Scheduling.GetHostCapsAsync(new GetHostCapsRequest(), cancellationToken: run.Cancel)).Hosts;
        if (run.IsJson)
        {
            Json.Write(run.Terminal, caps);
            return;
        }

        if (caps.Count == 0)
        {
            run.Terminal.Note("No host has a cap.");
            return;
        }

        var table = new Table(new Column("HOST") { Least = 12 }, new Column("RUNS") { Right = true }, new Column("MOST") { Right = true });
        foreach (var cap in caps)
        {
            table.Add(cap.Host, Units.Count(cap.Procs), Units.Count(cap.MaxProcs));
        }

        table.Write(run.Terminal);
    }
}
