using System.Diagnostics;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Reports;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>Starts the supervisor of each run, takes over those of an agent before this one, and notices how runs end.</summary>
internal sealed partial class RunWatch(
    MachineProbe machine,
    RunJournal journal,
    RunTable table,
    SupervisorLauncher launcher,
    FrameRemains remains,
    CompletionQueue completions,
    TimeProvider time,
    ILogger<RunWatch> logger) : IAsyncDisposable
{
    /// <summary>More at a time would not start sooner: starting is work for the processors.</summary>
    private const int StartsAtOnce = 8;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _startSlots = new(StartsAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskSet _tasks = new();

    /// <summary>Starts a run that the journal has. Its gate is closed, and open when its supervisor was started or will not be.</summary>
    public void Start(Run run, LaunchPlan plan) => _tasks.Add(Task.Run(() => StartAsync(run, plan)));

    /// <summary>Takes over a run that the journal has and whose end it does not have.</summary>
    public void TakeOver(Run run) => _tasks.Add(Task.Run(() => TakeOverAsync(run)));

    /// <summary>Tells the supervisor to end the frame, because of the run's kill order. For who holds the run's gate.</summary>
    public void OrderToDie(Run run)
    {
        if (run.File.Exists && run.Kill is { } kill)
        {
            run.File.WriteKillReason(kill.Reason);
        }
        // A supervisor that was not born yet looks for the reason itself; one that is gone has nothing left to kill.
        if (run.Supervisor is { } supervisor && ProcessTable.FindIdentity(machine.Paths, supervisor.Pid) == supervisor)
        {
            Libc.Kill(supervisor.Pid, Libc.SigTerm);
        }
    }

    /// <summary>Stops watching. The frames go on; the next agent takes them over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _tasks.WhenAllAsync();
        _startSlots.Dispose();
        _stop.Dispose();
    }

    private async Task StartAsync(Run run, LaunchPlan plan)
    {
        Process? supervisor = null;
        string? problem = null;
        await _startSlots.WaitAsync();
        try
        {
            run.File.Create(plan);
            supervisor = launcher.Start(run.File);
            run.Supervisor = ProcessTable.FindIdentity(machine.Paths, supervisor.Id);
        }
        catch (Exception error)
        {
            LogNotStarted(error, run.Key);
            problem = $"The agent could not start the frame's supervisor: {error.Message}";
        }
        finally
        {
            _startSlots.Release();
            table.MarkRunning(run);
            run.Gate.Release();
        }

        using (supervisor)
        {
            if (supervisor is not null && !await IsDoneAsync(supervisor.WaitForExitAsync(_stop.Token)))
            {
                return;
            }
        }
        await SettleAsync(run, problem ?? "The frame's supervisor ended before it started the frame.");
    }

    private async Task TakeOverAsync(Run run)
    {
        try
        {
            run.Supervisor = run.File.ReadStarted()?.Supervisor;
            LogTakenOver(run.Key, run.Record.JobName, run.Record.FrameName);
            if (run.Kill is not null)
            {
                OrderToDie(run);
            }
        }
        catch (Exception error)
        {
            // Its end is looked for all the same, and its supervisor again; a kill is ordered anew by the server, which sees it run.
            LogNotTakenOver(error, run.Key);
        }

        await SettleAsync(run, "The agent was restarted before it had started the frame.");
    }

    /// <summary>Waits until no supervisor has the run, and then finds out how it ended.</summary>
    private async Task SettleAsync(Run run, string whyNotStarted)
    {
        while (!_stop.IsCancellationRequested)
        {
            var wait = LookInterval;
            try
            {
                if (await FindEndAsync(run, whyNotStarted) is { } end)
                {
                    await EndAsync(run, end);
                    return;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The run must not be forgotten because its file cannot be read just now.
                LogNotSettled(error, run.Key);
                wait = RetryInterval;
            }
            await IsDoneAsync(Task.Delay(wait, time, _stop.Token));
        }
    }

    private async Task<RunEnd?> FindEndAsync(Run run, string whyNotStarted)
    {
        if (run.Record.BootId != machine.Facts.BootId)
        {
            // A supervisor may have stored how the frame ended before the machine went down.
            return run.File.ReadEnded() is { } before
                ? RunEnd.From(before, run.Kill, run.File.ReadPeakMemory())
                : RunEnd.HostRebooted(run.Record, DateTimeOffset.FromUnixTimeSeconds(machine.Facts.BootTime));
        }

        if (!run.File.Exists)
        {
            return NeverStarted(run, whyNotStarted);
        }

        using var held = run.File.TryLock();
        if (held is null)
        {
            // A supervisor that was just being started when the agent died may have got going only now.
            run.Supervisor ??= run.File.ReadStarted()?.Supervisor;
            return null;
        }
        if (run.File.ReadEnded() is { } end)
        {
            return RunEnd.From(end, run.Kill, run.File.ReadPeakMemory());
        }

        if (run.File.ReadStarted() is { } started)
        {
            LogSupervisorLost(run.Key);
            await remains.KillAsync(run, started, _stop.Token);
            return RunEnd.SupervisorLost(run.Record, time.GetUtcNow());
        }
        // A supervisor that comes only now finds this, and leaves.
        run.File.WriteNeverStarted(whyNotStarted, time.GetUtcNow());
        return NeverStarted(run, whyNotStarted);
    }

    private RunEnd NeverStarted(Run run, string why) => run.Kill is { } kill
        ? RunEnd.KilledBeforeStart(kill, time.GetUtcNow())
        : RunEnd.NeverStarted(why, time.GetUtcNow());

    private async Task EndAsync(Run run, RunEnd end)
    {
        try
        {
            await journal.AppendAsync(new JournalEntry.Ended(run.Key, end));
        }
        catch (JournalException error)
        {
            // The run file has the same evidence: after a restart the end is found again from it.
            LogEndNotStored(error, run.Key);
        }
        table.MarkEnded(run, end);
        LogEnded(run.Key, run.Record.JobName, run.Record.FrameName, end.How, end.ExitStatus, end.ExitSignal);
        completions.Add(run);
    }

    /// <summary>False if the agent stops before.</summary>
    private async Task<bool> IsDoneAsync(Task wait)
    {
        try
        {
            await wait;
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 4220, Level = LogLevel.Error, Message = "The supervisor of run {Run} could not be started")]
    private partial void LogNotStarted(Exception error, string run);

    [LoggerMessage(EventId = 4221, Level = LogLevel.Information, Message = "Taking over run {Run}: {Job} {Frame}")]
    private partial void LogTakenOver(string run, string job, string frame);

    [LoggerMessage(EventId = 4226, Level = LogLevel.Error, Message = "What is known of run {Run} cannot be read now; it is watched all the same")]
    private partial void LogNotTakenOver(Exception error, string run);

    [LoggerMessage(EventId = 4222, Level = LogLevel.Error, Message = "How run {Run} ended cannot be found out now; trying again")]
    private partial void LogNotSettled(Exception error, string run);

    [LoggerMessage(EventId = 4223, Level = LogLevel.Error, Message = "The supervisor of run {Run} was killed; the frame's exit status is lost")]
    private partial void LogSupervisorLost(string run);

    [LoggerMessage(EventId = 4224, Level = LogLevel.Error, Message = "The end of run {Run} is not in the journal")]
    private partial void LogEndNotStored(Exception error, string run);

    [LoggerMessage(EventId = 4225, Level = LogLevel.Information,
        Message = "Run {Run} ended: {Job} {Frame}, {How}, exit status {ExitStatus}, signal {ExitSignal}")]
    private partial void LogEnded(string run, string job, string frame, string how, int exitStatus, int exitSignal);
}
