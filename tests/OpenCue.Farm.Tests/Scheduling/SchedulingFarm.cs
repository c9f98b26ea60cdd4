using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;
using OpenCue.Specs;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>A seeded farm with a scheduler, to which a test adds hosts and work in a line each.</summary>
internal sealed class SchedulingFarm
{
    private readonly FarmEdit _edit;
    private long _engineMs = 1_000_000;
    private int _number;

    public SchedulingFarm(FarmSettings? settings = null, SchedulingPolicies? policies = null)
    {
        Farm = new FarmModel { Settings = settings ?? new FarmSettings() };
        _edit = new FarmEdit(Farm, new IdSource(1), 1);
        Begin();
        FarmSeed.Apply(_edit);
        Scheduler = new Scheduler(Farm, policies ?? new SchedulingPolicies());
    }

    public FarmModel Farm { get; }

    public Scheduler Scheduler { get; }

    public FarmEdit Edit
    {
        get
        {
            Begin();
            return _edit;
        }
    }

    public Show Show => Farm.Shows.Find("testing")!;

    public Allocation General => Farm.Allocations.Find("local.general")!;

    public long WallMs => 1_790_000_000_000 + _engineMs;

    public void Pass(int most = int.MaxValue) => Scheduler.Pass(Edit, () => true, most);

    public void GoOn(long ms) => _engineMs += ms;

    public Host Host(
        string name, int cores = 800, int memoryGib = 32, int gpus = 0, ThreadMode mode = ThreadMode.Auto, string[]? tags = null, string os = "linux",
        Allocation? allocation = null)
    {
        var id = Edit.NewId();
        var stat = new HostStat(new HostStatRow { Id = id });
        var host = new Host(
            new HostRow
            {
                Id = id,
                Number = ++_number,
                Name = name,
                AllocationId = (allocation ?? General).Id,
                ThreadMode = mode,
                Total = new Resources(cores, memoryGib * 1048576L, gpus, gpus * 16 * 1048576L),
                HardwareTags = (tags ?? []).ToValueList(),
                Os = [os],
            },
            allocation ?? General,
            stat);
        _edit.Add(stat);
        _edit.Add(host);
        return host;
    }

    public Layer Work(
        string name, int frames = 1, int minCores = 100, int memoryGib = 1, int priority = 1, string[]? tags = null, bool threadable = false,
        int gpus = 0, string? os = null, Job? of = null, Show? show = null, Limit? limit = null, Func<LayerRow, LayerRow>? with = null,
        Func<JobRow, JobRow>? withJob = null)
    {
        var job = of ?? Job(name, priority, os, show ?? Show, withJob);
        var row = new LayerRow
        {
            Id = Edit.NewId(),
            JobId = job.Id,
            Name = name,
            Command = "true",
            Range = $"1-{frames}",
            DispatchOrder = job.Layers.Count + 1,
            MinCores = minCores,
            MinMemoryKib = memoryGib * 1048576L,
            MinGpus = gpus,
            Threadable = threadable,
            Tags = (tags ?? ["general"]).ToValueList(),
            LimitIds = limit is null ? [] : [limit.Id],
            FrameCount = frames,
        };
        row = with?.Invoke(row) ?? row;
        var values = new Frame[frames];
        for (var i = 0; i < frames; i++)
        {
            values[i] = Frame.New(i, WallMs) with { State = FrameState.Waiting };
        }

        var usage = new LayerUsage(new LayerUsageRow { Id = row.Id });
        var layer = new Layer(row, job, usage, FrameChunks.Of(FrameSet.Parse(row.Range), 1), values);
        _edit.Add(usage);
        _edit.Add(layer);
        return layer;
    }

    public Limit Limit(string name, int max, LimitKind kind = LimitKind.Frame)
    {
        var limit = new Limit(new LimitRow(Edit.NewId(), name, max, kind));
        _edit.Add(limit);
        return limit;
    }

    public Allocation NewAllocation(string name)
    {
        var edit = Edit;
        var allocation = new Allocation(new AllocationRow(edit.NewId(), General.Facility.Id, name, "second", false, false), General.Facility);
        edit.Add(allocation);
        return allocation;
    }

    public Show NewShow(string name, int size, int burst)
    {
        var edit = Edit;
        var show = new Show(new ShowRow { Id = edit.NewId(), Name = name });
        edit.Add(show);
        edit.Add(new Group(new GroupRow { Id = edit.NewId(), ShowId = show.Id, ParentId = null, Name = name }, show));
        Subscribe(show, General, size, burst);
        return show;
    }

    public void Subscribe(Show show, Allocation allocation, int size, int burst)
    {
        if (allocation.Subscriptions.TryGetValue(show.Id, out var there))
        {
            Edit.Set(there, there.Row with { Size = size, Burst = burst });
            return;
        }

        var edit = Edit;
        edit.Add(new Subscription(new SubscriptionRow(edit.NewId(), show.Id, allocation.Id, size, burst), show, allocation));
    }

    /// <summary>Ends a run, and lets its place go on or back, as a completion report would.</summary>
    public ProcFate Finish(Layer layer, int ordinal, int exitStatus = 0)
    {
        var run = layer.Runs[ordinal];
        var result = FrameCompletion.Apply(Edit, run, new RunOutcome { End = RunEnd.Completed, ExitStatus = exitStatus, RunSeconds = Math.Max(1, (WallMs - run.Row.BookedAtMs) / 1000) });
        return ProcDisposition.AfterRun(_edit, Scheduler, result);
    }

    /// <summary>Host names by frame of a layer, in frame order; "-" for frames that don't run.</summary>
    public static string Places(Layer layer) => string.Join(
        ' ', Enumerable.Range(0, layer.Frames.Length).Select(i => layer.Runs.TryGetValue(i, out var run) ? run.Host.Row.Name : "-"));

    private Job Job(string name, int priority, string? os, Show show, Func<JobRow, JobRow>? with)
    {
        var row = new JobRow
        {
            Id = Edit.NewId(),
            Name = $"{show.Row.Name}-s-u_{name}",
            ShowId = show.Id,
            ShowAsWritten = show.Row.Name,
            GroupId = show.RootGroup.Id,
            FacilityId = General.Facility.Id,
            State = JobState.Pending,
            Shot = "s",
            User = "u",
            Os = os,
            LogDir = "/logs",
            Priority = priority,
            SubmittedAtMs = WallMs,
        };
        row = with?.Invoke(row) ?? row;
        var job = new Job(row, show, show.RootGroup, Farm.Facilities.All.Single(f => f.Id == row.FacilityId));
        _edit.Add(job);
        return job;
    }

    private void Begin() => _edit.Begin(new FarmTime(++_engineMs, WallMs), Actor.Scheduler);
}
