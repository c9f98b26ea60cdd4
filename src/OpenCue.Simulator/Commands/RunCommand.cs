using System.CommandLine;
using System.Text.Json;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Simulator.Reports;

namespace OpenCue.Simulator.Commands;

/// <summary><c>cue-sim run</c>: one simulation and its report.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make()
    {
        var work = new WorkOptions();
        var policy = new Option<string>("--policy", "-p")
        {
            Description = "The scheduling policy of all facilities.",
            DefaultValueFactory = _ => PriorityPolicy.PolicyName,
            HelpName = "NAME",
        };
        var policies = PolicyOption.Make();
        var output = new OutputOptions();
        var command = new SimCommand("run", "Simulates a scenario or a trace, and reports use of the farm, waits, fairness, throughput.")
        {
            Examples =
            [
                "cue-sim run",
                "cue-sim run --scenario day --seed 7 --policy FAIR_SHARE --html day.html",
                "cue-sim run --trace lastweek.json --json > report.json",
                "cue-sim run --scenario myfarm.json --hours 12 --check 1000",
            ],
        };
        work.AddTo(command);
        command.Options.Add(policy);
        command.Options.Add(policies);
        output.AddTo(command);
        return command.Do(async (parsed, terminal, cancel) =>
        {
            var catalog = PolicyOption.Read(parsed.GetValue(policies));
            var options = work.Read(parsed) with
            {
                Policy = catalog.NameOf(parsed.GetValue(policy) ?? PriorityPolicy.PolicyName),
                OwnPolicies = catalog.Own,
            };
            var report = await Simulating.RunAsync(options, terminal, cancel);
            output.Write(
                parsed,
                terminal,
                to => TextReport.Write(report, to),
                () => JsonSerializer.Serialize(report, SimJson.Options),
                () => HtmlReport.Of([report]));
            return 0;
        });
    }
}
