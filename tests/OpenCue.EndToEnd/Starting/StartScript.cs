using System.Diagnostics;
using OpenCue.EndToEnd.Support;

namespace OpenCue.EndToEnd.Starting;

/// <summary><c>./start</c> on free ports with a data folder of its own.</summary>
internal sealed class StartScript(string folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public string Data { get; } = Path.Combine(folder, "data");

    public int Port { get; } = Ports.Free();

    public int HttpPort { get; } = Ports.Free();

    public int RqdPort { get; } = Ports.Free();

    public string Log { get; } = Path.Combine(folder, "start.log");

    /// <summary>What the last start printed.</summary>
    public string Output => File.Exists(Log) ? File.ReadAllText(Log) : "";

    /// <summary>Starts it; what an earlier start printed is forgotten.</summary>
    public ManagedProcess Start(params string[] more)
    {
        File.Delete(Log);
        return ManagedProcess.Start(Path.Combine(Repository.Root, "start"), Log, Arguments(more));
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<(int Code, string Output)> RunAsync(params string[] more)
    {
        using var process = Start(more);
        await Eventually.TrueAsync(() => Task.FromResult(process.HasExited), Patience, () => $"./start did not end: {Output}");
        return (process.ExitCode, Output);
    }

    /// <summary>Waits until it has printed something.</summary>
    public Task SaysAsync(string text, ManagedProcess process) => Eventually.TrueAsync(
        () =>
        {
            Assert.False(process.HasExited && !Output.Contains(text, StringComparison.Ordinal), $"./start ended: {Output}");
            return Task.FromResult(Output.Contains(text, StringComparison.Ordinal));
        },
        Patience,
        () => $"./start did not say '{text}': {Output}");

    /// <summary>Runs <c>./cue</c> against the server.</summary>
    public async Task<(int Code, string Output)> CueAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "cue"), ["--server", $"127.0.0.1:{Port}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    /// <summary>Processes that have the data folder on their command line.</summary>
    public IReadOnlyList<string> Processes() =>
    [
        .. Directory.GetDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _))
            .Select(CommandLine)
            .Where(line => line.Contains(Data, StringComparison.Ordinal)),
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It has ended meanwhile.
        }
    }

    private string[] Arguments(string[] more) =>
    [
        "--no-install", "--no-build", "--data", Data,
        "--port", $"{Port}", "--http-port", $"{HttpPort}", "--rqd-port", $"{RqdPort}", .. more,
    ];
}
