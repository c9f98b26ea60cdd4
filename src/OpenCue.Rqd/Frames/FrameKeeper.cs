using OpenCue.Rqd.Hosting;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>Launches frames and kills them.</summary>
/// <remarks>
/// Nothing is promised before it is durable. A run that the agent does not know was never started by it, and will not be after a kill said
/// so; or it has ended, and its completion is or was sent.
/// </remarks>
internal sealed partial class FrameKeeper(
    RqdOptions options,
    HostIdentity host,
    MachineProbe machine,
    StateDirectory state,
    RunJournal journal,
    RunTable table,
    FrameAccounts accounts,
    RunWatch watch,
    TimeProvider time,
    ILogger<FrameKeeper> logger)
{
    /// <summary>Takes a frame to run. Null: it was accepted, and will run or be reported as failed, whatever happens to the agent.</summary>
    public async Task<LaunchRefusal?> LaunchAsync(FrameOrder order)
    {
        if (LaunchRules.Check(order) is { } invalid)
        {
            return invalid;
        }

        if (accounts.Resolve(order, out var identity, out var account) is { } noAccount)
        {
            return noAccount;
        }

        if (table.TryAdd(order, processors => NewRun(order, processors), out var run) is { } refusal)
        {
            return refusal;
        }

        LaunchPlan plan;
        try
        {
            // Before it is promised: a run that was accepted and cannot be started would never end.
            plan = Plan(order, run!.Record, identity, account);
            await journal.AppendAsync(new JournalEntry.Accepted(run.Record));
        }
        catch (Exception error)
        {
            table.Remove(run!);
            run!.Gate.Release();
            if (error is JournalException)
            {
                return new LaunchRefusal(LaunchRefusalKind.NotDurable, error.Message);
            }

            throw;
        }
        LogAccepted(run.Key, order.JobName, order.FrameName);
        watch.Start(run, plan);
        return null;

        Run NewRun(FrameOrder accepted, System.Collections.Immutable.ImmutableArray<int> processors)
        {
            var record = RunRecord.Accept(accepted, processors, time.GetUtcNow(), machine.Facts.BootId);
            return new Run(record, state.RunFileOf(record.Key), gateIsOpen: false);
        }
    }

    /// <summary>Orders a frame to die; its completion comes when it has.</summary>
    /// <param name="runId">The run that is meant; null: whichever of the frame runs.</param>
    /// <exception cref="JournalException">
    /// The run was not launched yet, and the agent could not promise to refuse it: neither killed nor proven not to run.
    /// </exception>
    public async Task<KillResult> KillAsync(string frameId, string? runId, KillOrder order)
    {
        var (found, run) = await FindAsync(frameId, runId);
        return run is null ? found : await KillAsync(run, order);
    }

    /// <summary>The run that is meant, if it is alive. One that is asked for by its id and was never launched will not be any more.</summary>
    /// <param name="runId">Null: whichever of the frame runs.</param>
    /// <exception cref="JournalException">As for a kill.</exception>
    public async Task<(KillResult Result, Run? Run)> FindAsync(string frameId, string? runId)
    {
        var found = table.FindOrRefuse(frameId, runId, out var run);
        if (runId is not null && found is KillResult.NeverLaunched or KillResult.OtherRun && !journal.WasKilledBeforeLaunch(runId!))
        {
            await journal.AppendAsync(new JournalEntry.KilledBeforeLaunch(runId!));
            LogKilledBeforeLaunch(runId!);
        }
        return (found, run);
    }

    /// <summary>Orders one run to die.</summary>
    public async Task<KillResult> KillAsync(Run run, KillOrder order)
    {
        await run.Gate.WaitAsync();
        try
        {
            if (run.State != RunState.Running)
            {
                return KillResult.Over;
            }

            if (run.Kill is null)
            {
                run.Kill = order;
                LogKilling(run.Key, run.Record.JobName, run.Record.FrameName, order.Reason);
                try
                {
                    await journal.AppendAsync(new JournalEntry.KillOrdered(run.Key, order));
                }
                catch (JournalException error)
                {
                    // It is given all the same; from the journal it would only be given again after a restart.
                    LogKillNotStored(error, run.Key);
                }
            }
            watch.OrderToDie(run);
            return KillResult.Ordered;
        }
        finally
        {
            run.Gate.Release();
        }
    }

    public async Task KillAllAsync(KillOrder order) =>
        await Task.WhenAll(table.Snapshot().Live.Select(run => KillAsync(run, order)));

    private LaunchPlan Plan(FrameOrder order, RunRecord record, FrameIdentity? identity, UserAccount? account)
    {
        var environment = FrameEnvironment.Build(order, record, account, options, host.Name, machine.Facts.Topology.HyperThreading);
        return new LaunchPlan
        {
            RunAs = identity,
            Umask = options.Umask,
            Nice = options.Nice,
            OpenFiles = options.OpenFiles,
            Processors = record.Processors,
            KillGrace = options.KillGrace,
            Directory = machine.TempDirectory,
            LogPath = record.LogPath,
            LogHeader = FrameLogHeader.Write(order, record, identity, machine.TempDirectory, host.Name, time.GetLocalNow(), environment),
            Shell = options.Shell,
            Command = order.Command,
            Environment = environment,
        };
    }

    [LoggerMessage(EventId = 4200, Level = LogLevel.Information, Message = "Accepted run {Run}: {Job} {Frame}")]
    private partial void LogAccepted(string run, string job, string frame);

    [LoggerMessage(EventId = 4201, Level = LogLevel.Information, Message = "Killing run {Run}, {Job} {Frame}: {Reason}")]
    private partial void LogKilling(string run, string job, string frame, string reason);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Warning, Message = "The kill of run {Run} is not in the journal")]
    private partial void LogKillNotStored(Exception error, string run);

    [LoggerMessage(EventId = 4203, Level = LogLevel.Information,
        Message = "Run {Run} was asked for or killed before it was launched here; its launch will be refused")]
    private partial void LogKilledBeforeLaunch(string run);
}
