using System.Diagnostics;
using System.Globalization;
using OpenCue.Protocol;

namespace OpenCue.Benchmarks.Processes;

/// <summary>The real agent: a process of its own. It ends when disposed, and when this process dies.</summary>
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

    /// <summary>Makes the agent as hosts get it, unless it is there and of today's code.</summary>
    /// <returns>How to start it.</returns>
    public static async Task<string[]> PublishAsync(CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "publish")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"There is no ./publish above {AppContext.BaseDirectory}.");
        }

        using var publish = Process.Start(new ProcessStartInfo(Path.Combine(root.FullName, "publish"), "--no-install") { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("./publish could not be started.");
        await publish.StandardOutput.ReadToEndAsync(cancellationToken);
        await publish.WaitForExitAsync(cancellationToken);
        Expect.That(publish.ExitCode == 0, "./publish could not make the agent.");
        return [Path.Combine(root.FullName, "artifacts", "rqd", "rqd")];
    }

    /// <summary>How to start the agent that was built with this program, for development.</summary>
    public static string[] Built => [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "rqd.dll")];

    /// <summary>Starts an agent.</summary>
    /// <param name="program">The agent: <see cref="PublishAsync"/>, or <see cref="Built"/>.</param>
    /// <param name="name">The name of its host, which the server calls.</param>
    /// <param name="cuebot">The server: host and port.</param>
    /// <param name="cores">Cores that it offers.</param>
    /// <param name="folder">Where it keeps its state and frames start.</param>
    public static async Task<RqdProcess> StartAsync(string[] program, string name, string cuebot, int cores, string folder)
    {
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo(
            "sh",
            [
                "-c", "\"$@\" </dev/null & agent=$!; echo $agent; read -r last; kill -TERM $agent; wait $agent", "sh",
                .. program,
                "--cuebot", cuebot, "--port", Machine.FreePort().ToString(CultureInfo.InvariantCulture), "--name", name, "--facility", "local", "--cores", cores.ToString(CultureInfo.InvariantCulture),
                "--memory", string.Create(CultureInfo.InvariantCulture, $"{cores}G"), "--state-dir", Path.Combine(folder, "state"), "--temp-dir", folder,
                "--become-job-user", "no", "--kill-frames-on-exit",
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

    /// <summary>Waits until the server knows so many hosts.</summary>
    public async Task WaitForHostsAsync(HostInterface.HostInterfaceClient hosts, int count, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while ((await hosts.GetHostsAsync(new HostGetHostsRequest { R = new HostSearchCriteria() }, cancellationToken: cancellationToken)).Hosts.Hosts.Count < count)
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
