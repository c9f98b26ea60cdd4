using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Reports;
using OpenCue.Simulator.Running;
using OpenCue.Simulator.Traces;

namespace OpenCue.Simulator.Tests.Running;

public class SimulationTests
{
    private static readonly FarmPlan OneHost = new()
    {
        Hosts = [new HostClass { Name = "host", Cores = 4, MemoryGib = 32 }],
        Shows = [new ShowPlan { Name = "show", Subscriptions = [new SubscriptionPlan { Size = 4, Burst = 4 }] }],
    };

    [Fact]
    public async Task Frames_run_as_long_as_the_trace_says_and_wait_for_room()
    {
        // Four cores, frames of two: two at a time, two rounds of a minute.
        var report = await RunAsync(OneHost, Job("1", frames: 4, cores: 2, seconds: 60));
        Assert.Equal(4, report.Work.FramesDone);
        Assert.Equal([60.0], report.Waits.Take(1).Select(w => w.Max));
        Assert.Equal([120.0], report.Turnarounds.Take(1).Select(t => t.Max));
        Assert.Equal(8.0 / 60, report.Work.CoreHours, 2);
    }

    [Fact]
    public async Task A_frame_takes_the_recorded_runs_one_after_the_other()
    {
        TraceRun[] failing = [new(30, 0, 1), new(45, 0, 0)];
        var report = await RunAsync(OneHost, Job("1", frames: 1, cores: 1, seconds: 0) with { Layers = [Layer(1, [failing])] });
        Assert.Equal(1, report.Work.FramesDone);
        Assert.Equal((2, 1), (report.Work.Runs, report.Work.RunsFailed));
        Assert.Equal(75, report.Turnarounds[0].Max);
        Assert.Equal(30.0 / 3600, report.Work.CoreHoursWasted, 2);
    }

    [Fact]
    public async Task A_frame_whose_last_recorded_run_failed_is_given_up_and_what_waits_for_it_goes_on()
    {
        TraceRun[] dead = [new(30, 0, 1)];
        var job = Job("1", frames: 1, cores: 1, seconds: 0) with
        {
            Retries = 0,
            Layers = [Layer(1, [dead]), Layer(1, [[new TraceRun(10, 0, 0)]]) with { Name = "after" }],
            Depends = [new TraceDepend { Type = "LAYER_ON_LAYER", Layer = "after", OnLayer = "render" }],
        };
        var report = await RunAsync(OneHost, job);
        Assert.Equal((1, 1), (report.Work.FramesDone, report.Work.FramesGivenUp));
        Assert.Equal(1, report.Work.JobsDone);
    }

    [Fact]
    public async Task A_frame_that_ran_more_often_than_its_retries_allow_was_retried_by_a_person()
    {
        TraceRun[] stubborn = [new(5, 0, 1), new(5, 0, 1), new(5, 0, 1), new(5, 0, 0)];
        var report = await RunAsync(OneHost, Job("1", frames: 1, cores: 1, seconds: 0) with { Retries = 0, Layers = [Layer(1, [stubborn])] });
        Assert.Equal((4, 1), (report.Work.Runs, report.Work.FramesDone));
    }

    [Fact]
    public async Task A_depend_on_another_job_holds_until_that_is_done()
    {
        var second = Job("2", frames: 1, cores: 1, seconds: 10) with { Depends = [new TraceDepend { Type = "JOB_ON_JOB", OnJob = "1" }] };
        var report = await RunAsync(OneHost, Job("1", frames: 1, cores: 1, seconds: 100), second);
        Assert.Equal((2, 100.0, 110.0), (report.Turnarounds[0].Count, report.Turnarounds[0].P50, report.Turnarounds[0].Max));
    }

    [Fact]
    public async Task Jobs_of_one_name_may_meet()
    {
        var report = await RunAsync(OneHost, Job("1", frames: 1, cores: 1, seconds: 100), Job("2", frames: 1, cores: 1, seconds: 100) with { Name = "job_1" });
        Assert.Equal(2, report.Work.JobsDone);
    }

