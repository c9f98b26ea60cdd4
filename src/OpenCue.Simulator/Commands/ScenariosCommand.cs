using System.CommandLine;
using OpenCue.Simulator.Reports;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Commands;

/// <summary><c>cue-sim scenarios</c>: the scenarios that come with the tool, as beginnings for one's own.</summary>
internal static class ScenariosCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make()
    {
        var name = new Argument<string?>("name") { Description = "The scenario whose text is wanted.", Arity = ArgumentArity.ZeroOrOne };
        return new SimCommand("scenarios", "Lists the scenarios that come with the tool, or writes the text of one.")
        {
            Arguments = { name },
            Examples = ["cue-sim scenarios", "cue-sim scenarios day > myfarm.json"],
        }.Do((parsed, terminal, _) =>
        {
            if (parsed.GetValue(name) is { } wanted)
            {
                terminal.Out.Write(Scenarios.TextOf(wanted));
                return Task.FromResult(0);
            }

            var table = new TextTable("Scenario", "what it shows");
            foreach (var known in Scenarios.Names)
            {
                table.Add(known, Scenarios.Load(known).Description);
            }

            table.Write(terminal.Out);
            return Task.FromResult(0);
        });
    }
}
