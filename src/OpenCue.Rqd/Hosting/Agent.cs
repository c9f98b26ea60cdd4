using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Rpc.Server;
using OpenCue.Rqd.Api;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Reports;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Hosting;

/// <summary>One agent, from its start to its end.</summary>
/// <remarks>
/// The order matters. Runs of an agent before are taken over, and have their cores, before the port is open: a launch must not find
/// room that is not there. Reports begin when the port is open: cuebot answers them with launches.
/// </remarks>
internal sealed partial class Agent : IAsyncDisposable
{
    private static readonly TimeSpan LastCompletions = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ServerGrace = TimeSpan.FromSeconds(5);

    private readonly RqdOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly StateDirectory _state;
    private readonly RunJournal _journal;
    private readonly RunTable _table;
    private readonly RunWatch _watch;
    private readonly FrameKeeper _keeper;
    private readonly CompletionQueue _completions;
    private readonly RpcCuebot _cuebot;
    private readonly WebApplication _server;
    private readonly BackgroundService[] _services;

    private Agent(RqdOptions options, MachineProbe machine, ILoggerFactory log)
    {
        _options = options;
        _logger = log.CreateLogger<Agent>();
        var host = HostIdentity.Of(options);
        var becomeJobUser = BecomesJobUser(options);
        _state = StateDirectory.Open(options.StateDirectory ?? StateDirectory.DefaultPath(host.Name), log.CreateLogger<StateDirectory>());
        _journal = OpenJournal(_state, log);
        _table = new RunTable(machine.Facts, _journal);
        _completions = new CompletionQueue(_time);
        _watch = new RunWatch(machine, _journal, _table, SupervisorLauncher.Default,
            new FrameRemains(machine.Paths, _time, log.CreateLogger<FrameRemains>()), _completions, _time, log.CreateLogger<RunWatch>());
        _keeper = new FrameKeeper(options, host, machine, _state, _journal, _table, new FrameAccounts(becomeJobUser, options.FrameGid),
            _watch, _time, log.CreateLogger<FrameKeeper>());

        var ids = new AgentIds(Version, _state.InstanceId, Guid.CreateVersion7().ToString());
        var reports = new ReportBuilder(options, host, ids, machine, _table, _time);
        var timer = new HostReportTimer(options.ReportAtLeast, options.ReportAtMost, new Random(), _time);
        _cuebot = new RpcCuebot(options);
        _services =
        [
            new FrameSampler(_table, machine, options.SampleInterval, _time, log.CreateLogger<FrameSampler>()),
            new LogWatch(_table, _keeper, options.LogLimitBytes, options.SampleInterval, _time, log.CreateLogger<LogWatch>()),
            new CompletionSender(_completions, _cuebot, reports, _table, _journal, timer, _time, log.CreateLogger<CompletionSender>()),
            new HostReporter(_cuebot, reports, timer, _completions, _time, log.CreateLogger<HostReporter>()),
        ];
        _server = BuildServer(options, ids, log);
        LogMachine(host.Name, machine.Facts.CoreUnits / 100, machine.Facts.TotalMemoryKib / 1024, _state.Path,
            becomeJobUser ? "the job's user" : Environment.UserName);
    }

    public static string Version { get; } = typeof(Agent).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Makes an agent that has its state directory, and serves nothing yet.</summary>
    /// <exception cref="StartException">Something does not let it start.</exception>
    public static Agent Create(RqdOptions options, ILoggerFactory log)
    {
        var temp = options.TempDirectory ?? (Directory.Exists("/mcp") ? "/mcp" : "/tmp");
        if (!Directory.Exists(temp))
        {
            throw new StartException($"The temporary directory {temp} does not exist: make it, or choose another with --temp-dir.");
        }

        if (!File.Exists(SupervisorLauncher.DefaultProgram))
        {
            throw new StartException($"{SupervisorLauncher.DefaultProgram}, which belongs beside rqd, is missing: install rqd again.");
        }

        var overrides = new MachineOverrides
        {
            Cores = options.Cores,
            MemoryKib = options.MemoryKib,
            LoadModifier = options.LoadModifier,
            Tags = options.Tags,
        };
        return new Agent(options, new MachineProbe(new MachinePaths(), overrides, temp, Version), log);
    }

