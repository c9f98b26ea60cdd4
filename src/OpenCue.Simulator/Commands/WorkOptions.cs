using System.CommandLine;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Running;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Commands;

/// <summary>The options that say what is simulated: the same for one run and for a comparison.</summary>
internal sealed class WorkOptions
{
    private readonly Option<string?> _scenario = new("--scenario", "-s")
    {
        Description = "A scenario: a file, or one of " + string.Join(", ", Scenarios.Names) + ". Default: small; with --trace its farm is used instead of the trace's.",
        HelpName = "NAME|FILE",
    };

    private readonly Option<string?> _trace = new("--trace", "-t") { Description = "A trace: a JSON file, or a folder of CSV files. It takes the place of the scenario's jobs.", HelpName = "PATH" };

    private readonly Option<ulong> _seed = new("--seed") { Description = "The seed of all chance.", DefaultValueFactory = _ => 1, HelpName = "N" };

    private readonly Option<double?> _hours = new("--hours")
    {
        Description = "Ends after so many virtual hours. Default: when all work is done, or what is left can never run.",
        HelpName = "H",
    };

    private readonly Option<int> _check = new("--check")
    {
        Description = "Checks all sums and counters of the farm after each N turns of the engine; slow. 0: never.",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };

    private readonly Option<int> _report = new("--report-every")
    {
        Description = "How often each host reports, virtual seconds.",
        DefaultValueFactory = _ => 120,
        HelpName = "S",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _scenario, _trace, _seed, _hours, _check, _report })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options ask for, with the first policy yet to be set.</summary>
    public SimulationOptions Read(ParseResult parsed)
    {
        var (trace, farm) = ReadWork(parsed);
        var report = parsed.GetValue(_report);
        if (report is < 1 or > 290)
        {
            throw new SimException($"--report-every is {report}: from 1 to 290 seconds, for a host that does not report for 300 is taken to be down.");
        }

        if (parsed.GetValue(_hours) is <= 0)
        {
            throw new SimException("--hours must be above 0.");
        }

        return new SimulationOptions
        {
            Trace = trace,
            Farm = farm,
            Seed = parsed.GetValue(_seed),
            Hours = parsed.GetValue(_hours),
            CheckEvery = Math.Max(0, parsed.GetValue(_check)),
            ReportEveryMs = report * 1000L,
        };
    }

    private (Trace Trace, FarmPlan Farm) ReadWork(ParseResult parsed)
    {
        var scenario = parsed.GetValue(_scenario);
        if (parsed.GetValue(_trace) is not { } path)
        {
            var made = Scenarios.Load(scenario ?? "small");
            return (new WorkloadMaker(made, parsed.GetValue(_seed)).Make(parsed.GetValue(_hours)), made.Farm);
        }

        var trace = TraceFiles.Read(path);
        var farm = scenario is not null ? Scenarios.Load(scenario).Farm
            : trace.Farm ?? throw new SimException($"{path} does not say on which farm it was recorded; name one with --scenario.");
        TraceCheck.Fit(trace, farm, path);
        return (trace, farm);
    }
}
