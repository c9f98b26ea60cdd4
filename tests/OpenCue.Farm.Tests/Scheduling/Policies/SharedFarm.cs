using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling.Policies;

/// <summary>A farm on which hours go by: frames end after some minutes, and what each show has had is added up.</summary>
internal sealed class SharedFarm
{
    private const long Minute = 60_000;

    private readonly Random _random;
    private readonly PriorityQueue<(Layer Layer, int Ordinal, Run Run), long> _ends = new();
    private readonly HashSet<Run> _known = [];
    private readonly Dictionary<Show, double> _coreHours = [];
    private readonly Dictionary<Group, double> _groupCoreHours = [];
    private int _number;

    public SharedFarm(string policy, int hosts = 10, int seed = 1, FarmSettings? settings = null)
    {
        _random = new Random(seed);
        Farm = new SchedulingFarm(settings);
        Choose(policy);
        for (var i = 0; i < hosts; i++)
        {
            Farm.Host($"h{i:00}", cores: 800, memoryGib: 64);
        }
    }

    public SchedulingFarm Farm { get; }

    public void Choose(string policy)
    {
        var facility = Farm.General.Facility;
        Farm.Edit.Set(facility, facility.Row with { SchedulingPolicy = policy });
    }

    public Show Show(string name, int size) => Farm.NewShow(name, size, burst: 100_000);

    public static Group Group(SchedulingFarm farm, Show show, string name, int minCores)
    {
        var edit = farm.Edit;
        var group = new Group(new GroupRow { Id = edit.NewId(), ShowId = show.Id, ParentId = show.RootGroup.Id, Name = name, MinCores = minCores }, show);
        edit.Add(group);
        return group;
    }

    /// <summary>Jobs of one layer, more than is done in the time of a test.</summary>
    public Layer[] Work(Show show, int jobs = 3, int frames = 3000, Group? group = null) => [.. Enumerable.Range(0, jobs).Select(_ =>
    {
        var layer = Farm.Work($"w{_number++}", frames, show: show, withJob: row => row with { MaxCores = 1_000_000 });
        Farm.Edit.Set(layer.Job, layer.Job.Row with { GroupId = group?.Id ?? layer.Job.Row.GroupId });
        return layer;
    })];

    /// <summary>Lets time go by.</summary>
    public void GoOn(double hours)
    {
        var until = Farm.WallMs + (long)(hours * 60 * Minute);
        Book();
        while (_ends.TryPeek(out var end, out var at) && at <= until)
        {
            _ends.Dequeue();
            Pass(at);
            _known.Remove(end.Run);
            if (end.Run.InFarm)
            {
                Farm.Finish(end.Layer, end.Ordinal);
            }

            Book();
        }

        Pass(until);
    }

    /// <summary>Core hours that the show had since the last call.</summary>
    public double Take(Show show) => _coreHours.Remove(show, out var hours) ? hours : 0;

    /// <summary>Core hours that the group had since the last call.</summary>
    public double Take(Group group) => _groupCoreHours.Remove(group, out var hours) ? hours : 0;

    public int CoresOf(Show show) => Farm.General.Subscriptions[show.Id].Use.CorePoints / 100;

    private void Book()
    {
        Farm.Pass();
        foreach (var run in Farm.Farm.Runs.Values)
        {
            if (_known.Add(run))
            {
                _ends.Enqueue((run.Layer, run.Ordinal, run), Farm.WallMs + (_random.Next(5, 16) * Minute) + _random.Next(60_000));
            }
        }
    }

    private void Pass(long wallMs)
    {
        var hours = (wallMs - Farm.WallMs) / (60.0 * Minute);
        foreach (var show in Farm.Farm.Shows.All)
        {
            var cores = show.Subscriptions.Sum(s => s.Use.CorePoints) / 100.0;
            _coreHours[show] = _coreHours.GetValueOrDefault(show) + (cores * hours);
        }

        foreach (var group in Farm.Farm.Groups.Values)
        {
            _groupCoreHours[group] = _groupCoreHours.GetValueOrDefault(group) + (group.Use.CorePoints / 100.0 * hours);
        }

        Farm.GoOn(Math.Max(0, wallMs - Farm.WallMs));
    }
}
