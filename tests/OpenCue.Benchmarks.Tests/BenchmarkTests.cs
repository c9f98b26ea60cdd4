using System.Diagnostics;
using System.Globalization;

namespace OpenCue.Benchmarks.Tests;

/// <summary>
/// Each benchmark, as small as it can be: that it runs to its end, finds that what it measures has happened, and prints its figures. What they say is
/// looked at by people, never here.
/// </summary>
public sealed class BenchmarkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("drain --hosts 30 --jobs 5", "wall_seconds window_per_second failed_tries_percent")]
    [InlineData("listjobs --jobs 60", "ms")]
    [InlineData("pass --seconds 1 --hosts 200 --frames 4000", "cold_seconds bookings incremental_p99_ms model_gib finished_mib pause_p999_ms")]
    [InlineData("processes --frames 70", "per_second")]
    [InlineData("reports --seconds 1 --hosts 20", "per_second flood_per_second flood_turnaround_p99_ms flood_action_p99_ms")]
    [InlineData("restart --frames 40000 --hosts 10", "seconds sqlite_seconds postgres_seconds")]
    [InlineData("rqd --seconds 1", "resident_mib processor_percent")]
    [InlineData("saturate", "least_peak_cores highest_peak_cores")]
    [InlineData("steady --seconds 1 --frames 20000 --hosts 20", "runs_per_second commit_p99_ms ratio_to_plain_statements")]
    [InlineData("steady-rpc --seconds 1 --frames 20000 --hosts 20", "runs_per_second")]
    [InlineData("submit --jobs 1 --frames 2000", "sqlite_seconds postgres_seconds")]
    [InlineData("turnaround --seconds 1 --frames 3000", "p50_ms p99_ms bare_commit_ms busy_p99_ms")]
    public async Task A_small_run_ends_well_and_prints_its_figures(string arguments, string figures)
    {
        var (exitCode, output, errors) = await RunAsync(arguments.Split(' '));
        Assert.True(exitCode == 0, $"{arguments} ended with {exitCode}:\n{output}\n{errors}");
        var printed = output.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ')).ToList();
        Assert.All(printed, line => Assert.Equal(3, line.Length));
        var values = printed.ToDictionary(line => line[0], line => double.Parse(line[1], CultureInfo.InvariantCulture));
        var name = arguments.Split(' ')[0];
        Assert.All(figures.Split(' '), figure => Assert.Contains($"{name}.{figure}", values.Keys));
        Assert.All(values, figure => Assert.True(double.IsFinite(figure.Value), figure.Key));
    }

    [Fact]
    public async Task What_does_not_happen_ends_with_an_error()
    {
        var (exitCode, output, errors) = await RunAsync(["saturate", "--hosts", "10"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("saturate failed", errors, StringComparison.Ordinal);
        Assert.Contains("each must be 150", errors, StringComparison.Ordinal);
        Assert.Contains("saturate.highest_peak_cores", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "There is no benchmark \"nothing\"")]
    [InlineData("steady --seconds", "--seconds needs a whole number above 0")]
    [InlineData("steady --hosts -3", "--hosts needs a whole number above 0")]
    [InlineData("steady --colour 3", "There is no option --colour")]
    public async Task A_mistake_on_the_command_line_is_named(string arguments, string problem)
    {
        var (exitCode, _, errors) = await RunAsync(arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains(problem, errors, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Program()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OpenCue.slnx")))
            {
                return Path.Combine(folder.FullName, "benchmarks", "OpenCue.Benchmarks", "bin", configuration, "net10.0", "OpenCue.Benchmarks.dll");
            }
        }

        throw new InvalidOperationException($"No OpenCue.slnx above {AppContext.BaseDirectory}.");
    }
}
