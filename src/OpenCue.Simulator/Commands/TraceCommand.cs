using System.CommandLine;
using OpenCue.Simulator.Reports;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.Workloads;

namespace OpenCue.Simulator.Commands;

/// <summary><c>cue-sim trace</c>: makes, exports, shows and converts traces.</summary>
internal static class TraceCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make() => new("trace", "Makes traces from scenarios, exports them from a cuebot's database, shows and converts them.")
    {
        MakeMake(), TraceExportCommand.Make(), MakeShow(), MakeConvert(),
    };

    private static SimCommand MakeMake()
    {
        var scenario = new Option<string>("--scenario", "-s") { Description = "A scenario: a file, or one of " + string.Join(", ", Scenarios.Names) + ".", Required = true, HelpName = "NAME|FILE" };
        var seed = new Option<ulong>("--seed") { Description = "The seed of all chance.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var hours = new Option<double?>("--hours") { Description = "For how many hours jobs arrive. Default: as the scenario says.", HelpName = "H" };
        var path = OutOption();
        return new SimCommand("make", "Makes a trace from a scenario.")
        {
            Options = { scenario, seed, hours, path },
            Examples = ["cue-sim trace make --scenario day --seed 7 --out day.json", "cue-sim trace make --scenario myfarm.json --hours 48 --out twodays"],
        }.Do((parsed, terminal, _) =>
        {
            if (parsed.GetValue(hours) is <= 0)
            {
                throw new SimException("--hours must be above 0.");
            }

            var trace = new WorkloadMaker(Scenarios.Load(parsed.GetRequiredValue(scenario)), parsed.GetValue(seed)).Make(parsed.GetValue(hours));
            Save(trace, parsed.GetRequiredValue(path), terminal);
            return Task.FromResult(0);
        });
    }

    private static SimCommand MakeShow()
    {
        var path = new Argument<string>("trace") { Description = "A JSON file, or a folder of CSV files." };
        return new SimCommand("show", "Checks a trace and says what is in it.") { Arguments = { path }, Examples = ["cue-sim trace show lastweek.json"] }.Do((parsed, terminal, _) =>
        {
            TraceText.Write(TraceFiles.Read(parsed.GetRequiredValue(path)), terminal.Out);
            return Task.FromResult(0);
        });
    }

    private static SimCommand MakeConvert()
    {
        var from = new Argument<string>("trace") { Description = "A JSON file, or a folder of CSV files." };
        var path = OutOption();
        return new SimCommand("convert", "Reads a trace and writes it in the other form.")
        {
            Arguments = { from },
            Options = { path },
            Examples = ["cue-sim trace convert lastweek.json --out lastweek", "cue-sim trace convert lastweek --out lastweek.json.gz"],
        }.Do((parsed, terminal, _) =>
        {
            Save(TraceFiles.Read(parsed.GetRequiredValue(from)), parsed.GetRequiredValue(path), terminal);
            return Task.FromResult(0);
        });
    }

    /// <summary>The option that says where a trace goes.</summary>
    internal static Option<string> OutOption() => new("--out", "-o")
    {
        Description = "Where to: a file that ends in .json or .json.gz, else a folder of CSV files.",
        Required = true,
        HelpName = "PATH",
    };

    /// <summary>Writes a trace and says what was written.</summary>
    internal static void Save(Trace trace, string path, SimTerminal terminal)
    {
        TraceFiles.Write(trace, path);
        terminal.Error.WriteLine($"{path}: {Units.Count(trace.Jobs.Count)} jobs, {Units.Count(trace.FrameCount)} frames");
    }
}
