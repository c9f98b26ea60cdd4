using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Rpc.Client;
using OpenCue.Rqd.Api;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Tests.Agents;

/// <summary>A real rqd in a process of its own, with its state directory; it can be killed and started again.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly List<string> _arguments;
    private readonly string _cuebots;
    private Process? _process;
    private RpcChannel? _channel;
    private StreamWriter? _log;

    public AgentProcess(FakeCuebot cuebot, params string[] arguments)
        : this($"127.0.0.1:{cuebot.Port}", arguments)
    {
    }

    public AgentProcess(string cuebots, params string[] arguments)
    {
        _cuebots = cuebots;
        _arguments = [.. arguments];
        Port = FreePort();
        // Frames run as another user if the test is root.
        Directory.CreateDirectory(Work);
        File.SetUnixFileMode(Work, (UnixFileMode)0b111_111_111);
    }

    public int Port { get; }

    /// <summary>Where frames may write.</summary>
    public string Work => _directory["work"];

    public string State => _directory["state"];

    /// <summary>What the agent has logged so far.</summary>
    public string Log
    {
        get
        {
            _log?.Flush();
            return File.Exists(_directory["agent.log"]) ? ReadShared(_directory["agent.log"]) : "";
        }
    }

    public RqdInterface.RqdInterfaceClient Client => new(_channel ?? throw new InvalidOperationException("The agent was not started."));

    public int Pid => _process!.Id;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs an agent that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Error)> RunToEndAsync(params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task<AgentProcess> StartAsync()
    {
        _channel ??= new RpcChannel($"127.0.0.1:{Port}", new RpcChannelOptions { DefaultTimeout = TimeSpan.FromSeconds(60), BackoffMax = TimeSpan.FromMilliseconds(50) });
        _log ??= new StreamWriter(new FileStream(_directory["agent.log"], FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
        _process?.Dispose();
        _process = Process.Start(StartInfo(
        [
            "--cuebot", _cuebots, "--port", Port.ToString(CultureInfo.InvariantCulture), "--state-dir", State,
            "--temp-dir", Work, "--report-interval", "0.2-0.3", "--sample-interval", "0.2", "--kill-grace", "0.5", "--log-level", "debug",
            .. _arguments,
        ]))!;
        _process.OutputDataReceived += (_, line) => WriteLog(line.Data);
        _process.ErrorDataReceived += (_, line) => WriteLog(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(() => _process.HasExited || Answers(), "the agent answers");
        Assert.False(_process.HasExited, $"The agent ended at once, with {(_process.HasExited ? _process.ExitCode : 0)}:\n{Log}");
        return this;
    }

    /// <summary>kill -9: it can do nothing about it.</summary>
    public async Task KillAsync()
    {
        Libc.Kill(_process!.Id, Libc.SigKill);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits until it has ended.</summary>
    public async Task<int> StopAsync()
    {
        Libc.Kill(_process!.Id, Libc.SigTerm);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Launches a frame, as our cuebot does with its run id or as OpenCue's does without, and returns what was sent.</summary>
    public async Task<RunFrame> LaunchAsync(string command, Action<RunFrame>? change = null, bool withRunId = true)
    {
        var frame = Frame(command);
        change?.Invoke(frame);
        await LaunchAsync(frame, withRunId);
        return frame;
    }

    public async Task LaunchAsync(RunFrame frame, bool withRunId = true) => await Client.LaunchFrameAsync(
        new RqdStaticLaunchFrameRequest { RunFrame = frame }, withRunId ? RunIdHeader(frame.ResourceId) : []);

    public async Task KillFrameAsync(RunFrame frame, string reason, string? runId = null) => await Client.KillRunningFrameAsync(
        new RqdStaticKillRunningFrameRequest { FrameId = frame.FrameId, Message = reason },
        runId is null ? [] : RunIdHeader(runId));

    public static Metadata RunIdHeader(string runId) => new() { { OrderReader.RunIdKey, runId } };

    /// <summary>A frame that is fine; each has ids of its own.</summary>
    public RunFrame Frame(string command) => new()
    {
        ResourceId = Guid.NewGuid().ToString(),
        JobId = Guid.NewGuid().ToString(),
        JobName = "show-shot-nobody_job",
        FrameId = Guid.NewGuid().ToString(),
        FrameName = $"{Guid.NewGuid():N}-render",
        LayerId = Guid.NewGuid().ToString(),
        Command = command,
        UserName = "nobody",
        Uid = 65534,
        NumCores = 10,
        Show = "show",
        Shot = "shot",
        LogDir = Path.Combine(Work, "logs"),
        StartTime = 1_700_000_000_123,
    };

    public static string FrameLog(RunFrame frame) => File.ReadAllText(Path.Combine(frame.LogDir, $"{frame.JobName}.{frame.FrameName}.rqlog"));

    /// <summary>What a frame wrote into a file of this name; null until it ends with a newline.</summary>
    public string? Written(string name)
    {
        var path = Path.Combine(Work, name);
        return File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } text && text.EndsWith('\n') ? text.Trim() : null;
    }

    public Task<string> WrittenAsync(string name) => Eventually.NotNullAsync(() => Written(name), $"the file {name}");

    /// <summary>The process whose id a frame wrote into a file of this name.</summary>
    public async Task<ProcessIdentity> WrittenProcessAsync(string name)
    {
        var pid = int.Parse(await WrittenAsync(name), CultureInfo.InvariantCulture);
        return ProcessTable.FindIdentity(new MachinePaths(), pid) ?? throw new InvalidOperationException($"Process {pid} of '{name}' is gone.");
    }

    public static bool IsAlive(ProcessIdentity process) => ProcessTable.Read(new MachinePaths()).Find(process) is { IsZombie: false };

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
        await EndFramesAsync();
        _channel?.Dispose();
        _process?.Dispose();
        if (_log is { } log)
        {
            await log.DisposeAsync();
        }
        _directory.Dispose();
    }

    /// <summary>Ends all frames, with the agent or without: a test that failed leaves none behind.</summary>
    public async Task EndFramesAsync()
    {
        var runs = Path.Combine(State, "runs");
        if (!Directory.Exists(runs))
        {
            return;
        }
        foreach (var file in Directory.GetFiles(runs).Select(path => new RunFile(path)))
        {
            using var held = file.TryLock();
            if (held is null && await Eventually.NotNullAsync(file.ReadStarted) is { } started)
            {
                Libc.Kill(started.Supervisor.Pid, Libc.SigTerm);
                await Eventually.TrueAsync(() => file.TryLock() is { } free && Release(free));
            }
        }

        static bool Release(IDisposable handle)
        {
            handle.Dispose();
            return true;
        }
    }

    // The agent built with these tests, or the one that a variable names: what ./publish made is tested by the same tests.
    private static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        var published = Environment.GetEnvironmentVariable("OPENCUE_TEST_RQD");
        var start = new ProcessStartInfo(published ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (published is null)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "rqd.dll"));
        }
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        // The machine's own settings must not play a part.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OPENCUE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        start.Environment.Remove("CUEBOT_HOSTNAME");
        return start;
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void WriteLog(string? line)
    {
        if (line is null || _log is not { } log)
        {
            return;
        }
        lock (log)
        {
            log.WriteLine(line);
        }
    }
}
