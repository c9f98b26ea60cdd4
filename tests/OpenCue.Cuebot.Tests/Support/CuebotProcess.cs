using System.Diagnostics;
using System.Text;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>The server as the process that it is for its administrator.</summary>
internal sealed class CuebotProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CuebotProcess(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cuebot.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>All that it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it.</summary>
    public static CuebotProcess Start(params string[] arguments) => new(arguments);

    /// <summary>Starts it and waits for its end. Returns the exit code and all that it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var cuebot = new CuebotProcess(arguments);
        return (await cuebot.WaitForExitAsync(), cuebot.Output);
    }

    /// <summary>Waits until it serves; returns the line that says so.</summary>
    public async Task<string> WaitUntilServingAsync()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_serving.Task, ended).WaitAsync(Patience) == ended && !_serving.Task.IsCompleted)
        {
            Assert.Fail($"cuebot ended before it served:\n{Output}");
        }

        return await _serving.Task;
    }

    /// <summary>Sends a signal: TERM, INT, KILL.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end; returns the exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Append(line).Append('\n');
        }

        if (line.Contains("Serving on", StringComparison.Ordinal))
        {
            _serving.TrySetResult(line);
        }
    }
}
