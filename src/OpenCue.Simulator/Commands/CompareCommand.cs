using System.CommandLine;
using System.Text.Json;
using OpenCue.Simulator.Reports;

namespace OpenCue.Simulator.Commands;

/// <summary><c>cue-sim compare</c>: the same work under several policies, side by side.</summary>
internal static class CompareCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make()
    {
        var work = new WorkOptions();
        var names = new Option<string>("--policies", "-p")
        {
            Description = "The policies, divided by commas.",
            Required = true,
            HelpName = "A,B,...",
        };
        var own = PolicyOption.Make();
        var output = new OutputOptions();
        var command = new SimCommand("compare", "Simulates the same work under several policies, and shows the reports side by side.")
        {
            Examples =
            [
                "cue-sim compare --policies PRIORITY_ONLY,FAIR_SHARE --trace lastweek.json --html compared.html",
                "cue-sim compare --policies PRIORITY_ONLY,FIFO,BALANCED,FAIR_SHARE --scenario crunch",
                "cue-sim compare --policies PRIORITY_ONLY,MY_ORDER --policies-from MyOrder.dll --scenario myfarm.json",
            ],
        };
        command.Options.Add(names);
        work.AddTo(command);
        command.Options.Add(own);
        output.AddTo(command);
        return command.Do(async (parsed, terminal, cancel) =>
        {
            var assemblies = parsed.GetValue(own);
            var catalog = PolicyOption.Read(assemblies);
            var policies = parsed.GetRequiredValue(names)
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(catalog.NameOf)
                .Distinct(StringComparer.Ordinal)
                .ToList();
            if (policies.Count < 2)
            {
                throw new SimException("Name two policies or more: --policies PRIORITY_ONLY,FAIR_SHARE. One alone is for cue-sim run.");
            }

            var options = work.Read(parsed);
            var reports = new List<RunReport>();
            foreach (var policy in policies)
            {
                // Policies may remember what they saw: each run gets objects of its own.
                var run = options with { Policy = policy, OwnPolicies = PolicyOption.Read(assemblies).Own };
                reports.Add(await Simulating.RunAsync(run, terminal, cancel));
            }

            output.Write(
                parsed,
                terminal,
                to => CompareReport.Write(reports, to),
                () => JsonSerializer.Serialize(reports, SimJson.Options),
                () => HtmlReport.Of(reports));
            return 0;
        });
    }
}
