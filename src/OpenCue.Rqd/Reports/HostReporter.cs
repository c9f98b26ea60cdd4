namespace OpenCue.Rqd.Reports;

/// <summary>Tells cuebot that the agent has started, until it has heard it, and from then on how the host is.</summary>
internal sealed partial class HostReporter(
    ICuebot cuebot, ReportBuilder reports, HostReportTimer timer, CompletionQueue completions, TimeProvider time, ILogger<HostReporter> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CompletionsFirst = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ReportStartupAsync(stoppingToken);
            while (true)
            {
                await timer.WaitAsync(stoppingToken);
                await ReportStatusAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    private async Task ReportStartupAsync(CancellationToken stop)
    {
        for (var retry = FirstRetry; ; retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry)
        {
            if (await TrySendAsync(() => cuebot.ReportStartupAsync(reports.Boot(), stop), "start", stop))
            {
                LogKnown();
                return;
            }
            await Task.Delay(retry, time, stop);
        }
    }

    private async Task ReportStatusAsync(CancellationToken stop)
    {
        // A report that lacks a run says that it has ended; how it ended should be there before.
        if (completions.Count > 0)
        {
            completions.RetryNow();
            await completions.WhenEmptyAsync(CompletionsFirst, stop);
        }
        await TrySendAsync(() => cuebot.ReportStatusAsync(reports.Host(), stop), "status", stop);
    }

    private async Task<bool> TrySendAsync(Func<Task> send, string what, CancellationToken stop)
    {
        try
        {
            await send();
            completions.RetryNow();
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (CuebotException error)
        {
            LogNotAcknowledged(what, error.Message);
        }
        catch (Exception error)
        {
            // Whatever it is, a host that stays silent is given up for lost.
            LogNotSent(error, what);
        }
        return false;
    }

    [LoggerMessage(EventId = 4410, Level = LogLevel.Information, Message = "Cuebot knows this host")]
    private partial void LogKnown();

    [LoggerMessage(EventId = 4411, Level = LogLevel.Warning, Message = "Cuebot did not acknowledge the {What} report: {Reason}")]
    private partial void LogNotAcknowledged(string what, string reason);

    [LoggerMessage(EventId = 4412, Level = LogLevel.Error, Message = "The {What} report could not be sent")]
    private partial void LogNotSent(Exception error, string what);
}
