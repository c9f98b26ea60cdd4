using OpenCue.Simulator.Reports;
using OpenCue.Simulator.Running;

namespace OpenCue.Simulator.Commands;

/// <summary>Runs a simulation for a command, with its progress and its speed on standard error.</summary>
internal static class Simulating
{
    /// <summary>Runs it.</summary>
    public static async Task<RunReport> RunAsync(SimulationOptions options, SimTerminal terminal, CancellationToken cancel)
    {
        var progress = new ProgressLine(terminal, options.Policy);
        await using var simulation = new Simulation(options, terminal.RealTime, progress.Show);
        try
        {
            var report = simulation.Run(cancel);
            progress.Clear();
            var took = simulation.Took;
            await terminal.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Policy}: {report.Hours:0.#} virtual hours in {took.TotalSeconds:0.0} s, {report.Hours * 3600 / took.TotalSeconds:N0} times real time; "
                + $"the scheduler's passes took {simulation.SchedulerTook.TotalSeconds:0.0} s of it"));
            return report;
        }
        catch
        {
            progress.Clear();
            throw;
        }
    }
}
