using System.Diagnostics;
using System.Globalization;
using OpenCue.Protocol;

namespace OpenCue.Benchmarks.Processes;

/// <summary>The real agent as it is installed: a process of its own. It ends when disposed, and when this process dies.</summary>
internal sealed class RqdProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _shell;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<int> _id = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RqdProcess(Process shell)
    {
        _shell = shell;
        shell.OutputDataReceived += (_, e) => OnOutput(e.Data);
        shell.ErrorDataReceived += (_, e) => OnOutput(e.Data);
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
    }

    /// <summary>Its process.</summary>
    public int Id { get; private set; }

    /// <summary>What it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts an agent.</summary>
    /// <param name="cuebot">The server: host and port.</param>
    /// <param name="cores">Cores that it offers.</param>
    /// <param name="folder">Where it keeps its state and frames start.</param>
    /// <param name="more">More options.</param>
    public static async Task<RqdProcess> StartAsync(string cuebot, int cores, string folder, params string[] more)
    {
        var start = new ProcessStartInfo(
            "sh",
            [
                "-c", "\"$@\" </dev/null & agent=$!; echo $agent; read -r last; kill -TERM $agent; wait $agent", "sh",
                Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "rqd.dll"),
                "--cuebot", cuebot, "--port", Machine.FreePort().ToString(CultureInfo.InvariantCulture), "--name", "127.0.0.1", "--facility", "local", "--cores", cores.ToString(CultureInfo.InvariantCulture),
                "--memory", string.Create(CultureInfo.InvariantCulture, $"{cores}G"), "--state-dir", Path.Combine(folder, "state"), "--temp-dir", folder,
                "--become-job-user", "no", "--kill-frames-on-exit", .. more,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var agent = new RqdProcess(Process.Start(start) ?? throw new InvalidOperationException("The agent could not be started."));
        agent.Id = await agent._id.Task;
        return agent;
    }

    /// <summary>How long it has kept processors busy.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var process = Process.GetProcessById(Id);
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Waits until the server knows its host.</summary>
    public async Task WaitForHostAsync(HostInterface.HostInterfaceClient hosts, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while ((await hosts.GetHostsAsync(new HostGetHostsRequest { R = new HostSearchCriteria() }, cancellationToken: cancellationToken)).Hosts.Hosts.Count == 0)
        {
            Expect.That(Stopwatch.GetElapsedTime(started) < s_patience, $"The agent does not report:\n{Output}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        // The shell's own first line is the agent's process id.
        if (!_id.Task.IsCompleted && int.TryParse(line, CultureInfo.InvariantCulture, out var id))
        {
            _id.TrySetResult(id);
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }
    }
}