    /// <summary>Serves and reports until it is told to stop, or something breaks that must not.</summary>
    /// <returns>The process's exit status.</returns>
    /// <exception cref="StartException">The port cannot be opened.</exception>
    public async Task<int> RunAsync()
    {
        Recover();
        await OpenPortAsync();
        foreach (var service in _services)
        {
            await service.StartAsync(CancellationToken.None);
        }

        LogServing(_options.Bind.ToString(), _options.Port);

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (_server.Lifetime.ApplicationStopping.Register(stop.SetResult))
        {
            var first = await Task.WhenAny(_services.Select(service => service.ExecuteTask!).Append(stop.Task));
            if (first == stop.Task)
            {
                return 0;
            }
            // Frames survive, and whoever watches over this process starts it again.
            LogBroken(first.Exception);
            return 1;
        }
    }

    /// <summary>Stops cleanly: frames go on, unless the site wants them to end with the agent.</summary>
    public async ValueTask DisposeAsync()
    {
        _table.Stop();
        if (_options.KillFramesOnExit)
        {
            await KillFramesAsync();
        }

        await _server.StopAsync();
        await _server.DisposeAsync();
        foreach (var service in _services)
        {
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
        }
        await _watch.DisposeAsync();
        await _journal.DisposeAsync();
        _cuebot.Dispose();
        _state.Dispose();
    }

    private static bool BecomesJobUser(RqdOptions options)
    {
        var isRoot = Libc.EffectiveUserId() == 0;
        return options.BecomeJobUser == true && !isRoot
            ? throw new StartException("Only root can run frames as their job's user: start rqd as root, or set become-job-user to no.")
            : options.BecomeJobUser ?? isRoot;
    }

    private static RunJournal OpenJournal(StateDirectory state, ILoggerFactory log)
    {
        try
        {
            return RunJournal.Open(new JournalFile(state.Path), log.CreateLogger<RunJournal>());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The journal in {state.Path} cannot be used: {error.Message}", error);
        }
        catch (JsonException error)
        {
            // Whole, but of a kind that is not known here. To drop it would be to forget a run.
            throw new StartException($"The journal in {state.Path} was written by a newer rqd: start that one. ({error.Message})", error);
        }
    }

    private WebApplication BuildServer(RqdOptions options, AgentIds ids, ILoggerFactory log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(log);
        builder.Services.AddRpc(rpc =>
        {
            rpc.MaxMessageBytes = 8 * 1024 * 1024;
            rpc.MaxBufferedBytes = 64 * 1024 * 1024;
            rpc.ShutdownGrace = ServerGrace;
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenRpc(options.Bind, options.Port));
        var server = builder.Build();
        server.MapRpcService(new RqdService(_keeper, _table, _completions, ids));
        return server;
    }

    private void Recover()
    {
        var known = _journal.Runs;
        foreach (var journaled in known)
        {
            var run = Run.Recovered(journaled, _state.RunFileOf(journaled.Record.Key));
            _table.AddRecovered(run);
            if (run.State == RunState.Ended)
            {
                _completions.Add(run);
            }
            else
            {
                _watch.TakeOver(run);
            }
        }
        _state.DeleteStrayRunFiles(known.Select(journaled => journaled.Record.Key));
        if (known.Count > 0)
        {
            LogRecovered(known.Count, _completions.Count);
        }
    }

    private async Task OpenPortAsync()
    {
        try
        {
            await _server.StartAsync();
        }
        catch (IOException error)
        {
            var way = error.InnerException is AddressInUseException
                ? "another program has it; stop that, or choose another with --port"
                : error.Message;
            throw new StartException($"Port {_options.Port} on {_options.Bind} cannot be opened: {way}.", error);
        }
    }

    private async Task KillFramesAsync()
    {
        await _keeper.KillAllAsync(new KillOrder("The agent was stopped, and ends its frames with it.", ExitStatus.TryAgain));
        using var enough = new CancellationTokenSource(_options.KillGrace + LastCompletions, _time);
        try
        {
            while (!_table.Snapshot().Live.IsEmpty)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, enough.Token);
            }

            await _completions.WhenEmptyAsync(LastCompletions, enough.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            LogFramesLeft(_table.Snapshot().Live.Length);
        }
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Information,
        Message = "Host {Name}: {Cores} cores, {MemoryMib} MiB, state in {StateDirectory}; frames run as {User}")]
    private partial void LogMachine(string name, int cores, long memoryMib, string stateDirectory, string user);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Serving {Address} port {Port}")]
    private partial void LogServing(string address, int port);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information,
        Message = "{Count} runs of the agent before are taken over; {Ended} of them have ended and are still to be reported")]
    private partial void LogRecovered(int count, int ended);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Critical, Message = "A part of the agent broke, so it ends; frames go on")]
    private partial void LogBroken(Exception? error);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Warning, Message = "{Count} frames did not end in time; they go on to end by themselves")]
    private partial void LogFramesLeft(int count);
}
