using System.CommandLine;
using Google.Protobuf.Collections;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Limits;

/// <summary><c>cue limit</c>.</summary>
internal static class LimitCommands
{
    public static Command Make() => new CueCommand("limit", "List and change limits: licences, by frames, hosts or users.")
    {
        List(), Show(), Create(), Set(), Rename(), Delete(),
    };

    private static CueCommand List() => new CueCommand("list", "List limits and what is used of them.")
    {
        Examples = ["cue limit list", "cue limit list --json"],
    }.Do(async run =>
    {
        var limits = (await run.Server.Limits.GetLimitsAsync(new GetLimitsRequest(), cancellationToken: run.Cancel)).Limits;
        if (run.IsJson)
        {
            Json.Write(run.Terminal, limits);
            return;
        }

        if (limits.Count == 0)
        {
            run.Terminal.Note("There are no limits. cue limit create makes one.");
            return;
        }

        var table = new Table(
            new Column("LIMIT") { Least = 12 },
            new Column("COUNTS"),
            new Column("USED") { Right = true },
            new Column("MAX") { Right = true },
            new Column("HELD BACK") { Right = true },
            new Column("FRAMES") { Right = true, Spare = 1 },
            new Column("LAYERS") { Right = true, Spare = 2 });
        foreach (var limit in limits)
        {
            table.Add(
                limit.Name,
                Plural(limit.Kind),
                new Cell(Units.Count(limit.Tokens), limit.Tokens >= limit.MaxValue - limit.Headroom ? Ink.Odd : Ink.Plain),
                Units.Count(limit.MaxValue),
                limit.Headroom > 0 ? Units.Count(limit.Headroom) : Units.None,
                Units.Count(limit.RunningFrames),
                Units.Count(limit.Layers));
        }

        table.Write(run.Terminal);
    });

    private static CueCommand Show()
    {
        var name = Name();
        return new CueCommand("show", "Show a limit and who holds it.")
        {
            Examples = ["cue limit show nuke", "cue limit show nuke --json"],
            Arguments = { name },
        }.Do(async run =>
        {
            var answer = await run.Server.Limits.GetLimitAsync(new GetLimitRequest { Name = run.Get(name)! }, cancellationToken: run.Cancel);
            var limit = answer.Limit;
            if (run.IsJson)
            {
                Json.Write(run.Terminal, limit);
                return;
            }

            new Facts(run.Terminal)
            {
                { "Limit", limit.Name },
                { "Id", limit.Id },
                { "Counts", Plural(limit.Kind) },
                { "Used", $"{Units.Count(limit.Tokens)} of {Units.Count(limit.MaxValue)}" },
                { "Held back", limit.Headroom > 0 ? Units.Count(limit.Headroom) : "" },
                { "Running frames", Units.Count(limit.RunningFrames) },
                { "Layers", Units.Count(limit.Layers) },
            }.Write();
            Holders(run, "HOST", limit.Hosts);
            Holders(run, "USER", limit.Users);
        });
    }

    private static CueCommand Create()
    {
        var name = Name();
        var maximum = new Argument<int>("MAX") { Description = "How many tokens there are." };
        var kind = Kind();
        var headroom = Headroom();
        return new CueCommand("create", "Make a limit. Layers are put under it by their job's specification.")
        {
            Examples = ["cue limit create nuke 20", "cue limit create katana 8 --kind host --headroom 2"],
            Arguments = { name, maximum },
            Options = { kind, headroom },
        }.Do(async run =>
        {
            var request = new CreateLimitRequest
            {
                Name = run.Get(name)!,
                MaxValue = run.Get(maximum),
                Kind = KindOf(run.Get(kind)),
                Headroom = run.Get(headroom) ?? 0,
                Username = run.Environment.User,
            };
            Tell(run, "Made", (await run.Server.Limits.CreateLimitAsync(request, cancellationToken: run.Cancel)).Limit);
        });
    }

