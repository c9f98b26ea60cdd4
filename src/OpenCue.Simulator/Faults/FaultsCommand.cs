using System.CommandLine;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Variants;

namespace OpenCue.Simulator.Faults;

/// <summary><c>cue-sim faults</c>: simulates farms on which everything goes wrong, and checks that no promise is broken.</summary>
internal static class FaultsCommand
{
    private const int TraceLines = 200_000;

    /// <summary>The command.</summary>
    public static SimCommand Make()
    {
        var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 300 };
        var first = new Option<ulong>("--first-seed") { Description = "The first of them.", DefaultValueFactory = _ => 1 };
        var jobs = new Option<int>("--jobs") { Description = "How many to run at the same time.", DefaultValueFactory = _ => 2 };
        var scenario = new Option<string?>("--scenario") { Description = "Only this scenario; 'list' shows them. Without it anything may happen." };
        var shrink = new Option<bool>("--shrink") { Description = "Shrink the first failure to what is needed for it." };
        var trace = new Option<bool>("--trace") { Description = "Print all that happens; best with --seeds 1." };
        var variant = new Option<string?>("--broken") { Description = "Run a server that is broken on purpose; 'list' shows them." };
        var only = new Option<string?>("--only") { Description = "Of each plan only these actions: numbers from 0, with commas. A shrunk failure prints them." };
        var command = new SimCommand("faults", "Simulate farms on which everything goes wrong, and check that no promise is broken.")
        {
            Examples =
            [
                "cue-sim faults --seeds 2000 --jobs 2",
                "cue-sim faults --first-seed 4711 --seeds 1 --trace",
                "cue-sim faults --first-seed 4711 --seeds 1 --shrink",
            ],
        };
        command.Add(seeds);
        command.Add(first);
        command.Add(jobs);
        command.Add(scenario);
        command.Add(shrink);
        command.Add(trace);
        command.Add(only);
        command.Add(variant);
        return command.Do((parsed, terminal, cancel) => Task.FromResult(Run(
            new Wanted(
                parsed.GetValue(seeds), parsed.GetValue(first), Math.Max(1, parsed.GetValue(jobs)), parsed.GetValue(scenario), parsed.GetValue(shrink),
                parsed.GetValue(trace), Numbers(parsed.GetValue(only)), parsed.GetValue(variant)),
            terminal,
            cancel)));
    }

    private static int Run(Wanted wanted, SimTerminal terminal, CancellationToken cancel)
    {
        if (wanted.Scenario == "list")
        {
            foreach (var known in Scenarios.All)
            {
                terminal.Out.WriteLine($"{known.Name,-28} {known.Description}");
            }

            return 0;
        }

        if (wanted.Broken == "list")
        {
            foreach (var known in BrokenServers.All)
            {
                terminal.Out.WriteLine(known.Name);
            }

            return 0;
        }

        var variant = wanted.Broken is null
            ? FaultVariant.None
            : BrokenServers.All.FirstOrDefault(v => v.Name == wanted.Broken) ?? throw new SimException($"There is no broken server '{wanted.Broken}'; see --broken list.");
        var scenario = wanted.Scenario is null
            ? variant.Scenario
            : Scenarios.Find(wanted.Scenario) ?? throw new SimException($"There is no scenario {wanted.Scenario}; see --scenario list.");
        var start = terminal.RealTime.GetTimestamp();
        var progress = new Progress(terminal, wanted.Seeds);
        var campaign = new Campaign(seed => wanted.Trim(variant == FaultVariant.None ? scenario.Plan(seed) : scenario.Plan(seed) with { Variant = variant, MustHappen = [] }), wanted.Trace ? TraceLines : 0);
        campaign.Run(wanted.First, wanted.Seeds, wanted.Jobs, progress.Show, cancel);
        progress.End();
        foreach (var line in wanted.Trace ? campaign.Last?.Lines ?? [] : [])
        {
            terminal.Out.WriteLine(line);
        }

        var summary = FaultReport.Summary(campaign, scenario.Name, terminal.RealTime.GetElapsedTime(start));
        terminal.Out.Write(summary);
        if (wanted.Shrink && campaign.Failures.FirstOrDefault() is { } failure)
        {
            terminal.Out.Write(FaultReport.Shrunk(Shrinker.Shrink(failure.Plan, cancel)));
        }

        return campaign.Failures.Count == 0 ? 0 : 1;
    }

    private static List<int>? Numbers(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var numbers = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            numbers.Add(int.TryParse(part, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new SimException($"--only wants numbers with commas between them, not '{part}'."));
        }

        return numbers;
    }

    private sealed record Wanted(int Seeds, ulong First, int Jobs, string? Scenario, bool Shrink, bool Trace, IReadOnlyList<int>? Only, string? Broken)
    {
        public FaultPlan Trim(FaultPlan plan) =>
            Only is null ? plan : plan with { Actions = [.. plan.Actions.Where((_, i) => Only.Contains(i))] };
    }

    /// <summary>A line that says how far it is, for a person who waits.</summary>
    private sealed class Progress(SimTerminal terminal, int seeds)
    {
        private readonly long _start = terminal.RealTime.GetTimestamp();
        private readonly Lock _lock = new();
        private int _done;
        private int _failed;

        public void Show(FaultResult result)
        {
            lock (_lock)
            {
                _done++;
                _failed += result.Broken is null ? 0 : 1;
                if (result.Broken is not null)
                {
                    Clear();
                    terminal.Error.WriteLine($"seed {result.Plan.Seed}: {result.Broken}");
                }

                if (terminal.ShowsProgress)
                {
                    terminal.Error.Write($"\r{_done} of {seeds} seeds, {_failed} failed, {terminal.RealTime.GetElapsedTime(_start).TotalSeconds:0} s ");
                }
            }
        }

        public void End() => Clear();

        private void Clear()
        {
            if (terminal.ShowsProgress)
            {
                terminal.Error.Write("\r                                                            \r");
            }
        }
    }
}
