using OpenCue.Farm.Jobs;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Tests.Support;

/// <summary>
/// Change sets as an engine might send them, of rows with random values: added, changed and deleted rows of every kind, new and changed frames,
/// runs that end, jobs that are archived or dropped. What must be stored after them stands in <see cref="Stored"/>.
/// </summary>
internal sealed class RandomChanges(int seed)
{
    private static readonly Actor Somebody = new(ActorKind.User, "jane", "127.0.0.1:4711");

    private readonly RandomRows _rows = new(seed);

    /// <summary>What must be stored now.</summary>
    public StoredRows Stored { get; } = new();

    /// <summary>Random values.</summary>
    public RandomRows Rows => _rows;

    /// <summary>Number of the last change set.</summary>
    public long Sequence { get; private set; }

    /// <summary>Jobs that were archived, as they were then.</summary>
    public List<ArchivedJob> Archived { get; } = [];

    /// <summary>Runs that ended.</summary>
    public List<RunRow> Ended { get; } = [];

    /// <summary>An empty change set with the next number.</summary>
    public ChangeSet Empty()
    {
        Sequence++;
        return new ChangeSet(Sequence, new FarmTime(Sequence * 1000 + _rows.Random.Next(1000), 1_790_000_000_000 + Sequence));
    }

    /// <summary>Notes that a change set is stored.</summary>
    public void Keep(ChangeSet changes)
    {
        foreach (var job in changes.ArchivedJobs)
        {
            var jobRow = Stored.Of<JobRow>().Concat(changes.Table<JobRow>().Upserts).Last(j => j.Id == job);
            var layers = Stored.Of<LayerRow>().Where(l => l.JobId == job).OrderBy(l => l.DispatchOrder).ThenBy(l => l.Id).ToList();
            Archived.Add(new ArchivedJob(jobRow, [.. layers.Select(l => new ArchivedLayer(l, UsageOf(l)))], changes.Time.WallMs));
        }

        Ended.AddRange(changes.EndedRuns);
        Stored.Apply(changes);
    }

    /// <summary>A change set with several changes of every kind.</summary>
    public ChangeSet Next()
    {
        var changes = Empty();
        foreach (var table in FarmTables.All)
        {
            table.Accept(new ChangeRows(this, changes));
        }

        AddJob(changes);
        ChangeFrames(changes);
        EndRuns(changes);
        if (_rows.Random.Next(4) == 0)
        {
            Leave(changes.ArchivedJobs);
        }

        if (_rows.Random.Next(4) == 0)
        {
            Leave(changes.DroppedJobs);
        }

        changes.Events.Add(new FarmEvent(
            FarmEventKind.SettingChanged, _rows.Id(), default, 1, 2, Somebody, _rows.Text(), changes.Time.WallMs));
        return changes;

        void Leave(List<EntityId> jobs)
        {
            var old = Stored.Of<JobRow>().Where(j => !changes.ArchivedJobs.Contains(j.Id)).Select(j => j.Id).Order().ToList();
            if (old.Count > 2)
            {
                jobs.Add(old[_rows.Random.Next(old.Count)]);
            }
        }
    }

    /// <summary>A new job with some layers and all their frames.</summary>
    public JobRow AddJob(ChangeSet changes, int? frames = null)
    {
        var job = _rows.Row<JobRow>();
        changes.Table<JobRow>().Upserts.Add(job);
        for (var i = 0; i <= _rows.Random.Next(3); i++)
        {
            AddLayer(changes, job, frames ?? _rows.Random.Next(5));
        }

        return job;
    }

    /// <summary>A new layer with its frames.</summary>
    public LayerRow AddLayer(ChangeSet changes, JobRow job, int frames)
    {
        var layer = _rows.Row<LayerRow>() with { JobId = job.Id, FrameCount = frames };
        changes.Table<LayerRow>().Upserts.Add(layer);
        changes.Table<LayerUsageRow>().Upserts.Add(_rows.Row<LayerUsageRow>() with { Id = layer.Id });
        for (var ordinal = 0; ordinal < frames; ordinal++)
        {
            changes.NewFrames.Add(new FrameRow(layer.Id, ordinal, _rows.Frame()));
        }

        return layer;
    }

    private LayerUsageRow UsageOf(LayerRow layer) => Stored.Of<LayerUsageRow>().Single(u => u.Id == layer.Id);

    private void ChangeFrames(ChangeSet changes)
    {
        foreach (var layer in Stored.Of<LayerRow>().Concat(changes.Table<LayerRow>().Upserts).DistinctBy(l => l.Id).Where(l => l.FrameCount > 0))
        {
            if (_rows.Random.Next(2) == 0)
            {
                changes.Frames.Add(new FrameRow(layer.Id, _rows.Random.Next(layer.FrameCount), _rows.Frame()));
            }
        }
    }

    private void EndRuns(ChangeSet changes)
    {
        var live = Stored.Of<RunRow>().Where(r => _rows.Random.Next(3) == 0 && !changes.Table<RunRow>().Upserts.Exists(u => u.Id == r.Id));

        // One that ends in the batch in which it was booked has no row yet.
        foreach (var run in live.Append(_rows.Row<RunRow>()).ToList())
        {
            changes.EndedRuns.Add(_rows.Row<RunRow>() with { Id = run.Id, End = RunEnd.Completed });
        }
    }

    /// <summary>Adds, changes and deletes rows of one kind.</summary>
    private sealed class ChangeRows(RandomChanges owner, ChangeSet changes) : IFarmTableVisitor<bool>
    {
        public bool Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow
        {
            // Jobs and layers come and go as a whole.
            var comesWithJob = typeof(TRow) == typeof(LayerRow) || typeof(TRow) == typeof(LayerUsageRow) || typeof(TRow) == typeof(JobRow);
            var to = changes.Table<TRow>();
            var random = owner._rows.Random;
            foreach (var old in owner.Stored.Of<TRow>().OrderBy(r => r.Id))
            {
                switch (random.Next(4))
                {
                    case 0:
                        to.Upserts.Add(Fresh<TRow>(old));
                        break;
                    case 1 when !comesWithJob && typeof(TRow) != typeof(RunRow):
                        to.Deletes.Add(old.Id);
                        break;
                }
            }

            for (var i = random.Next(3); i > 0 && !comesWithJob; i--)
            {
                to.Upserts.Add(Fresh<TRow>(null));
            }

            // Something that came and went within the batch.
            to.Deletes.Add(owner._rows.Id());
            return true;
        }

        private TRow Fresh<TRow>(IRow? old)
            where TRow : class, IRow
        {
            IRow row = owner._rows.Row<TRow>();
            row = row switch
            {
                LayerRow layer when old is LayerRow before => layer with { JobId = before.JobId, FrameCount = before.FrameCount },
                RunRow run => run with { End = RunEnd.None },
                _ => row,
            };
            if (old is not null)
            {
                typeof(TRow).GetProperty(nameof(IRow.Id))!.SetValue(row, old.Id);
            }

            return (TRow)row;
        }
    }
}
