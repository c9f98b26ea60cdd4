using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Cuebot.Hosting;

/// <summary>
/// A store that is waited for at the start: a database comes up after the server as often as before it, and a file stays locked for a moment after
/// its last user died. Later the engine itself waits.
/// </summary>
internal sealed partial class PatientStore(IFarmStore store, TimeSpan patience, TimeProvider time, ILogger<PatientStore> logger) : IFarmStore
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private bool _wasThere;

    /// <inheritdoc/>
    public string Description => store.Description;

    /// <summary>Why it can't be reached, as long as it is waited for.</summary>
    public string? Missing { get; private set; }

    /// <inheritdoc/>
    public async Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        var wait = FirstWait;
        while (true)
        {
            try
            {
                var rows = await store.TakeOverAsync(owner, cancel);
                (_wasThere, Missing) = (true, null);
                return rows;
            }
            catch (StoreUnavailableException e) when (!_wasThere && (patience < TimeSpan.Zero || time.GetElapsedTime(since) < patience))
            {
                if (Missing != e.Message)
                {
                    Missing = e.Message;
                    LogWaiting(store.Description, e.Message);
                }

                await Task.Delay(wait, time, cancel);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel) =>
        store.ReadFramesAsync(layers, cancel);

    /// <inheritdoc/>
    public Task CommitAsync(ChangeSet changes, CancellationToken cancel) => store.CommitAsync(changes, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) => store.FindRunsAsync(query, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        store.FindArchivedJobsAsync(query, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        store.FindArchivedFramesAsync(layer, first, count, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => store.DisposeAsync();

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "{Store} can't be reached; it is tried again until it is there: {Reason}")]
    private partial void LogWaiting(string store, string reason);
}
