using OpenCue.Benchmarks.Agents;
using OpenCue.Benchmarks.Draining;
using OpenCue.Benchmarks.Explaining;
using OpenCue.Benchmarks.Listing;
using OpenCue.Benchmarks.Passes;
using OpenCue.Benchmarks.Processes;
using OpenCue.Benchmarks.Reporting;
using OpenCue.Benchmarks.Restarting;
using OpenCue.Benchmarks.Rpc;
using OpenCue.Benchmarks.Saturating;
using OpenCue.Benchmarks.Servers;
using OpenCue.Benchmarks.Steady;
using OpenCue.Benchmarks.Submitting;
using OpenCue.Benchmarks.Turnarounds;

namespace OpenCue.Benchmarks;

/// <summary>All benchmarks, and the command line that runs them.</summary>
internal static class Benchmarks
{
    private static readonly IBenchmark[] All =
    [
        new RpcBenchmark(),
        new SubmitBenchmark(),
        new TurnaroundBenchmark(),
        new SteadyBenchmark(),
        new DrainBenchmark(),
        new SaturateBenchmark(),
        new PassBenchmark(),
        new SlicesBenchmark(),
        new ReportsBenchmark(),
        new SteadyRpcBenchmark(),
        new ListJobsBenchmark(),
        new RestartBenchmark(),
        new ProcessesBenchmark(),
        new RqdBenchmark(),
        new ExplainBenchmark(),
    ];

    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        // Benchmarks start this program again as the other side of theirs.
        if (args is [RpcServers.Role, ..])
        {
            await RpcServers.RunAsync(output);
            return 0;
        }

        if (args is [MeteredCuebot.Role, ..])
        {
            return await MeteredCuebot.RunAsync(args[1..], output);
        }

        if (args is [AgentsProcess.Role, var setup])
        {
            await AgentsProcess.RunAsync(setup, output);
            return 0;
        }

        if (args.Length == 0 || args.Any(arg => arg is "--help" or "-h"))
        {
            output.WriteLine("Usage: benchmarks/run [--seconds N] [--hosts N] [--frames N] [--jobs N] NAME...");
            output.WriteLine("Prints lines \"figure value unit\"; lines that begin with # are remarks.");
            output.WriteLine();
            foreach (var benchmark in All)
            {
                output.WriteLine($"  {benchmark.Name,-12} {benchmark.Summary}");
            }

            return args.Length == 0 ? 2 : 0;
        }

        var names = new List<string>();
        BenchmarkOptions options;
        try
        {
            options = BenchmarkOptions.Read(args, names);
        }
        catch (FormatException e)
        {
            errors.WriteLine(e.Message);
            return 2;
        }

        if (names.Find(name => All.All(benchmark => benchmark.Name != name)) is { } unknown)
        {
            errors.WriteLine($"There is no benchmark \"{unknown}\"; there are: {string.Join(", ", All.Select(benchmark => benchmark.Name))}.");
            return 2;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        foreach (var name in names)
        {
            var benchmark = All.First(each => each.Name == name);
            var report = new Report(output, name);
            report.Remark($"{name}: {benchmark.Summary}");
            report.Remark(Machine.Describe());
            report.Remark(Machine.DescribeLoad());
            try
            {
                await benchmark.RunAsync(report, options, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                errors.WriteLine($"{name} was interrupted.");
                return 130;
            }
            catch (BenchmarkFailedException e)
            {
                errors.WriteLine($"{name} failed: {e.Message}");
                return 1;
            }

            report.Remark(Machine.DescribeLoad());
        }

        return 0;
    }
}
