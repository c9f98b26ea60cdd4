using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Rpc.Client;

namespace OpenCue.Benchmarks.Agents;

/// <summary>
/// One host's agent as the server sees it: it takes every launch, and after a while reports that the frame has succeeded, or that it was killed. It runs no
/// process.
/// </summary>
internal sealed class Agent
{
    private const long Gib = 1048576;
    private const int KillSignal = 9;

    private readonly AgentHub _hub;
    private readonly AgentsSetup _setup;
    private readonly int _port;
    private readonly RqdReportInterface.RqdReportInterfaceClient _cuebot;
    private readonly Random _random;
    private readonly ConcurrentQueue<long> _freeSince = new();
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly string _name;

    public Agent(AgentHub hub, AgentsSetup setup, int number, int port, RpcChannel cuebot)
    {
        (_hub, _setup, _port) = (hub, setup, port);
        _name = string.Create(CultureInfo.InvariantCulture, $"fake{number:00000}");
        Address = LoopbackHosts.Address(number);
        _random = new Random(number);
        _cuebot = new RqdReportInterface.RqdReportInterfaceClient(cuebot);
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>How many frames it runs.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Reports that the host has started.</summary>
    public async Task BootAsync() =>
        await _cuebot.ReportRqdStartupAsync(new RqdReportRqdStartupRequest { BootReport = new BootReport { Host = Host() } });

    /// <summary>Reports how the host is and what runs there.</summary>
    public async Task ReportAsync()
    {
        try
        {
            await _cuebot.ReportStatusAsync(StatusReport(0));
        }
        catch (RpcException) when (_setup.RetryMs > 0)
        {
            // The next one tells the same.
        }
        catch (RpcException e)
        {
            _hub.Window.Failed(e);
        }
    }

    /// <summary>The report of the host now.</summary>
    /// <param name="growth">KiB by which its frames have grown.</param>
    public RqdReportStatusRequest StatusReport(int growth)
    {
        var report = new HostReport { Host = Host() };
        foreach (var running in _running.Values)
        {
            report.Frames.Add(Info(running.Frame, growth));
        }

        return new RqdReportStatusRequest { HostReport = report };
    }

    /// <summary>Takes a launch.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">When it came, on the stopwatch.</param>
    public void Launch(RunFrame frame, long now)
    {
        var running = new Running(frame);
        if (!_running.TryAdd(frame.FrameId, running))
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.AlreadyExists, $"Frame {frame.FrameId} is already running."));
        }

        if (_freeSince.TryDequeue(out var since))
        {
            _hub.Window.Launched(Stopwatch.GetElapsedTime(since, now));
        }

        _hub.Window.Started();
        _ = Task.Run(() => RunAsync(running));
    }

    /// <summary>Kills a frame; false if it does not run.</summary>
    public bool TryKill(string frameId) => _running.TryGetValue(frameId, out var running) && running.Killed.TrySetResult();

    /// <summary>What a frame uses; null if it does not run.</summary>
    public RunningFrameInfo? Find(string frameId) => _running.TryGetValue(frameId, out var running) ? Info(running.Frame, 0) : null;

    private async Task RunAsync(Running running)
    {
        try
        {
            if (_setup.LongestMs != 0)
            {
                await Task.WhenAny(running.Killed.Task, _setup.LongestMs == AgentsSetup.ForEver ? Task.Delay(Timeout.Infinite) : Task.Delay(RunTimeMs()));
            }

            var request = new RqdReportRunningFrameCompletionRequest { FrameCompleteReport = Completion(running.Frame, running.Killed.Task.IsCompleted) };
            _running.TryRemove(running.Frame.FrameId, out _);
            var sent = Stopwatch.GetTimestamp();
            _freeSince.Enqueue(sent);
            await SendAsync(request);
            _hub.Window.Acknowledged(Stopwatch.GetElapsedTime(sent));
        }
        catch (RpcException e)
        {
            _hub.Window.Failed(e);
        }
    }

    /// <summary>Sends a completion until it is taken, if the server may be away, as every real agent does.</summary>
    private async Task SendAsync(RqdReportRunningFrameCompletionRequest request)
    {
        while (true)
        {
            try
            {
                await _cuebot.ReportRunningFrameCompletionAsync(request);
                return;
            }
            catch (RpcTransportException) when (_setup.RetryMs > 0 && !_hub.IsOver)
            {
                await Task.Delay(_setup.RetryMs);
            }
        }
    }

    private int RunTimeMs()
    {
        lock (_random)
        {
            return _random.Next(_setup.ShortestMs, _setup.LongestMs + 1);
        }
    }

    private FrameCompleteReport Completion(RunFrame frame, bool killed) => new()
    {
        Host = Host(),
        Frame = Info(frame, 0),
        RunTime = 1,
        ExitStatus = killed ? 1 : 0,
        ExitSignal = killed ? KillSignal : 0,
    };

    private static RunningFrameInfo Info(RunFrame frame, int growth) => new()
    {
        ResourceId = frame.ResourceId,
        JobId = frame.JobId,
        JobName = frame.JobName,
        FrameId = frame.FrameId,
        FrameName = frame.FrameName,
        LayerId = frame.LayerId,
        NumCores = frame.NumCores,
        StartTime = frame.StartTime,
        Rss = 180_000 + growth,
        MaxRss = 200_000 + growth,
        Vsize = 350_000 + growth,
        MaxVsize = 400_000 + growth,
        LluTime = frame.StartTime / 1000,
        Children = new ChildrenProcStats(),
    };

    private RenderHost Host() => new()
    {
        Name = _name,
        Facility = "local",
        NumProcs = 1,
        CoresPerProc = 100 * _setup.Cores,
        TotalMem = 4 * Gib * _setup.Cores,
        FreeMem = (4 * Gib * _setup.Cores) - (Gib / 2),
        TotalSwap = Gib,
        FreeSwap = Gib,
        TotalMcp = 100 * Gib,
        FreeMcp = 80 * Gib,
        Load = 25,
        BootTime = 1_700_000_000,
        Tags = { "general" },
        Attributes =
        {
            ["SP_OS"] = "linux",
            ["opencue_agent"] = "fake",
            ["opencue_instance_id"] = _name,
            ["opencue_boot_id"] = _name,
            ["rqd_address"] = Address,
            ["rqd_port"] = _port.ToString(CultureInfo.InvariantCulture),
        },
    };

    private sealed record Running(RunFrame Frame)
    {
        public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
