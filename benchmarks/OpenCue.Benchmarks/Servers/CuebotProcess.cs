using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenCue.Rpc.Client;

namespace OpenCue.Benchmarks.Servers;

/// <summary>The real server as it is installed: a process of its own, on free loopback ports. It is stopped when disposed, and when this process dies.</summary>
internal sealed class CuebotProcess : IAsyncDisposable
{
    private const string Serving = "Serving on ";

    /// <summary>Names a file to which servers' logs are added, for those who look into a figure.</summary>
    private const string LogVariable = "OPENCUE_BENCH_LOG";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _shell;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<IReadOnlyDictionary<string, double>> _counters = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _processId;

    private CuebotProcess(Process shell)
    {
        _shell = shell;
        shell.OutputDataReceived += (_, e) => OnOutput(e.Data);
        shell.ErrorDataReceived += (_, e) => OnOutput(e.Data);
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
    }

    /// <summary>The address of gRPC.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The most memory that it has held so far, MiB.</summary>
    public double PeakMemoryMib => Machine.PeakMemoryMib(_processId);

    /// <summary>Its process.</summary>
    public int ProcessId => _processId;

    /// <summary>How long it has kept processors busy.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var process = Process.GetProcessById(_processId);
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the server; completes when it serves.</summary>
    /// <param name="store">The options that name its store.</param>
    public static Task<CuebotProcess> StartAsync(params string[] store) =>
        StartAsync(0, store);

    /// <summary>Starts the server on a port; completes when it serves.</summary>
    /// <param name="port">The port of gRPC; 0: any.</param>
    /// <param name="store">The options that name its store.</param>
    public static Task<CuebotProcess> StartAsync(int port, params string[] store) =>
        StartAsync([Path.Combine(AppContext.BaseDirectory, "cuebot.dll")], port, store);

    /// <summary>Starts the server in a process that also tells its counters; completes when it serves.</summary>
    /// <param name="store">The options that name its store.</param>
    public static Task<CuebotProcess> StartMeteredAsync(params string[] store) =>
        StartAsync([typeof(CuebotProcess).Assembly.Location, MeteredCuebot.Role], 0, store);

    /// <summary>What the counters of a metered server say next.</summary>
    public Task<IReadOnlyDictionary<string, double>> CountersAsync(CancellationToken cancellationToken)
    {
        _counters = new TaskCompletionSource<IReadOnlyDictionary<string, double>>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _counters.Task.WaitAsync(Patience, cancellationToken);
    }

    private static async Task<CuebotProcess> StartAsync(string[] program, int port, string[] store)
    {
        // The shell ends the server when its input ends: that is when this process says so, or is no more.
        var start = new ProcessStartInfo(
            "sh",
            [
                "-c", "\"$@\" </dev/null & server=$!; echo $server; read -r last; kill -TERM $server; wait $server", "sh",
                Environment.ProcessPath!, .. program, "--port", port.ToString(CultureInfo.InvariantCulture), "--http-port", "0", "--log-level", "information", .. store,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new CuebotProcess(Process.Start(start) ?? throw new InvalidOperationException("The server could not be started."));
        try
        {
            server.Address = await server._address.Task.WaitAsync(Patience);
            return server;
        }
        catch (TimeoutException e)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server does not come up:\n{server.Output()}", e);
        }
    }

    /// <summary>A connection to it.</summary>
    public RpcChannel Connect() => new(Address);

    /// <summary>What it wrote.</summary>
    public string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        if (Environment.GetEnvironmentVariable(LogVariable) is { Length: > 0 } file)
        {
            await File.AppendAllTextAsync(file, Output() + "\n");
        }
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (line.StartsWith(MeteredCuebot.Mark, StringComparison.Ordinal))
        {
            _counters.TrySetResult(JsonSerializer.Deserialize<Dictionary<string, double>>(line[MeteredCuebot.Mark.Length..])!);
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        // The shell's own first line is the server's process id.
        if (_processId == 0 && int.TryParse(line, CultureInfo.InvariantCulture, out var id))
        {
            _processId = id;
        }
        else if (line.IndexOf(Serving, StringComparison.Ordinal) is var at and >= 0)
        {
            _address.TrySetResult(line[(at + Serving.Length)..].Split(',')[0]);
        }
    }
}
