using System.Diagnostics;

namespace OpenCue.Storage.Tests.Support;

/// <summary>The program that commits batches until it is killed.</summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly Process _process;

    private Writer(Process process) => _process = process;

    /// <summary>The number of the last batch that it was told is stored.</summary>
    public long Acknowledged { get; private set; } = -1;

    /// <summary>Starts it.</summary>
    /// <param name="kind"><c>sqlite</c> or <c>postgres</c>.</param>
    /// <param name="place">File or connection string.</param>
    /// <param name="count">How many batches it commits unless it is killed.</param>
    /// <param name="under">A program that runs it, with its arguments.</param>
    public static Writer Start(string kind, string place, int count = int.MaxValue, params string[] under)
    {
        string[] command = [.. under, "dotnet", Path.Combine(AppContext.BaseDirectory, "OpenCue.Storage.CrashWriter.dll"), kind, place, $"{count}"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new Writer(Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} could not be started."));
    }

    /// <summary>Waits until so many more lines came; false if it ended before.</summary>
    public async Task<bool> WaitForLinesAsync(int lines)
    {
        for (; lines > 0; lines--)
        {
            if (await _process.StandardOutput.ReadLineAsync() is not { } line)
            {
                return false;
            }

            Acknowledged = long.Parse(line);
        }

        return true;
    }

    /// <summary>Kills it at once, whatever it does, and reads what it had still said.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForLinesAsync(int.MaxValue);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it ends by itself: what it wrote to its error output, and how it ended.</summary>
    public async Task<(int ExitCode, string Errors)> WaitForEndAsync()
    {
        var errors = _process.StandardError.ReadToEndAsync();
        await WaitForLinesAsync(int.MaxValue);
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
