using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Ranges;

namespace OpenCue.Benchmarks.Passes;

/// <summary>A farm as big as they get, in memory, with its scheduler and nothing else around it.</summary>
internal sealed class BigFarm
{
    private const int Shows = 20;
    private const int Allocations = 5;
    private const int LayersPerJob = 4;
    private const long Gib = 1048576;

    private static readonly int[] HostCores = [8, 16, 16, 32];
    private static readonly int[] FrameCores = [4, 8, 8, 16];

    private readonly FarmEdit _edit;
    private readonly Random _random = new(7);
    private readonly int _tagSets;
    private long _engineMs = 1_000_000;
    private int _jobs;

    public BigFarm(int tagSets)
    {
        _tagSets = tagSets;
        _edit = new FarmEdit(Farm, new IdSource(1), 1);
        Begin();
        FarmSeed.Apply(_edit);
        AddShows();
        Scheduler = new Scheduler(Farm, new SchedulingPolicies());
    }

    public FarmModel Farm { get; } = new();

    public Scheduler Scheduler { get; }

    public FarmEdit Edit => _edit;

    private Facility Facility => Farm.Facilities.Find("local")!;

    /// <summary>Starts a command some time later.</summary>
    public FarmEdit Begin()
    {
        _edit.Begin(new FarmTime(++_engineMs, 1_790_000_000_000 + _engineMs), Actor.Scheduler);
        return _edit;
    }

    /// <summary>Ends a batch: what was changed is forgotten as if it were stored.</summary>
    public void EndBatch()
    {
        _edit.Take(_edit.Now, out var undo);
        _edit.Recycle(undo);
        Begin();
    }

    /// <summary>Lets time go on.</summary>
    public void GoOn(long ms) => _engineMs += ms;

    public void AddHosts(int count)
    {
        var allocations = Facility.Allocations;
        for (var i = 0; i < count; i++)
        {
            var id = _edit.NewId();
            var cores = HostCores[i % HostCores.Length];
            var stat = new HostStat(new HostStatRow { Id = id });
            var allocation = allocations[i % allocations.Count];
            var row = new HostRow
            {
                Id = id,
                Number = i + 1,
                Name = $"host{i:000000}",
                Fqdn = $"host{i:000000}",
                AllocationId = allocation.Id,
                ThreadMode = ThreadMode.Auto,
                Total = new Resources(cores * 100, cores * 4 * Gib, 0, 0),
                HardwareTags = [Tag(i / allocations.Count % _tagSets)],
                Os = ["linux"],
            };
            _edit.Add(stat);
            _edit.Add(new Host(row, allocation, stat));
            EndBatchEvery(1000, i);
        }

        EndBatch();
    }

    /// <summary>Adds jobs of four layers.</summary>
    /// <param name="count">How many.</param>
    /// <param name="framesPerLayer">Frames of each layer.</param>
    /// <param name="finished">True for jobs whose frames are all done and in the store alone.</param>
    public void AddJobs(int count, int framesPerLayer, bool finished = false)
    {
        var shows = Farm.Shows.All.Where(s => s.Subscriptions.Count == Allocations).ToList();
        for (var i = 0; i < count; i++)
        {
            AddJob(shows[_jobs % shows.Count], framesPerLayer, finished);
            EndBatchEvery(50, i);
        }

        EndBatch();
    }

    private void AddShows()
    {
        for (var i = 1; i <= Allocations; i++)
        {
            _edit.Add(new Allocation(new AllocationRow(_edit.NewId(), Facility.Id, $"local.big{i}", $"big{i}", true, false), Facility));
        }

        foreach (var allocation in Facility.Allocations.Where(a => !a.Row.Name.StartsWith("local.big", StringComparison.Ordinal)).ToList())
        {
            foreach (var subscription in allocation.Subscriptions.Values.ToList())
            {
                _edit.Remove(subscription);
            }

            _edit.Remove(allocation);
        }

        for (var i = 0; i < Shows; i++)
        {
            var show = new Show(new ShowRow { Id = _edit.NewId(), Name = $"show{i}" });
            _edit.Add(show);
            _edit.Add(new Group(new GroupRow { Id = _edit.NewId(), ShowId = show.Id, ParentId = null, Name = show.Row.Name }, show));
            foreach (var allocation in Facility.Allocations)
            {
                _edit.Add(new Subscription(
                    new SubscriptionRow(_edit.NewId(), show.Id, allocation.Id, 100_000 * (1 + (i % 4)), int.MaxValue / 4), show, allocation));
            }
        }
    }

    private void AddJob(Show show, int framesPerLayer, bool finished)
    {
        var number = _jobs++;
        var row = new JobRow
        {
            Id = _edit.NewId(),
            Name = $"{show.Row.Name}-shot{number % 500:000}-user{number % 100}_job{number}",
            ShowId = show.Id,
            ShowAsWritten = show.Row.Name,
            GroupId = show.RootGroup.Id,
            FacilityId = Facility.Id,
            State = finished ? JobState.Finished : JobState.Pending,
            Shot = $"shot{number % 500:000}",
            User = $"user{number % 100}",
            LogDir = "/shots/logs",
            Priority = _random.Next(1, 200),
            MaxCores = int.MaxValue / 4,
            SubmittedAtMs = _edit.Now.WallMs + number,
        };
        var job = new Job(row, show, show.RootGroup, Facility);
        _edit.Add(job);
        for (var i = 0; i < LayersPerJob; i++)
        {
            AddLayer(job, i, framesPerLayer, finished);
        }
    }

    private void AddLayer(Job job, int number, int frames, bool finished)
    {
        var cores = FrameCores[_random.Next(FrameCores.Length)];
        var row = new LayerRow
        {
            Id = _edit.NewId(),
            JobId = job.Id,
            Name = $"layer{number}",
            Command = "/tools/render --frame #IFRAME#",
            Range = $"1-{frames}",
            DispatchOrder = number + 1,
            MinCores = cores * 100,
            MinMemoryKib = cores * Gib * (1 + _random.Next(3)),
            Tags = [Tag(_random.Next(_tagSets))],
            FrameCount = frames,
        };
        var usage = new LayerUsage(new LayerUsageRow { Id = row.Id });
        _edit.Add(usage);
        var chunks = FrameChunks.Of(FrameSet.Parse(row.Range), 1);
        if (finished)
        {
            var rest = new FramesAtRestRow(row.Id, Waiting: 0, Succeeded: frames, Dead: 0, Eaten: 0, Checkpoint: 0);
            var layer = new Layer(row, job, usage, chunks, rest);
            _edit.Add(layer);
            _edit.Add(new FramesAtRest(rest, layer));
            return;
        }

        var values = new Frame[frames];
        for (var i = 0; i < frames; i++)
        {
            values[i] = Frame.New(i, _edit.Now.WallMs) with { State = FrameState.Waiting };
        }

        _edit.Add(new Layer(row, job, usage, chunks, values));
    }

    private void EndBatchEvery(int count, int i)
    {
        if (i % count == count - 1)
        {
            EndBatch();
        }
    }

    private static string Tag(int set) => $"set{set:000}";
}
