using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenCue.Benchmarks.Agents;

/// <summary>
/// Faked agents in a process of their own, which ends with its standard input. It answers each command, a line, with a line: <c>measure</c> begins anew,
/// <c>result</c> tells what was seen since, <c>launches</c> how many launches came since,
/// <c>running</c> how many frames run, <c>flood SECONDS CONNECTIONS AT-ONCE PER-SECOND</c> sends reports.
/// </summary>
internal sealed class AgentsProcess : IAsyncDisposable
{
    public const string Role = "--agents";

    private readonly Process _process;

    private AgentsProcess(Process process) => _process = process;

    /// <summary>How long they have kept processors busy.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The agents' side.</summary>
    public static async Task RunAsync(string setup, TextWriter output)
    {
        var wanted = JsonSerializer.Deserialize<AgentsSetup>(setup) ?? throw new ArgumentException("No set-up was given.", nameof(setup));
        await using var hub = await AgentHub.StartAsync(wanted);
        var since = Stopwatch.GetTimestamp();
        await SayAsync("ready");
        while (await Console.In.ReadLineAsync() is { } command)
        {
            switch (command.Split(' '))
            {
                case ["measure"]:
                    since = Stopwatch.GetTimestamp();
                    hub.Window = new AgentsWindow();
                    await SayAsync("ok");
                    break;
                case ["result"]:
                    await SayAsync(JsonSerializer.Serialize(hub.Window.Result(Stopwatch.GetElapsedTime(since))));
                    break;
                case ["running"]:
                    await SayAsync(hub.Agents.Sum(agent => agent.RunningCount).ToString(CultureInfo.InvariantCulture));
                    break;
                case ["launches"]:
                    await SayAsync(hub.Window.Launches.ToString(CultureInfo.InvariantCulture));
                    break;
                case ["flood", var seconds, var connections, var atOnce, var perSecond]:
                    await SayAsync(JsonSerializer.Serialize(await FloodAsync(
                        wanted.Cuebot, hub, TimeSpan.FromSeconds(Number(seconds)), Number(connections), Number(atOnce), Number(perSecond))));
                    break;
                default:
                    throw new ArgumentException($"There is no command {command}.", nameof(setup));
            }
        }

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

        async Task SayAsync(string line)
        {
            await output.WriteLineAsync(line);
            await output.FlushAsync();
        }
    }

    /// <summary>The benchmark's side: starts agents; completes when all hosts have reported.</summary>
    public static async Task<AgentsProcess> StartAsync(AgentsSetup setup, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(AgentsProcess).Assembly.Location, Role, JsonSerializer.Serialize(setup)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var agents = new AgentsProcess(Process.Start(start) ?? throw new InvalidOperationException("The agents did not start."));
        try
        {
            await agents.HearAsync(cancellationToken);
            return agents;
        }
        catch
        {
            await agents.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the agents see in a while, after another one that does not count.</summary>
    public async Task<AgentsResult> MeasureAsync(TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        await Task.Delay(warmUp, cancellationToken);
        await AskAsync("measure", cancellationToken);
        await Task.Delay(window, cancellationToken);
        var result = await ResultAsync(cancellationToken);
        Expect.That(
            result.Failures == 0 && result.TurnaroundMs.Count > 0,
            $"{result.Failures} reports were not taken; {result.TurnaroundMs.Count} frames followed another. {result.FirstFailure}");
        return result;
    }

    /// <summary>Begins to measure.</summary>
    public Task MeasureAsync(CancellationToken cancellationToken) => AskAsync("measure", cancellationToken);

    /// <summary>What was seen since.</summary>
    public async Task<AgentsResult> ResultAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<AgentsResult>(await AskAsync("result", cancellationToken))!;

    /// <summary>How many frames run.</summary>
    public async Task<int> RunningAsync(CancellationToken cancellationToken) =>
        int.Parse(await AskAsync("running", cancellationToken), CultureInfo.InvariantCulture);

    /// <summary>How many launches came since it was begun to measure.</summary>
    public async Task<long> LaunchesAsync(CancellationToken cancellationToken) =>
        long.Parse(await AskAsync("launches", cancellationToken), CultureInfo.InvariantCulture);

    /// <summary>Waits until so many frames run.</summary>
    public async Task FillAsync(int frames, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (await RunningAsync(cancellationToken) is var running && running < frames)
        {
            Expect.That(Stopwatch.GetElapsedTime(started) < patience, $"After {patience.TotalSeconds} s {running} of {frames} frames run.");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Sends reports of what runs, as fast as they are answered or at most so many per second; nothing else can be asked meanwhile.</summary>
    public async Task<FloodResult> FloodAsync(TimeSpan duration, int connections, int atOnce, int perSecond, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<FloodResult>(await AskAsync(
            string.Create(CultureInfo.InvariantCulture, $"flood {(int)duration.TotalSeconds} {connections} {atOnce} {perSecond}"), cancellationToken))!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<FloodResult> FloodAsync(string cuebot, AgentHub hub, TimeSpan duration, int connections, int atOnce, int perSecond)
    {
        using var flood = new ReportFlood(cuebot, hub.Agents, connections);
        using var self = Process.GetCurrentProcess();
        var busy = self.TotalProcessorTime;
        var (answered, failed) = await flood.RunAsync(duration, atOnce, perSecond);
        self.Refresh();
        return new FloodResult(answered, failed, flood.MeanBytes, (self.TotalProcessorTime - busy) / duration);
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await HearAsync(cancellationToken);
    }

    private async Task<string> HearAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The agents ended by themselves.");
}

/// <summary>What became of a flood of reports.</summary>
/// <param name="PerSecond">Reports answered per second.</param>
/// <param name="Failed">Reports that were not answered as they must.</param>
/// <param name="MeanBytes">Mean size of a report.</param>
/// <param name="ProcessorShare">Cores that sending took.</param>
internal sealed record FloodResult(double PerSecond, long Failed, double MeanBytes, double ProcessorShare);
