using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm.Hosts;
using OpenCue.TestKit;
using EntityId = OpenCue.Farm.EntityId;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class FrameServiceTests
{
    [Fact]
    public async Task A_frame_is_seen_waiting_running_and_succeeded()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "7"));
        var frame = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "render", Frame = 7 })).Frame;
        Assert.Equal(("0007-render", 7, "render"), (frame.Name, frame.Number, frame.LayerName));
        Assert.Equal((Wire.FrameState.Waiting, -1, 0, ""), (frame.State, frame.ExitStatus, frame.StartTime, frame.LastResource));
        Assert.Equal(job.StartTime, frame.SubmissionTime);

        await server.AddHostAsync("node1", cores: 4);
        var running = await server.WaitForFrameAsync(frame.Id, Wire.FrameState.Running);
        Assert.StartsWith("node1/", running.LastResource, StringComparison.Ordinal);
        Assert.True(running.StartTime > 0);
        Assert.Equal(0, running.StopTime);
        Assert.True(running.ReservedMemory > 0);
        var proc = Assert.Single((await server.Procs.GetProcsAsync(new())).Procs.Procs);
        Assert.Equal((frame.Name, job.Name, "testing", "testing"), (proc.FrameName, proc.JobName, proc.ShowName, proc.GroupName));
        Assert.Equal(running.LastResource, proc.Name);
        Assert.Equal($"{job.LogDir}/{job.Name}.0007-render.rqlog", proc.LogPath);
        Assert.Equal(["shell"], proc.Services);

        await server.CompleteAsync(frame.Id, runSeconds: 30);
        var done = await server.WaitForFrameAsync(frame.Id, Wire.FrameState.Succeeded);
        Assert.Equal((0, 1000, 30), (done.ExitStatus, done.MaxRss, done.TotalCoreTime));
        Assert.True(done.StopTime > 0);
        Assert.Empty((await server.Procs.GetProcsAsync(new())).Procs.Procs);
        var finished = (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job;
        Assert.Equal(Wire.JobState.Finished, finished.State);
        Assert.Equal((1, 1L, 30, 30), (finished.JobStats.SucceededFrames, finished.JobStats.RenderedFrameCount, finished.JobStats.AvgFrameSec, finished.JobStats.AvgCoreSec));
        var show = (await server.Shows.FindShowAsync(new() { Name = "testing" })).Show.ShowStats;
        Assert.Equal((0, 1L, 1L, 1L), (show.PendingJobs, show.CreatedJobCount, show.CreatedFrameCount, show.RenderedFrameCount));
    }

    [Fact]
    public async Task What_a_running_frame_uses_is_shown_as_its_host_reports_it()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));
        await server.AddHostAsync("node1");
        var frame = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "render", Frame = 1 })).Frame;
        await server.WaitForFrameAsync(frame.Id, Wire.FrameState.Running);
        var run = await server.DoAsync(edit => edit.Farm.Runs.Keys.Single());

        await server.ReportAsync(new HostReport
        {
            HostName = "node1",
            CorePoints = 400,
            TotalMemory = 64 * 1048576,
            FreeMemory = 60 * 1048576,
            Tags = ["general"],
            Frames =
            [
                new RunningFrameReport
                {
                    RunId = run,
                    FrameId = EntityId.Parse(frame.Id),
                    RssKib = 4000,
                    MaxRssKib = 5000,
                    PssKib = 3000,
                    MaxPssKib = 3500,
                    Children = new byte[] { 1, 2, 3 },
                },
            ],
        });

        var seen = (await server.Frames.GetFrameAsync(new() { Id = frame.Id })).Frame;
        Assert.Equal((4000, 5000, 3000, 3500), (seen.UsedMemory, seen.MaxRss, seen.UsedPss, seen.MaxPss));
        var proc = (await server.Procs.GetProcsAsync(new() { R = new() { Hosts = { "node1" }, Jobs = { job.Name } } })).Procs.Procs.Single();
        Assert.Equal(4000, proc.UsedMemory);
        Assert.Equal([1, 2, 3], proc.ChildProcesses.ToByteArray());
        Assert.Equal(5000, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.MaxRss);
        Assert.Equal(frame.Id, (await server.Procs.GetFrameAsync(new() { Proc = proc })).Frame.Id);
        Assert.Equal("render", (await server.Procs.GetLayerAsync(new() { Proc = proc })).Layer.Name);
        Assert.Equal(job.Id, (await server.Procs.GetJobAsync(new() { Proc = proc })).Job.Id);
        Assert.Equal("node1", (await server.Procs.GetHostAsync(new() { Proc = proc })).Host.Name);
    }

    [Fact]
    public async Task Pages_go_through_all_frames_with_layers_interleaved()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("long", "1-7"), SpecText.Layer("short", "1-3"), SpecText.Layer("one", "1"));

        var all = await NamesAsync(new() { Page = 1, Limit = 500 });
        Assert.Equal(["0001-long", "0001-short", "0001-one", "0002-long", "0002-short", "0003-long", "0003-short", "0004-long"], all[..8]);
        Assert.Equal(11, all.Length);
        Assert.Equal(all, await NamesAsync(new()));
        for (var limit = 1; limit <= 12; limit++)
        {
            var paged = new List<string>();
            for (var page = 1; page <= 12; page++)
            {
                paged.AddRange(await NamesAsync(new() { Page = page, Limit = limit }));
            }

            Assert.Equal(all, paged);

            // The same pages by looking at each frame.
            Assert.Equal(all[..Math.Min(limit, 11)], await NamesAsync(new() { Limit = limit, ChangeDate = 1 }));
        }

        await server.Layers.ReorderFramesAsync(new() { Layer = await LayerAsync("long"), Range = "5-6", Order = Wire.Order.First });
        Assert.Equal(["0005-long", "0006-long", "0001-long", "0001-short"], (await NamesAsync(new()))[..4]);

        async Task<string[]> NamesAsync(Wire.FrameSearchCriteria criteria) =>
            [.. (await server.Jobs.GetFramesAsync(new() { Job = job, Req = criteria })).Frames.Frames.Select(frame => frame.Name)];

        async Task<Wire.Layer> LayerAsync(string name) => (await server.Layers.FindLayerAsync(new() { Job = job.Name, Layer = name })).Layer;
    }

    [Fact]
    public async Task Frames_are_found_by_each_criterion()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-10"), SpecText.Layer("encode", "1-2"));
        var frames = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames;
        var fifth = frames.Single(frame => frame.Name == "0005-render");
        await server.Frames.EatAsync(new() { Frame = fifth });

        Assert.Equal(["0005-render"], await NamesAsync(new() { States = new() { FrameStates = { Wire.FrameState.Eaten, Wire.FrameState.Dead } } }));
        Assert.Equal(["0005-render"], await NamesAsync(new() { Ids = { fifth.Id } }));
        Assert.Equal(["0002-encode"], await NamesAsync(new() { Frames = { "0002-encode", "nothing" } }));
        Assert.Equal(["0001-encode", "0002-encode"], await NamesAsync(new() { Layers = { "encode" } }));
        Assert.Equal(["0003-render", "0004-render"], await NamesAsync(new() { FrameRange = "3-4" }));
        Assert.Equal(["0001-render", "0003-render"], await NamesAsync(new() { FrameRange = "1-3x2", Layers = { "render" } }));
        Assert.Equal(12, (await NamesAsync(new() { FrameRange = "1-2000000000" })).Length);
        Assert.Equal(["0005-render"], await NamesAsync(new() { DurationRange = "0-1" }));
        Assert.Empty(await NamesAsync(new() { MemoryRange = "2" }));
        Assert.Equal(12, (await NamesAsync(new() { MemoryRange = "0-1.5" })).Length);
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "memory_range", Get(new() { MemoryRange = "lots" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "duration_range", Get(new() { DurationRange = "1-2-3" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "frame_range", Get(new() { FrameRange = "1-3z2" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "frame_range", Get(new() { FrameRange = "1-1000000000x1" }));

        AsyncUnaryCall<Wire.JobGetFramesResponse> Get(Wire.FrameSearchCriteria criteria) => server.Jobs.GetFramesAsync(new() { Job = job, Req = criteria });

        async Task<string[]> NamesAsync(Wire.FrameSearchCriteria criteria) => [.. (await Get(criteria)).Frames.Frames.Select(frame => frame.Name)];
    }

    [Fact]
    public async Task Eating_and_retrying_frames_is_done_when_it_is_answered_if_they_are_few()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-3"), SpecText.Layer("encode", "1"));

        await server.Jobs.EatFramesAsync(new() { Job = job, Req = new() { Layers = { "render" } } });
        Assert.Equal(3, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.EatenFrames);
        await server.Jobs.RetryFramesAsync(new() { Job = job, Req = new() { States = new() { FrameStates = { Wire.FrameState.Eaten } } } });
        Assert.Equal(4, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.WaitingFrames);

        await server.Layers.EatFramesAsync(new() { Layer = (await server.Layers.FindLayerAsync(new() { Job = job.Name, Layer = "encode" })).Layer });
        Assert.Equal(1, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.EatenFrames);
    }

    [Fact]
    public async Task Eating_very_many_frames_is_done_soon_after_it_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-5000"), SpecText.Layer("encode", "1"));

        await server.Jobs.EatFramesAsync(new() { Job = job, Req = new() { Layers = { "render" } } });

        var frames = (await server.Jobs.GetFramesAsync(new() { Job = job, Req = new() { Page = 5, Limit = 1000, Layers = { "render" } } })).Frames.Frames;
        await server.WaitForFrameAsync(frames[^1].Id, Wire.FrameState.Eaten);
        Assert.Equal(5000, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.EatenFrames);
    }

    [Fact]
    public async Task Killing_a_running_frame_orders_its_death_and_leaves_it_running_until_it_is_dead()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-2"));
        await server.AddHostAsync("node1");
        var frames = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames;
        await server.WaitForFrameAsync(frames[0].Id, Wire.FrameState.Running);

        await server.Frames.KillAsync(new() { Frame = frames[0], Username = "ann", Reason = "too slow" });

        Assert.Equal(Wire.FrameState.Running, (await server.Frames.GetFrameAsync(new() { Id = frames[0].Id })).Frame.State);
        var order = await server.DoAsync(edit => edit.Farm.Runs.Values.Single(run => run.FrameId.ToString() == frames[0].Id).Row.Kill!);
        Assert.Equal(("too slow", "ann"), (order.Reason, order.By));
        Assert.True((await server.Procs.GetProcsAsync(new())).Procs.Procs.Single(proc => proc.FrameName == frames[0].Name).Unbooked);
    }
}
