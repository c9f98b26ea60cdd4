using System.Reflection;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Engine.Storing;

/// <summary>
/// What a store in memory holds: rows by value, with the lease, as a database would. It outlives the <see cref="MemoryStore"/>s on it as a disk outlives
/// the processes that write to it, so a test or simulation can let a server die and start another one.
/// </summary>
public sealed class MemoryDatabase
{
    private static readonly PropertyInfo[] RowLists =
        [.. typeof(FarmRows).GetProperties().Where(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(List<>))];

    private readonly Lock _lock = new();
    private readonly Dictionary<Type, ITable> _tables = [];
    private readonly Dictionary<EntityId, List<Frame>> _frames = [];
    private readonly Dictionary<int, string> _hostNames = [];
    private readonly List<RunRow> _endedRuns = [];
    private readonly Dictionary<EntityId, ArchivedJob> _archivedJobs = [];
    private readonly Dictionary<EntityId, List<Frame>> _archivedFrames = [];

    /// <summary>Grows with each take-over.</summary>
    public long Epoch { get; private set; }

    /// <summary>Number of the last change set committed.</summary>
    public long Batch { get; private set; }

    /// <summary>Engine time of that change set.</summary>
    public long EngineMs { get; private set; }

    /// <summary>Who took over last.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>A copy of all that a load would get, without taking over.</summary>
    public FarmRows Read()
    {
        lock (_lock)
        {
            var rows = new FarmRows { Sequence = Batch, EngineMs = EngineMs };
            foreach (var (type, table) in _tables)
            {
                var list = RowLists.FirstOrDefault(p => p.PropertyType.GetGenericArguments()[0] == type)
                    ?? throw new InvalidOperationException($"{nameof(FarmRows)} has no list of {type.Name}, so a stored row would get lost.");
                table.CopyTo(list.GetValue(rows)!);
            }

            foreach (var (number, name) in _hostNames)
            {
                rows.HostNames.Add(number, name);
            }

            var atRest = rows.FramesAtRest.Select(r => r.Id).ToHashSet();
            foreach (var (layer, frames) in _frames)
            {
                if (!atRest.Contains(layer))
                {
                    rows.Frames.Add(layer, [.. frames]);
                }
            }

            return rows;
        }
    }

    /// <summary>The frames of layers, as they are stored.</summary>
    internal IReadOnlyDictionary<EntityId, Frame[]> ReadFrames(IReadOnlyList<LayerRow> layers)
    {
        lock (_lock)
        {
            return layers
                .Select(l => (l.Id, Frames: _frames.GetValueOrDefault(l.Id) ?? [], l.FrameCount))
                .Where(l => l.Frames.Count == l.FrameCount)
                .ToDictionary(l => l.Id, l => l.Frames.ToArray());
        }
    }

    /// <summary>Takes the lease and reads everything.</summary>
    internal (long Epoch, FarmRows Rows) TakeOver(string owner)
    {
        lock (_lock)
        {
            Epoch++;
            Owner = owner;
            return (Epoch, Read());
        }
    }

    internal void Commit(long epoch, ChangeSet changes)
    {
        lock (_lock)
        {
            if (epoch != Epoch)
            {
                throw new StoreDeposedException($"{Owner} has taken over.");
            }

            if (changes.Sequence == Batch)
            {
                return;
            }

            if (changes.Sequence != Batch + 1)
            {
                throw new StoreDeposedException($"The last batch here is {Batch}, so {changes.Sequence} can't be the next.");
            }

            CheckFrames(changes);
            foreach (var table in changes.Tables)
            {
                TableOf(table.RowType).Upsert(table);
            }

            foreach (var host in changes.Tables.OfType<RowChanges<HostRow>>().SelectMany(t => t.Upserts))
            {
                _hostNames[host.Number] = host.Name;
            }

            StoreFrames(changes);
            foreach (var run in changes.EndedRuns)
            {
                TableOf(typeof(RunRow)).Delete(run.Id);
                _endedRuns.Add(run);
            }

            changes.ArchivedJobs.ForEach(id => Archive(id, changes.Time.WallMs));
            changes.DroppedJobs.ForEach(id => RemoveJob(id));
            if (changes.DroppedJobs.Count > 0)
            {
                // A job that came and went within the batch has frames here and never had a layer.
                foreach (var layer in changes.NewFrames.Select(f => f.Layer).Distinct().Where(l => TableOf(typeof(LayerRow)).Find(l) is null))
                {
                    _frames.Remove(layer);
                }
            }

            foreach (var table in changes.Tables.Reverse())
            {
                TableOf(table.RowType).Delete(table);
            }

            Batch = changes.Sequence;
            EngineMs = changes.Time.EngineMs;
        }
    }

    internal IReadOnlyList<RunRow> FindRuns(RunQuery query)
    {
        lock (_lock)
        {
            return
            [
                .. _endedRuns
                    .Where(r => (query.Job is null || r.JobId == query.Job)
                        && (query.Layer is null || r.LayerId == query.Layer)
                        && (query.FrameOrdinal is null || r.FrameOrdinal == query.FrameOrdinal)
                        && (query.Host is null || r.HostId == query.Host)
                        && (query.Before is not { } before || (r.EndedAtMs, r.Id).CompareTo(before) < 0))
                    .OrderByDescending(r => (r.EndedAtMs, r.Id))
                    .Take(query.Limit),
            ];
        }
    }

