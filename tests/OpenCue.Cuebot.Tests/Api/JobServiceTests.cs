using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class JobServiceTests
{
    [Fact]
    public async Task A_launched_job_is_found_by_name_and_by_id_with_all_its_fields()
    {
        await using var server = await TestServer.StartAsync();
        var launched = await server.LaunchAsync("comp", SpecText.Layer("render", "1-10", chunk: 2), SpecText.Layer("encode", "1"));

        var job = (await server.Jobs.FindJobAsync(new() { Name = "Testing-Shot-Artist_Comp" })).Job;
        Assert.Equal(launched, job);
        Assert.Equal(job, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job);
        Assert.Equal(job, (await server.Jobs.GetCurrentAsync(new() { Job = new() { Id = job.Id } })).Job);
        Assert.Equal("testing-shot-artist_comp", job.Name);
        Assert.Equal(("testing", "shot", "artist", "testing"), (job.Show, job.Shot, job.User, job.Group));
        Assert.Equal("local", job.Facility);
        Assert.Equal(Wire.JobState.Pending, job.State);
        Assert.Equal(6, job.JobStats.TotalFrames);
        Assert.Equal((6, 6, 0), (job.JobStats.WaitingFrames, job.JobStats.PendingFrames, job.JobStats.RunningFrames));
        Assert.Equal(2, job.JobStats.TotalLayers);
        Assert.Equal($"/shots/testing/shot/logs/{job.Name}--{job.Id}", job.LogDir);
        Assert.True(job.StartTime > 0);
        Assert.Equal(0, job.StopTime);
        Assert.False(job.HasUid);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var server = await TestServer.StartAsync();
        var nobody = Guid.Empty.ToString();

        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Jobs.FindJobAsync(new() { Name = "nobody" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Jobs.GetJobAsync(new() { Id = nobody }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Jobs.GetJobAsync(new() { Id = "no id" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Jobs.KillAsync(new()));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Layer not found", server.Layers.GetLayerAsync(new() { Id = nobody }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Frame not found", server.Frames.GetFrameAsync(new() { Id = nobody }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Host not found", server.Hosts.FindHostAsync(new() { Name = "nobody" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Show not found", server.Shows.FindShowAsync(new() { Name = "nobody" }));
        Assert.False((await server.Jobs.IsJobPendingAsync(new() { Name = "nobody" })).Value);
    }

    [Fact]
    public async Task Jobs_are_listed_by_name_as_the_criteria_say()
    {
        await using var server = await TestServer.StartAsync();
        await server.LaunchAsync("zebra", SpecText.Layer("aaa"));
        await server.LaunchAsync("ant", SpecText.Layer("aaa"));
        var done = await server.LaunchAsync("done", SpecText.Layer("aaa"));
        await server.Jobs.KillAsync(new() { Job = done, Reason = "test" });

        Assert.Equal(["ant", "zebra"], await NamesAsync(new()));
        Assert.Equal(["ant", "done", "zebra"], await NamesAsync(new() { IncludeFinished = true }));
        Assert.Equal(["zebra"], await NamesAsync(new() { Regex = { "_z" } }));
        Assert.Equal(["ant", "zebra"], await NamesAsync(new() { Substr = { "_ant", "z%r" } }));
        Assert.Equal(["ant"], await NamesAsync(new() { Jobs = { "testing-shot-artist_ant" }, Users = { "artist" }, Shots = { "shot" }, Shows = { "testing" } }));
        Assert.Empty(await NamesAsync(new() { Users = { "nobody" } }));
        Assert.Equal(["done"], await NamesAsync(new() { Ids = { done.Id, "no id" }, IncludeFinished = true }));
        Assert.Empty(await NamesAsync(new() { Ids = { done.Id } }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "r.regex", server.Jobs.GetJobsAsync(new() { R = new() { Regex = { "(" } } }));

        async Task<string[]> NamesAsync(Wire.JobSearchCriteria criteria)
        {
            var jobs = (await server.Jobs.GetJobsAsync(new() { R = criteria })).Jobs.Jobs;
            var names = (await server.Jobs.GetJobNamesAsync(new() { R = criteria })).Names;
            Assert.Equal(jobs.Where(job => job.State == Wire.JobState.Pending).Select(job => job.Name), names);
            return [.. jobs.Select(job => job.Name["testing-shot-artist_".Length..])];
        }
    }

    [Fact]
    public async Task A_pattern_that_would_take_for_ever_is_refused_and_disturbs_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await server.LaunchAsync(new string('a', 100), SpecText.Layer("aaa"));

        // A back reference needs the slow way; on a long name it would take longer than the farm exists.
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Jobs.GetJobsAsync(new() { R = new() { Regex = { @"^.*_(a+)+\1(a+)+(a+)+(a+)+x$" } } }));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Single((await server.Jobs.GetJobsAsync(new())).Jobs.Jobs);
    }

    [Fact]
    public async Task A_job_that_is_killed_is_finished_and_gives_up_its_name()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));

        await server.Jobs.KillAsync(new() { Job = job, Username = "ann", Pid = "1", HostKill = "ws1", Reason = "wrong shot" });

        var killed = (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job;
        Assert.Equal(Wire.JobState.Finished, killed.State);
        Assert.True(killed.StopTime > 0);
        await RpcAssert.FailsAsync(StatusCode.NotFound, "only pending", server.Jobs.FindJobAsync(new() { Name = job.Name }));
        Assert.NotEqual(job.Id, (await server.LaunchAsync("comp", SpecText.Layer("render"))).Id);
    }

    [Fact]
    public async Task A_kill_without_a_reason_kills_unless_the_site_wants_one()
    {
        await using var lenient = await TestServer.StartAsync();
        var job = await lenient.LaunchAsync("comp", SpecText.Layer("render"));
        await lenient.Jobs.KillAsync(new() { Job = job });
        Assert.Equal(Wire.JobState.Finished, (await lenient.Jobs.GetJobAsync(new() { Id = job.Id })).Job.State);

        await using var strict = await TestServer.StartAsync(settings: new() { KillNeedsReason = true });
        job = await strict.LaunchAsync("comp", SpecText.Layer("render"));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "reason", strict.Jobs.KillAsync(new() { Job = job }));
        Assert.Equal(Wire.JobState.Pending, (await strict.Jobs.GetJobAsync(new() { Id = job.Id })).Job.State);
    }

    [Fact]
    public async Task Settings_of_a_job_are_stored_and_shown()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));

        await server.Jobs.PauseAsync(new() { Job = job });
        await server.Jobs.SetPriorityAsync(new() { Job = job, Val = 77 });
        await server.Jobs.SetMinCoresAsync(new() { Job = job, Val = 2.996f });
        await server.Jobs.SetMaxCoresAsync(new() { Job = job, Val = 1.5f });
        await server.Jobs.SetMinGpusAsync(new() { Job = job, Val = 1 });
        await server.Jobs.SetMaxGpusAsync(new() { Job = job, Val = 3 });
        await server.Jobs.SetAutoEatAsync(new() { Job = job, Value = true });
        var changed = (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job;

        Assert.True(changed.IsPaused);
        Assert.True(changed.AutoEat);
        Assert.Equal((77, 3f, 1f, 1f, 3f), (changed.Priority, changed.MinCores, changed.MaxCores, changed.MinGpus, changed.MaxGpus));
        await server.Jobs.ResumeAsync(new() { Job = job });
        Assert.False((await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.IsPaused);
        await RpcAssert.FailsAsync(StatusCode.Internal, "max retries must be less than 16", server.Jobs.SetMaxRetriesAsync(new() { Job = job, MaxRetries = 17 }));
    }

    [Fact]
    public async Task A_site_can_have_finished_jobs_left_alone()
    {
        await using var server = await TestServer.StartAsync(settings: new() { FinishedFramesReadonly = true });
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));
        await server.Jobs.KillAsync(new() { Job = job, Reason = "test" });

        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, "Finished jobs are readonly", server.Jobs.SetPriorityAsync(new() { Job = job, Val = 1 }));
        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, "Finished jobs are readonly", server.Jobs.RetryFramesAsync(new() { Job = job }));
        await server.Jobs.PauseAsync(new() { Job = job });
    }

    [Fact]
    public async Task Updated_frames_are_those_that_changed_since_the_last_look()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-3"), SpecText.Layer("encode", "1"));
        var layers = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers;
        var soon = (int)DateTimeOffset.FromUnixTimeSeconds(job.StartTime).ToUnixTimeSeconds();

        var all = await server.Jobs.GetUpdatedFramesAsync(new() { Job = job, LastCheck = soon - 30 });
        Assert.Equal(4, all.UpdatedFrames.UpdatedFrames.Count);
        Assert.Equal(Wire.JobState.Pending, all.State);
        Assert.True(all.ServerTime >= soon - 1);
        var some = await server.Jobs.GetUpdatedFramesAsync(new() { Job = job, LastCheck = soon - 30, LayerFilter = new() { Layers = { layers[1] } } });
        Assert.Single(some.UpdatedFrames.UpdatedFrames);
        Assert.Empty((await server.Jobs.GetUpdatedFramesAsync(new() { Job = job, LastCheck = soon + 100 })).UpdatedFrames.UpdatedFrames);
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "timestamp cannot be over a minute off", server.Jobs.GetUpdatedFramesAsync(new() { Job = job, LastCheck = soon - 600 }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Jobs.GetUpdatedFramesAsync(new() { LastCheck = soon }));
    }
}
