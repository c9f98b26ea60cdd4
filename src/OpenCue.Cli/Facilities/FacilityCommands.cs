using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Facilities;

/// <summary><c>cue facility</c>.</summary>
internal static class FacilityCommands
{
    private const string Default = "default";

    public static Command Make() => new CueCommand("facility", "See and choose in which order facilities serve their work.")
    {
        Policy(),
    };

    private static CueCommand Policy()
    {
        var facility = new Argument<string?>("FACILITY") { Description = "The facility by name or id; without one all are listed.", Arity = ArgumentArity.ZeroOrOne };
        var policy = new Argument<string?>("POLICY")
        {
            Description = $"The policy by name; {Default} for the server's.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new CueCommand("policy", "List the scheduling policies and which facility has which, or choose one.")
        {
            Examples = ["cue facility policy", "cue facility policy local FAIR_SHARE", "cue facility policy local default"],
            Arguments = { facility, policy },
        }.Do(async run =>
        {
            if (run.Get(facility) is not { } name)
            {
                Tell(run, await run.Server.Scheduling.GetPoliciesAsync(new GetPoliciesRequest(), cancellationToken: run.Cancel));
                return;
            }

            if (run.Get(policy) is not { } chosen)
            {
                throw CueException.Usage($"say which policy {name} is to have; cue facility policy lists them all");
            }

            var request = new SetFacilityPolicyRequest
            {
                Facility = name,
                Policy = string.Equals(chosen, Default, StringComparison.OrdinalIgnoreCase) ? "" : chosen,
                Username = run.Environment.User,
            };
            var set = (await run.Server.Scheduling.SetFacilityPolicyAsync(request, cancellationToken: run.Cancel)).Facility;
            run.Terminal.Line($"Facility {set.Facility} serves its work by {set.Policy}");
        });
    }

    private static void Tell(CommandRun run, GetPoliciesResponse policies)
    {
        if (run.IsJson)
        {
            Json.Write(run.Terminal, policies);
            return;
        }

        var table = new Table(new Column("FACILITY") { Least = 8 }, new Column("POLICY"), new Column("CHOSEN"));
        foreach (var facility in policies.Facilities)
        {
            var chosen = facility.Chosen.Length == 0 ? "by the server"
                : facility.Chosen == facility.Policy ? "by a person"
                : new Cell($"{facility.Chosen}, which the server has not", Ink.Odd);
            table.Add(facility.Facility, facility.Policy, chosen);
        }

        table.Write(run.Terminal);
        run.Terminal.Line();
        table = new Table(new Column("POLICY"), new Column("ORDER") { Least = 30 }, new Column("FAILED") { Least = 8 });
        foreach (var policy in policies.Policies)
        {
            var failed = policy.Failures > 0
                ? new Cell($"{Units.Count(policy.Failures, "time")}, {Units.Ago(policy.Failed / 1000, run.Time)}: {policy.Failure}", Ink.Bad)
                : new Cell("");
            table.Add(policy.Name, policy.Description, failed);
        }

        table.Write(run.Terminal);
    }
}
