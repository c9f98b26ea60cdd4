using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Simulator.Faults.Variants;

/// <summary>A store that passes on to another one what is not overridden.</summary>
internal abstract class OtherStore(IFarmStore store) : IFarmStore
{
    /// <inheritdoc/>
    public string Description => store.Description;

    /// <inheritdoc/>
    public virtual Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel) => store.TakeOverAsync(owner, cancel);

    /// <inheritdoc/>
    public virtual Task CommitAsync(ChangeSet changes, CancellationToken cancel) => store.CommitAsync(changes, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel) =>
        store.ReadFramesAsync(layers, cancel);

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
}
