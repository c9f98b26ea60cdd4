using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;

namespace OpenCue.Rqd.Reports;

/// <summary>Delivers completions, each until cuebot has acknowledged it; only then does the agent forget the run.</summary>
internal sealed partial class CompletionSender(
    CompletionQueue queue,
    ICuebot cuebot,
    ReportBuilder reports,
    RunTable table,
    RunJournal journal,
    HostReportTimer hostReports,
    TimeProvider time,
    ILogger<CompletionSender> logger) : BackgroundService
{
    /// <summary>One that cuebot does not answer holds up only its own lane.</summary>
    private const int Lanes = 8;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => SendAllAsync(stoppingToken)));

    private async Task SendAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (queue.TryTake(out var wait, out var changed) is { } run)
            {
                await SendAsync(run, stop);
            }
            else
            {
                await changed.WaitAsync(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendAsync(Run run, CancellationToken stop)
    {
        try
        {
            await cuebot.ReportCompletionAsync(reports.Completion(run), stop);
            await ForgetAsync(run);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The next agent sends it.
        }
        catch (CuebotException error)
        {
            LogNotAcknowledged(run.Key, error.Message);
            queue.PutBack(run, error.WasRefused);
        }
        catch (Exception error)
        {
            LogNotSent(error, run.Key);
            queue.PutBack(run, wasRefused: true);
        }
    }

    private async Task ForgetAsync(Run run)
    {
        var isStored = true;
        try
        {
            await journal.AppendAsync(new JournalEntry.Acknowledged(run.Key));
        }
        catch (JournalException error)
        {
            // After a restart it would be sent again, from the run file.
            isStored = false;
            LogNotForgotten(error, run.Key);
        }
        table.Remove(run);
        queue.Remove(run);
        if (isStored)
        {
            run.File.Delete();
        }

        hostReports.FrameCompleted();
    }

    [LoggerMessage(EventId = 4400, Level = LogLevel.Warning, Message = "Cuebot did not acknowledge the completion of run {Run}: {Reason}")]
    private partial void LogNotAcknowledged(string run, string reason);

    [LoggerMessage(EventId = 4401, Level = LogLevel.Error, Message = "The completion of run {Run} could not be sent")]
    private partial void LogNotSent(Exception error, string run);

    [LoggerMessage(EventId = 4402, Level = LogLevel.Warning,
        Message = "Cuebot acknowledged run {Run}, but the journal cannot note it: it may be reported again after a restart")]
    private partial void LogNotForgotten(Exception error, string run);
}
