using System.Diagnostics;
using System.Text.Json;

namespace OpenCue.Benchmarks.Turnarounds;

/// <summary>What agents are faked.</summary>
/// <param name="Cuebot">The server's address.</param>
/// <param name="Hosts">How many.</param>
/// <param name="Cores">Whole cores of each.</param>
/// <param name="ShortestMs">The shortest run.</param>
/// <param name="LongestMs">The longest run; 0: each run ends at once.</param>
internal sealed record FakeAgentsSetup(string Cuebot, int Hosts, int Cores, int ShortestMs, int LongestMs);

/// <summary>
/// Faked agents, in a process of their own. It reads commands from its standard input, a line each, and ends with it: <c>measure</c> begins anew,
/// <c>result</c> prints what was seen since, as a line of JSON.
/// </summary>
internal static class FakeAgents
{
    public const string Role = "--fake-agents";

    /// <summary>The agents' side.</summary>
    public static async Task RunAsync(string setup, TextWriter output)
    {
        var wanted = JsonSerializer.Deserialize<FakeAgentsSetup>(setup) ?? throw new ArgumentException("No set-up was given.", nameof(setup));
        var agents = await Task.WhenAll(Enumerable.Range(1, wanted.Hosts).Select(number => FakeAgent.StartAsync(wanted, number)));
        var window = new FakeAgentsWindow();
        var since = Stopwatch.GetTimestamp();
        while (await Console.In.ReadLineAsync() is { } command)
        {
            if (command == "measure")
            {
                since = Stopwatch.GetTimestamp();
                window = new FakeAgentsWindow();
                Array.ForEach(agents, agent => agent.Window = window);
            }
            else
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(window.Result(Stopwatch.GetElapsedTime(since))));
                await output.FlushAsync();
            }
        }

        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    /// <summary>The benchmark's side: starts agents, lets them warm up, and says what they saw.</summary>
    public static async Task<FakeAgentsResult> MeasureAsync(FakeAgentsSetup setup, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(FakeAgents).Assembly.Location, Role, JsonSerializer.Serialize(setup)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The agents did not start.");
        try
        {
            await Task.Delay(warmUp, cancellationToken);
            await process.StandardInput.WriteLineAsync("measure");
            await Task.Delay(window, cancellationToken);
            await process.StandardInput.WriteLineAsync("result");
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The agents ended by themselves.");
            var result = JsonSerializer.Deserialize<FakeAgentsResult>(line)!;
            return result.Failures == 0 && result.TurnaroundMs.Count > 0
                ? result
                : throw new InvalidOperationException($"{result.Failures} completions were not taken; {result.TurnaroundMs.Count} frames followed another. {result.FirstFailure}");
        }
        finally
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
