using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Tests.Support;

/// <summary>
/// What a store must hold after some change sets, worked out in the plainest way: dictionaries. It knows rows by reflection over their types.
/// </summary>
internal sealed class StoredRows
{
    private readonly Dictionary<Type, Dictionary<EntityId, IRow>> _tables = [];
    private readonly SortedDictionary<(EntityId Layer, int Ordinal), Frame> _frames = [];
    private readonly Dictionary<int, string> _hostNames = [];
    private long _sequence;
    private long _engineMs;

    /// <summary>All kinds of rows that the farm has.</summary>
    public static IReadOnlyList<Type> RowTypes { get; } =
        [.. typeof(IRow).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IRow))).OrderBy(t => t.Name)];

    /// <summary>The rows of one kind.</summary>
    public IEnumerable<TRow> Of<TRow>()
        where TRow : class, IRow => Table(typeof(TRow)).Values.Cast<TRow>();

    /// <summary>The frames of a layer.</summary>
    public List<Frame> FramesOf(EntityId layer) => [.. _frames.Where(f => f.Key.Layer == layer).Select(f => f.Value)];

    /// <summary>The number of rows of a kind.</summary>
    public int Count(Type rowType) => Table(rowType).Count;

    /// <summary>Takes in a change set.</summary>
    public void Apply(ChangeSet changes)
    {
        _sequence = changes.Sequence;
        _engineMs = changes.Time.EngineMs;
        foreach (var changed in changes.Tables)
        {
            foreach (var id in (IEnumerable<EntityId>)Get(changed, "Deletes"))
            {
                Table(changed.RowType).Remove(id);
            }

            foreach (var row in (IEnumerable<IRow>)Get(changed, "Upserts"))
            {
                Table(changed.RowType)[row.Id] = row;
                if (row is HostRow host)
                {
                    _hostNames[host.Number] = host.Name;
                }
            }
        }

        foreach (var frame in changes.NewFrames.Concat(changes.Frames))
        {
            _frames[(frame.Layer, frame.Ordinal)] = frame.Value;
        }

        foreach (var run in changes.EndedRuns)
        {
            Table(typeof(RunRow)).Remove(run.Id);
        }

        foreach (var job in changes.ArchivedJobs.Concat(changes.DroppedJobs))
        {
            Forget(job);
        }
    }

    /// <summary>Asserts that a load gave exactly this.</summary>
    public void AssertEqual(FarmRows rows)
    {
        Assert.Equal(_sequence, rows.Sequence);
        Assert.Equal(_engineMs, rows.EngineMs);
        foreach (var table in FarmTables.All)
        {
            table.Accept(new Comparison(this, rows));
        }

        Assert.Equal(_hostNames.OrderBy(h => h.Key), rows.HostNames.OrderBy(h => h.Key));
        var frames = rows.Frames.SelectMany(layer => layer.Value.Select((frame, i) => (Key: (layer.Key, i), Frame: frame))).OrderBy(f => f.Key).ToList();
        Assert.Equal(_frames.Keys, frames.Select(f => f.Key));
        foreach (var ((_, expected), (key, actual)) in _frames.Zip(frames))
        {
            Assert.True(expected.Equals(actual), $"Frame {key} differs: {Describe(expected)} is stored as {Describe(actual)}.");
        }
    }

    private static object Get(IRowChanges changes, string property) => changes.GetType().GetProperty(property)!.GetValue(changes)!;

    private static string Describe(Frame frame) =>
        string.Join(", ", typeof(Frame).GetFields().Where(f => !f.IsStatic).Select(f => $"{f.Name}={f.GetValue(frame)}"));

    private Dictionary<EntityId, IRow> Table(Type type) =>
        _tables.TryGetValue(type, out var table) ? table : _tables[type] = [];

    private void Forget(EntityId job)
    {
        foreach (var layer in Of<LayerRow>().Where(l => l.JobId == job).ToList())
        {
            Table(typeof(LayerRow)).Remove(layer.Id);
            Table(typeof(LayerUsageRow)).Remove(layer.Id);
            foreach (var key in _frames.Keys.Where(k => k.Layer == layer.Id).ToList())
            {
                _frames.Remove(key);
            }
        }

        Table(typeof(JobRow)).Remove(job);
    }

    private sealed class Comparison(StoredRows expected, FarmRows rows) : IFarmTableVisitor<bool>
    {
        public bool Visit<TRow>(FarmTable<TRow> table)
            where TRow : class, IRow
        {
            var wanted = expected.Of<TRow>().OrderBy(r => r.Id).ToList();
            var found = table.List(rows).OrderBy(r => r.Id).ToList();
            Assert.Equal(wanted.Select(r => r.Id), found.Select(r => r.Id));
            foreach (var (row, stored) in wanted.Zip(found))
            {
                var lost = typeof(TRow).GetProperties().Where(p => !Equals(p.GetValue(row), p.GetValue(stored)))
                    .Select(p => $"{typeof(TRow).Name}.{p.Name} was {p.GetValue(row)} and is stored as {p.GetValue(stored)}.");
                Assert.Empty(lost);
            }

            return true;
        }
    }
}