    private static CueCommand Set()
    {
        var name = Name();
        var maximum = new Option<int?>("--max") { Description = "How many tokens there are. Less than is used kills nothing.", HelpName = "N" };
        var kind = Kind();
        var headroom = Headroom();
        return new CueCommand("set", "Change a limit. What is not said stays.")
        {
            Examples = ["cue limit set nuke --max 25", "cue limit set nuke --headroom 3"],
            Arguments = { name },
            Options = { maximum, kind, headroom },
        }.Do(async run =>
        {
            var request = new UpdateLimitRequest { Name = run.Get(name)!, Kind = KindOf(run.Get(kind)), Username = run.Environment.User };
            if (run.Get(maximum) is { } max)
            {
                request.MaxValue = max;
            }

            if (run.Get(headroom) is { } held)
            {
                request.Headroom = held;
            }

            if (!run.IsGiven(maximum) && !run.IsGiven(kind) && !run.IsGiven(headroom))
            {
                throw CueException.Usage("say what to change: --max, --kind or --headroom");
            }

            Tell(run, "Changed", (await run.Server.Limits.UpdateLimitAsync(request, cancellationToken: run.Cancel)).Limit);
        });
    }

    private static CueCommand Rename()
    {
        var name = Name();
        var to = new Argument<string>("NEW") { Description = "Its new name." };
        return new CueCommand("rename", "Give a limit another name; layers stay under it.")
        {
            Examples = ["cue limit rename nuke nuke-interactive"],
            Arguments = { name, to },
        }.Do(async run =>
        {
            var request = new RenameLimitRequest { Name = run.Get(name)!, NewName = run.Get(to)!, Username = run.Environment.User };
            await run.Server.Limits.RenameLimitAsync(request, cancellationToken: run.Cancel);
            run.Terminal.Line($"Limit {request.Name} is {request.NewName} now");
        });
    }

    private static CueCommand Delete()
    {
        var names = new Argument<string[]>("LIMIT") { Description = "Limits by name.", Arity = ArgumentArity.OneOrMore };
        var yes = GlobalOptions.Yes();
        return new CueCommand("delete", "Delete limits: what was under them is held back by them no more.")
        {
            Examples = ["cue limit delete nuke"],
            Arguments = { names },
            Options = { yes },
        }.Do(async run =>
        {
            var limits = run.Get(names)!.Distinct().ToList();
            await run.ConfirmAsync($"Delete the limit{(limits.Count == 1 ? "" : "s")} {string.Join(", ", limits)}", run.Get(yes));
            return await ManyThings.DoAsync(run, limits, async limit =>
            {
                await run.Server.Limits.DeleteLimitAsync(new DeleteLimitRequest { Name = limit, Username = run.Environment.User }, cancellationToken: run.Cancel);
                run.Terminal.Line($"Deleted {limit}");
            });
        });
    }

    private static void Holders(CommandRun run, string title, RepeatedField<LimitHolder> holders)
    {
        if (holders.Count == 0)
        {
            return;
        }

        run.Terminal.Line();
        var table = new Table(new Column(title) { Least = 12 }, new Column("FRAMES") { Right = true });
        foreach (var holder in holders)
        {
            table.Add(holder.Name, Units.Count(holder.RunningFrames));
        }

        table.Write(run.Terminal);
    }

    private static void Tell(CommandRun run, string done, Limit limit)
    {
        if (run.IsJson)
        {
            Json.Write(run.Terminal, limit);
            return;
        }

        var held = limit.Headroom > 0 ? $", {Units.Count(limit.Headroom)} held back" : "";
        run.Terminal.Line($"{done} {limit.Name}: {Units.Count(limit.MaxValue)} {Plural(limit.Kind)}{held}, {Units.Count(limit.Tokens)} used");
    }

    private static Argument<string> Name() => new("LIMIT") { Description = "The limit's name." };

    private static Option<string?> Kind()
    {
        var kind = new Option<string?>("--kind") { Description = "What one token is for: frame, host or user.", HelpName = "KIND" };
        kind.AcceptOnlyFromAmong("frame", "host", "user");
        return kind;
    }

    private static Option<int?> Headroom() =>
        new("--headroom") { Description = "How many tokens the farm leaves alone, for people.", HelpName = "N" };

    private static LimitKind KindOf(string? text) => text switch
    {
        "frame" => LimitKind.Frame,
        "host" => LimitKind.Host,
        "user" => LimitKind.User,
        _ => LimitKind.Unspecified,
    };

    private static string Plural(LimitKind kind) => kind switch
    {
        LimitKind.Host => "hosts",
        LimitKind.User => "users",
        _ => "frames",
    };
}
