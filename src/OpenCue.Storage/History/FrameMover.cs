using Microsoft.Extensions.Logging;

namespace OpenCue.Storage.History;

/// <summary>A layer whose frames have to leave the table of the model's frames.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="FrameCount">Its number of frames.</param>
/// <param name="Keep">True: they go to history; false: they are deleted.</param>
internal readonly record struct FrameMove(EntityId Layer, int FrameCount, bool Keep);

/// <summary>What a store does for <see cref="FrameMover"/>; each call is a transaction of its own and may be repeated.</summary>
internal interface IFrameMoves
{
    /// <summary>A layer whose frames have to leave, or null.</summary>
    Task<FrameMove?> FindMoveAsync(CancellationToken cancel);

    /// <summary>Moves or deletes the frames with ordinals from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    Task MoveFramesAsync(FrameMove move, int from, int to, CancellationToken cancel);

    /// <summary>Notes that all are gone.</summary>
    Task FinishMoveAsync(FrameMove move, CancellationToken cancel);
}

/// <summary>
/// Moves frames of archived jobs to history, and deletes those of dropped ones, a few at a time between the commits, and rests as long as each move took:
/// nobody waits for it, and the commits need the same disk and processors. It may be stopped at any point: what is left to do stands in the table
/// <c>frame_move</c>.
/// </summary>
internal sealed partial class FrameMover(IFrameMoves moves, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _work = new(0);
    private readonly CancellationTokenSource _stop = new();
    private Task? _loop;
    private long _asked;
    private long _answered;

    /// <summary>Says that there may be something to move.</summary>
    public void Wake()
    {
        Interlocked.Increment(ref _asked);
        _loop ??= Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        _work.Release();
    }

    /// <summary>True if all is done that <see cref="Wake"/> was called for, or was given up until it is called again.</summary>
    public bool IsIdle => Interlocked.Read(ref _answered) == Interlocked.Read(ref _asked);

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        if (_loop is not null)
        {
            await _loop;
        }

        _stop.Dispose();
        _work.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _work.WaitAsync(stop);
                try
                {
                    while (await moves.FindMoveAsync(stop) is { } move)
                    {
                        for (var from = 0; from < move.FrameCount; from += ArchiveSql.FramesPerMove)
                        {
                            var started = time.GetTimestamp();
                            await moves.MoveFramesAsync(move, from, from + ArchiveSql.FramesPerMove, stop);
                            await Task.Delay(time.GetElapsedTime(started), time, stop);
                        }

                        await moves.FinishMoveAsync(move, stop);
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The next archived job, or the next start, tries again. Until then these frames are found where they lie.
                    LogMoveFailed(e);
                }

                Interlocked.Increment(ref _answered);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Frames of archived jobs could not be moved to history now; it is tried again")]
    private partial void LogMoveFailed(Exception e);
}
