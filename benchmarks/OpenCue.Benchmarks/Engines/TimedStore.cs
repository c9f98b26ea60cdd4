using System.Diagnostics;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Benchmarks.Engines;

/// <summary>A store that keeps the time: how long each commit takes, and how many rows it has.</summary>
internal sealed class TimedStore(IFarmStore store) : IFarmStore
{
    private readonly Lock _lock = new();
    private readonly List<CommitSample> _samples = [];
    private readonly Dictionary<string, long> _rows = [];

    public string Description => store.Description;

    /// <summary>What was committed so far, in order.</summary>
    public IReadOnlyList<CommitSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Whether the rows of commits are counted.</summary>
    public bool CountsRows { get; set; }

    /// <summary>Rows written while they were counted, by kind.</summary>
    public IReadOnlyDictionary<string, long> Rows
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, long>(_rows);
            }
        }
    }

    public Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel) => store.TakeOverAsync(owner, cancel);

    public Task<IReadOnlyDictionary<EntityId, Frame[]>> ReadFramesAsync(IReadOnlyList<LayerRow> layers, CancellationToken cancel) =>
        store.ReadFramesAsync(layers, cancel);

    public async Task CommitAsync(ChangeSet changes, CancellationToken cancel)
    {
        var sent = Stopwatch.GetTimestamp();
        await store.CommitAsync(changes, cancel);
        var took = Stopwatch.GetElapsedTime(sent);
        lock (_lock)
        {
            _samples.Add(new CommitSample(sent, took.TotalMilliseconds));
            if (CountsRows)
            {
                Count("frame", changes.Frames.Count + changes.NewFrames.Count);
                Count("ended run", changes.EndedRuns.Count);
                foreach (var table in changes.Tables)
                {
                    Count(table.RowType.Name, table.Count);
                }
            }
        }
    }

    public Task<IReadOnlyList<RunRow>> FindRunsAsync(RunQuery query, CancellationToken cancel) => store.FindRunsAsync(query, cancel);

    public Task<IReadOnlyList<ArchivedJob>> FindArchivedJobsAsync(ArchivedJobQuery query, CancellationToken cancel) =>
        store.FindArchivedJobsAsync(query, cancel);

    public Task<IReadOnlyList<FrameRow>> FindArchivedFramesAsync(EntityId layer, int first, int count, CancellationToken cancel) =>
        store.FindArchivedFramesAsync(layer, first, count, cancel);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private void Count(string kind, int rows)
    {
        if (rows > 0)
        {
            _rows[kind] = _rows.GetValueOrDefault(kind) + rows;
        }
    }
}

/// <summary>One commit.</summary>
/// <param name="SentAt">When it was sent, on the stopwatch.</param>
/// <param name="Milliseconds">How long it took until it was durable.</param>
internal readonly record struct CommitSample(long SentAt, double Milliseconds);
