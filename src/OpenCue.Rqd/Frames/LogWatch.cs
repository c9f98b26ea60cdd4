namespace OpenCue.Rqd.Frames;

/// <summary>Looks when the logs of frames last grew, and kills a frame that fills the disk with its own.</summary>
/// <remarks>
/// Logs mostly are on a file server. If that hangs, so does this, on a thread of its own, and nothing else: then the times stay as they were.
/// </remarks>
internal sealed partial class LogWatch(
    RunTable table, FrameKeeper keeper, long limitBytes, TimeSpan interval, TimeProvider time, ILogger<LogWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // If the thread hangs in the kernel, the agent can still stop.
                var look = Task.Factory.StartNew(LookAtAll, stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                foreach (var (run, bytes) in await look.WaitAsync(stoppingToken))
                {
                    await KillAsync(run, bytes);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    private List<(Run Run, long Bytes)> LookAtAll()
    {
        var tooLarge = new List<(Run, long)>();
        foreach (var run in table.Snapshot().Live)
        {
            try
            {
                var log = new FileInfo(run.Record.LogPath);
                if (!log.Exists)
                {
                    continue;
                }

                run.LogUpdatedAt = new DateTimeOffset(log.LastWriteTimeUtc).ToUnixTimeSeconds();
                if (limitBytes > 0 && log.Length > limitBytes)
                {
                    tooLarge.Add((run, log.Length));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogNotReadable(error, run.Record.LogPath);
            }
        }
        return tooLarge;
    }

    private Task<KillResult> KillAsync(Run run, long bytes) => keeper.KillAsync(
        run, new KillOrder($"The log has {bytes} bytes, more than the {limitBytes} that are allowed.", ExitStatus.LogTooLarge));

    [LoggerMessage(EventId = 4240, Level = LogLevel.Debug, Message = "The log {Path} cannot be looked at")]
    private partial void LogNotReadable(Exception error, string path);
}