    [Fact]
    public async Task Work_that_can_never_run_ends_the_simulation_and_is_named()
    {
        var report = await RunAsync(OneHost, Job("1", frames: 3, cores: 1, seconds: 10) with { Layers = [Layer(3, 1, 10) with { Gpus = 1 }] });
        Assert.Equal(0, report.Work.FramesDone);
        var left = Assert.Single(report.Left);
        Assert.Equal(("render", 3), (left.Layer, left.Waiting));
    }

    [Fact]
    public async Task A_limit_bounds_what_runs()
    {
        var farm = OneHost with { Limits = [new LimitPlan { Name = "nuke", Max = 1 }] };
        var report = await RunAsync(farm, Job("1", 4, 1, 60) with { Layers = [Layer(4, 1, 60) with { Limits = ["nuke"] }] });
        Assert.Equal(240, report.Turnarounds[0].Max);
    }

    [Fact]
    public async Task A_cap_on_procs_of_a_host_bounds_what_runs()
    {
        var farm = OneHost with { Hosts = [OneHost.Hosts[0] with { MaxProcs = 1 }] };
        var report = await RunAsync(farm, Job("1", 3, 1, 60));
        Assert.Equal(180, report.Turnarounds[0].Max);
    }

    [Fact]
    public async Task Use_is_that_of_the_time_in_which_it_was_there()
    {
        var busy = Job("1", frames: 4, cores: 1, seconds: 600);
        var last = Job("2", frames: 1, cores: 1, seconds: 1) with { SubmitSeconds = 1200 };
        var report = await RunAsync(OneHost, busy, last);
        Assert.Equal(50, report.Utilisation.Cores);
        Assert.Equal([100.0, 100.0, 0.0, 0.0], report.Course.Cores.Take(4));
    }

    [Fact]
    public async Task Jobs_of_a_group_lie_in_it()
    {
        var farm = OneHost with { Shows = [OneHost.Shows[0] with { Groups = [new GroupPlan { Name = "fx", MaxCores = 1 }] }] };
        var report = await RunAsync(farm, Job("1", 2, 1, 60) with { Group = "fx" });
        Assert.Equal(120, report.Turnarounds[0].Max);
    }

    [Fact]
    public async Task The_farm_is_sound_after_every_batch()
    {
        var scenario = OpenCue.Simulator.Workloads.Scenarios.Load("small");
        var options = new SimulationOptions
        {
            Trace = new OpenCue.Simulator.Workloads.WorkloadMaker(scenario, 3).Make(0.3),
            Farm = scenario.Farm,
            CheckEvery = 1,
        };
        await using var simulation = new Simulation(options, TimeProvider.System);
        var report = simulation.Run(default);
        Assert.True(report.Engine.Checks > 100);
        Assert.Equal(report.Work.Jobs, report.Work.JobsDone);
    }

    private static async Task<RunReport> RunAsync(FarmPlan farm, params TraceJob[] jobs)
    {
        var trace = new Trace { Name = "test", Start = OpenCue.Simulator.VirtualTime.VirtualTimeProvider.UsualStart, Jobs = jobs };
        await using var simulation = new Simulation(new SimulationOptions { Trace = trace, Farm = farm, CheckEvery = 20 }, TimeProvider.System);
        return simulation.Run(default);
    }

    private static TraceJob Job(string id, int frames, decimal cores, decimal seconds) => new()
    {
        Id = id,
        Name = $"job_{id}",
        Show = "show",
        User = "ada",
        SubmitSeconds = 0,
        Layers = [Layer(frames, cores, seconds)],
    };

    private static TraceLayer Layer(int frames, decimal cores, decimal seconds) =>
        Layer(cores, [.. Enumerable.Range(0, frames).Select(_ => new[] { new TraceRun(seconds, 1024, 0) })]);

    private static TraceLayer Layer(decimal cores, IReadOnlyList<IReadOnlyList<TraceRun>> frames) => new()
    {
        Name = "render",
        Range = $"1-{frames.Count}",
        Cores = cores,
        Threadable = cores > 1,
        MemoryKib = 1048576,
        Frames = frames,
    };
}
