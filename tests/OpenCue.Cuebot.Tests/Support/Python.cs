using System.Diagnostics;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>Runs scripts of <c>tests/python</c> with Debian's interpreter, which sees Debian's grpcio.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs a script with stubs of our contract; fails if it does. Returns what it wrote.</summary>
    public static async Task<string> RunWithStubsAsync(string script, params string[] arguments)
    {
        var stubs = Directory.CreateTempSubdirectory("opencue-stubs-").FullName;
        try
        {
            await RunAsync(Path.Combine(Repository.Root, "tests/python/stubs.sh"), [stubs]);
            return await RunAsync(Interpreter, [Path.Combine(Repository.Root, "tests/python", script), stubs, .. arguments]);
        }
        finally
        {
            Directory.Delete(stubs, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await errors}\n{await output}");
        return await output;
    }
}
