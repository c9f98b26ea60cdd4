using OpenCue.Farm;
using OpenCue.Farm.Jobs;

namespace OpenCue.Engine.Storing;

/// <summary>What a store knows beyond the model: runs that ended and jobs that were archived. Safe to call at any time from any thread.</summary>
public interface IFarmHistory
{
    /// <summary>Runs that ended, the latest first.</summary>
    Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel);

    /// <summary>Archived jobs, the latest archived first.</summary>
    Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel);

    /// <summary>Frames of a layer of an archived job, by ordinal; empty if there is no such layer in history.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="first">Ordinal of the first frame wanted.</param>
    /// <param name="count">Most frames wanted.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel);
}

/// <summary>Which ended runs are wanted: those that meet all conditions given.</summary>
public sealed record RunQuery
{
    /// <summary>Of this job.</summary>
    public EntityId? Job { get; init; }

    /// <summary>Of this layer.</summary>
    public EntityId? Layer { get; init; }

    /// <summary>Of the frame with this ordinal in <see cref="Layer"/>.</summary>
    public int? FrameOrdinal { get; init; }

    /// <summary>On this host.</summary>
    public EntityId? Host { get; init; }

    /// <summary>
    /// For the next page: end time (ms since 1970) and id of the last run of the page before. Runs are ordered by both, descending.
    /// </summary>
    public (long EndedAtMs, EntityId Id)? Before { get; init; }

    /// <summary>Most runs wanted.</summary>
    public int Limit { get; init; } = 1000;
}

/// <summary>Which archived jobs are wanted: those that meet all conditions given.</summary>
public sealed record ArchivedJobQuery
{
    /// <summary>The job with this id.</summary>
    public EntityId? Id { get; init; }

    /// <summary>Jobs of this name; there may be many.</summary>
    public string? Name { get; init; }

    /// <summary>Of this show.</summary>
    public EntityId? Show { get; init; }

    /// <summary>
    /// For the next page: archive time (ms since 1970) and id of the last job of the page before. Jobs are ordered by both, descending.
    /// </summary>
    public (long ArchivedAtMs, EntityId Id)? Before { get; init; }

    /// <summary>Most jobs wanted.</summary>
    public int Limit { get; init; } = 1000;
}

/// <summary>A job in history.</summary>
/// <param name="Job">The job as it was.</param>
/// <param name="Layers">Its layers, with what they used, in their order.</param>
/// <param name="ArchivedAtMs">When it left the model, ms since 1970.</param>
public sealed record ArchivedJob(JobRow Job, IReadOnlyList<ArchivedLayer> Layers, long ArchivedAtMs);

/// <summary>A layer in history.</summary>
/// <param name="Layer">The layer as it was.</param>
/// <param name="Usage">What its runs used.</param>
public sealed record ArchivedLayer(LayerRow Layer, LayerUsageRow Usage);
