using OpenCue.EndToEnd.Support;
using OpenCue.Rpc.Client;

namespace OpenCue.EndToEnd.Crashes;

/// <summary>A server and two hosts as real processes, each of which can be killed and started again at any moment.</summary>
internal sealed class CrashFarm : IAsyncDisposable
{
    private const int Hosts = 2;
    private readonly string _folder;
    private readonly string[] _store;
    private readonly int _port = Ports.Free();
    private readonly int _httpPort = Ports.Free();
    private readonly int[] _rqdPorts = [.. Enumerable.Range(0, Hosts).Select(_ => Ports.Free())];
    private readonly ManagedProcess?[] _rqds = new ManagedProcess?[Hosts];
    private ManagedProcess? _cuebot;

    public CrashFarm(string folder, params string[] store)
    {
        _folder = folder;
        _store = store;

        // Agents that run as root write logs as the job's user.
        var logs = Directory.CreateDirectory(Path.Combine(folder, "logs"));
        File.SetUnixFileMode(logs.FullName, (UnixFileMode)0b111_111_111);
        Channel = new RpcChannel($"127.0.0.1:{_port}", new RpcChannelOptions { DefaultTimeout = TimeSpan.FromSeconds(10) });
    }

    public RpcChannel Channel { get; }

    /// <summary>What the server and the agents printed last.</summary>
    public string Tails => $"--- cuebot\n{_cuebot?.Tail}\n--- rqd 0\n{_rqds[0]?.Tail}\n--- rqd 1\n{_rqds[1]?.Tail}";

    public void StartServer() => _cuebot = ManagedProcess.StartProgram(
        "OpenCue.Cuebot", "cuebot", Path.Combine(_folder, "cuebot.log"),
        [.. _store, "--port", $"{_port}", "--http-port", $"{_httpPort}", "--rqd-port", $"{_rqdPorts[0]}", "--log-root", Path.Combine(_folder, "logs")]);

    public void StartHost(int index)
    {
        var log = Path.Combine(_folder, $"rqd{index}.log");
        string[] arguments =
        [
            "--cuebot", $"127.0.0.1:{_port}", "--port", $"{_rqdPorts[index]}", "--name", $"crash{index}", "--cores", "6", "--memory", "64G",
            "--tags", "general", "--facility", "local", "--state-dir", Path.Combine(_folder, $"state{index}"), "--report-interval", "1-2",
            "--sample-interval", "1",
        ];

        // What ./publish made for hosts can be tried instead of what was built beside this test.
        _rqds[index] = Environment.GetEnvironmentVariable("OPENCUE_TEST_RQD") is { } published
            ? ManagedProcess.Start(published, log, arguments)
            : ManagedProcess.StartProgram("OpenCue.Rqd", "rqd", log, arguments);
    }

    /// <summary>Starts everything.</summary>
    public void StartAll()
    {
        StartServer();
        for (var i = 0; i < Hosts; i++)
        {
            StartHost(i);
        }
    }

    /// <summary>Kills the server or a host's agent: 0 is the server.</summary>
    public void Kill(int victim) => (victim == 0 ? _cuebot : _rqds[victim - 1])?.KillAtOnce();

    /// <summary>Starts it again.</summary>
    public void Restart(int victim)
    {
        if (victim == 0)
        {
            StartServer();
        }
        else
        {
            StartHost(victim - 1);
        }
    }

    /// <summary>Number of things that can be killed.</summary>
    public static int Victims => Hosts + 1;

    /// <summary>A process that ended although nobody killed it is a failure of its own.</summary>
    public void ExpectAllAlive()
    {
        Assert.False(_cuebot!.HasExited, $"cuebot ended by itself with {(_cuebot.HasExited ? _cuebot.ExitCode : 0)}.\n{_cuebot.Tail}");
        foreach (var rqd in _rqds)
        {
            Assert.False(rqd!.HasExited, $"rqd ended by itself.\n{rqd.Tail}");
        }
    }

    public ValueTask DisposeAsync()
    {
        Channel.Dispose();
        _cuebot?.Dispose();
        foreach (var rqd in _rqds)
        {
            rqd?.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
