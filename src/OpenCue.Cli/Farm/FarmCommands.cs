using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Farm;

/// <summary><c>cue farm</c>.</summary>
internal static class FarmCommands
{
    public static Command Make() => new CueCommand("farm", "Look after the farm as a whole.")
    {
        FarmStatusCommand.Make(), Verify(), Unknown(), Accept(), AllowKills(),
    };

    private static CueCommand Verify() => new CueCommand(
        "verify", "Check the server's books: what it has counted against what follows from its rows. Exit code 1 if they differ.")
    {
        Examples = ["cue farm verify", "cue farm verify --json"],
    }.Do(async run =>
    {
        var answer = await run.Server.Admin.VerifyAsync(new VerifyRequest(), run.Patient(TimeSpan.FromMinutes(2)));
        if (run.IsJson)
        {
            Json.Write(run.Terminal, answer);
        }
        else
        {
            foreach (var problem in answer.Problems)
            {
                run.Terminal.Line(Plain.OneLine(problem));
            }
        }

        if (answer.Problems.Count > 0)
        {
            throw CueException.Failed(
                $"the farm has {Units.Count(answer.Problems.Count, "problem")}; this is a defect of the server: "
                + "keep its log and data for a report, then restart it");
        }

        if (!run.IsJson)
        {
            run.Terminal.Line("No problems: the farm's books are right.");
        }
    });

    private static CueCommand Unknown() => new CueCommand(
        "unknown", "List runs of which nobody knows whether they live: their hosts are silent.")
    {
        Examples = ["cue farm unknown"],
    }.Do(async run =>
    {
        var runs = (await run.Server.Admin.GetUnknownRunsAsync(new GetUnknownRunsRequest(), cancellationToken: run.Cancel)).Runs;
        if (run.IsJson)
        {
            Json.Write(run.Terminal, runs);
            return;
        }

        if (runs.Count == 0)
        {
            run.Terminal.Line("Every run is accounted for.");
            return;
        }

        var table = new Table(
            new Column("RUN"),
            new Column("JOB") { Least = 16 },
            new Column("FRAME") { Least = 12 },
            new Column("HOST") { Least = 8 },
            new Column("SINCE"),
            new Column("WHY") { Least = 20 });
        foreach (var unknown in runs)
        {
            table.Add(unknown.Id, unknown.Job, unknown.Frame, unknown.Host, Units.Ago(unknown.Since / 1000, run.Time), unknown.Text);
        }

        table.Write(run.Terminal);
    });

    private static CueCommand Accept()
    {
        var ids = new Argument<string[]>("RUN")
        {
            Description = "Ids of runs, as cue farm unknown lists them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var yes = GlobalOptions.Yes();
        return new CueCommand(
            "accept",
            "Say that unknown runs have ended, so that their frames are rendered again. If one lives after all, its frame runs twice.")
        {
            Examples = ["cue farm accept 0198c2a4-5f10-7cc2-9d0e-2f8f1b2f8f00"],
            Arguments = { ids },
            Options = { yes },
        }.Do(async run =>
        {
            var runs = run.Get(ids)!.Distinct().ToList();
            await run.ConfirmAsync($"Count {Units.Count(runs.Count, "run")} as ended, without proof", run.Get(yes));
            return await ManyThings.DoAsync(run, runs, async id =>
            {
                var request = new AcceptRunEndedRequest { RunId = id, Username = run.Environment.User };
                await run.Server.Admin.AcceptRunEndedAsync(request, cancellationToken: run.Cancel);
                run.Terminal.Line($"Run {id} counts as ended");
            });
        });
    }

    private static CueCommand AllowKills()
    {
        var yes = GlobalOptions.Yes();
        return new CueCommand(
            "allow-kills",
            "Say that the server has the right store, although hosts run much that it does not hold: it may kill what is not current.")
        {
            Examples = ["cue farm allow-kills"],
            Options = { yes },
        }.Do(async run =>
        {
            await run.ConfirmAsync("Let the server kill runs that are not current", run.Get(yes));
            var request = new AllowStrayKillsRequest { Username = run.Environment.User };
            await run.Server.Admin.AllowStrayKillsAsync(request, cancellationToken: run.Cancel);
            run.Terminal.Line("The server may kill runs that are not current");
        });
    }
}