    internal IReadOnlyList<ArchivedJob> FindArchivedJobs(ArchivedJobQuery query)
    {
        lock (_lock)
        {
            return
            [
                .. _archivedJobs.Values
                    .Where(j => (query.Id is null || j.Job.Id == query.Id)
                        && (query.Name is null || j.Job.Name == query.Name)
                        && (query.Show is null || j.Job.ShowId == query.Show)
                        && (query.Before is not { } before || (j.ArchivedAtMs, j.Job.Id).CompareTo(before) < 0))
                    .OrderByDescending(j => (j.ArchivedAtMs, j.Job.Id))
                    .Take(query.Limit),
            ];
        }
    }

    internal IReadOnlyList<FrameRow> FindArchivedFrames(EntityId layer, int first, int count)
    {
        lock (_lock)
        {
            return _archivedFrames.TryGetValue(layer, out var frames)
                ? [.. frames.Select((f, i) => new FrameRow(layer, i, f)).Skip(first).Take(count)]
                : [];
        }
    }

    private ITable TableOf(Type type)
    {
        if (!_tables.TryGetValue(type, out var table))
        {
            // Made once for each type of row: the types are those of the change sets.
            table = (ITable)Activator.CreateInstance(typeof(RowTable<>).MakeGenericType(type))!;
            _tables.Add(type, table);
        }

        return table;
    }

    /// <summary>As a database with a primary key would: nothing is done of a change set that can't be done wholly.</summary>
    private void CheckFrames(ChangeSet changes)
    {
        var counts = new Dictionary<EntityId, int>();
        foreach (var frame in changes.NewFrames)
        {
            var next = counts.TryGetValue(frame.Layer, out var count) ? count : _frames.GetValueOrDefault(frame.Layer)?.Count ?? 0;
            if (frame.Ordinal != next)
            {
                throw new StoreDataException("frame", $"{frame.Layer}/{frame.Ordinal}", $"A new frame has ordinal {frame.Ordinal}, expected {next}.");
            }

            counts[frame.Layer] = next + 1;
        }

        foreach (var frame in changes.Frames)
        {
            var known = counts.TryGetValue(frame.Layer, out var count) ? count : _frames.GetValueOrDefault(frame.Layer)?.Count ?? int.MaxValue;
            if (frame.Ordinal >= known)
            {
                throw new StoreDataException("frame", $"{frame.Layer}/{frame.Ordinal}", $"The layer has {known} stored frames only.");
            }
        }
    }

    private void StoreFrames(ChangeSet changes)
    {
        foreach (var frame in changes.NewFrames)
        {
            if (!_frames.TryGetValue(frame.Layer, out var frames))
            {
                _frames.Add(frame.Layer, frames = []);
            }

            frames.Add(Stored(frame.Value));
        }

        foreach (var frame in changes.Frames)
        {
            // A frame of a job that is gone is nobody's loss.
            if (_frames.TryGetValue(frame.Layer, out var frames))
            {
                frames[frame.Ordinal] = Stored(frame.Value);
            }
        }
    }

    /// <summary>What a database has columns for.</summary>
    private static Frame Stored(Frame frame)
    {
        frame.ChangedIn = 0;
        frame.DependCount = 0;
        frame.Flags &= ~FrameFlags.Dirty;
        return frame;
    }

    private void Archive(EntityId id, long nowMs)
    {
        var job = (JobRow?)TableOf(typeof(JobRow)).Find(id);
        if (job is null)
        {
            return;
        }

        var usage = TableOf(typeof(LayerUsageRow));
        var layers = Layers(id).Select(l => new ArchivedLayer(l, (LayerUsageRow?)usage.Find(l.Id) ?? new LayerUsageRow { Id = l.Id })).ToList();
        foreach (var layer in layers)
        {
            _archivedFrames[layer.Layer.Id] = _frames.GetValueOrDefault(layer.Layer.Id) ?? [];
        }

        _archivedJobs[id] = new ArchivedJob(job, layers, nowMs);
        RemoveJob(id);
    }

    private void RemoveJob(EntityId id)
    {
        foreach (var layer in Layers(id))
        {
            TableOf(typeof(LayerRow)).Delete(layer.Id);
            TableOf(typeof(LayerUsageRow)).Delete(layer.Id);
            _frames.Remove(layer.Id);
        }

        TableOf(typeof(JobRow)).Delete(id);
    }

    private List<LayerRow> Layers(EntityId job) =>
        [.. ((RowTable<LayerRow>)TableOf(typeof(LayerRow))).Rows.Values.Where(l => l.JobId == job).OrderBy(l => l.DispatchOrder)];

    private interface ITable
    {
        void Upsert(IRowChanges changes);

        void Delete(IRowChanges changes);

        void Delete(EntityId id);

        IRow? Find(EntityId id);

        void CopyTo(object list);
    }

    // Rows are immutable, so keeping them is keeping their values.
    private sealed class RowTable<TRow> : ITable
        where TRow : class, IRow
    {
        public Dictionary<EntityId, TRow> Rows { get; } = [];

        public void Upsert(IRowChanges changes)
        {
            foreach (var row in ((RowChanges<TRow>)changes).Upserts)
            {
                Rows[row.Id] = row;
            }
        }

        public void Delete(IRowChanges changes) => ((RowChanges<TRow>)changes).Deletes.ForEach(id => Rows.Remove(id));

        public void Delete(EntityId id) => Rows.Remove(id);

        public IRow? Find(EntityId id) => Rows.GetValueOrDefault(id);

        public void CopyTo(object list) => ((List<TRow>)list).AddRange(Rows.Values.OrderBy(r => r.Id));
    }
}
