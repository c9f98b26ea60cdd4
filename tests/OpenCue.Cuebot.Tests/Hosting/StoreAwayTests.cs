using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Hosting;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Protocol.V1;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Hosting;

/// <summary>A store that is not there: what callers get, and that the server goes on by itself.</summary>
public sealed class StoreAwayTests
{
    [Fact]
    public async Task While_the_farm_is_being_loaded_ports_are_open_and_calls_are_unavailable()
    {
        var there = false;
        var store = new MemoryStore { OnTakeOver = () => Volatile.Read(ref there) ? null : new StoreUnavailableException("no connection") };
        await using var server = await TestServer.StartLoadingAsync(new PatientStore(
            store, Timeout.InfiniteTimeSpan, TimeProvider.System, NullLogger<PatientStore>.Instance));

        await RpcAssert.FailsAsync(StatusCode.Unavailable, "loading", server.Cue.GetSystemStatsAsync(new()));
        await RpcAssert.FailsAsync(StatusCode.Unavailable, "loading", server.Jobs.GetJobsAsync(new()));
        await RpcAssert.FailsAsync(StatusCode.Unavailable, "loading", server.Shows.CreateShowAsync(new() { Name = "new_show" }));
        Assert.Equal("NOT_SERVING", await HealthAsync(server));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Web.GetAsync("/healthz")).StatusCode);
        var status = await server.Admin.GetStatusAsync(new());
        Assert.Equal((ServerState.Loading, "no connection"), (status.State, status.Reason));
        Assert.Null(status.Counts);

        Volatile.Write(ref there, true);
        await server.WaitForAsync(EngineState.Running);
        Assert.Single((await server.Shows.GetShowsAsync(new())).Shows.Shows);
        await Eventually.TrueAsync(async () => await HealthAsync(server) == "SERVING", "the server is serving");
        Assert.Equal("serving\n", await server.Web.GetStringAsync("/healthz"));
    }

    [Fact]
    public async Task While_the_store_is_away_actions_wait_and_queries_say_that_they_are_stale()
    {
        var away = false;
        var store = new MemoryStore { OnCommit = _ => Volatile.Read(ref away) ? StoreFault.Unavailable : null };
        await using var server = await TestServer.StartAsync(store);
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));

        Volatile.Write(ref away, true);
        var pause = server.Jobs.PauseAsync(new() { Job = job });
        await server.WaitForAsync(EngineState.Unavailable);
        var impatient = server.Jobs.SetPriorityAsync(new() { Job = job, Val = 5 }, deadline: TimeProvider.System.GetUtcNow().AddMilliseconds(300).UtcDateTime);
        var failure = await Assert.ThrowsAnyAsync<RpcException>(async () => await impatient);
        Assert.True(failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded, failure.Status.ToString());

        var query = server.Jobs.GetJobAsync(new() { Id = job.Id });
        Assert.False((await query).Job.IsPaused);
        Assert.Equal("true", query.GetTrailers().GetValue("opencue-stale"));
        Assert.Equal(ServerState.StoreAway, (await server.Admin.GetStatusAsync(new())).State);
        await Eventually.TrueAsync(async () => await HealthAsync(server) == "NOT_SERVING", "the server says that it is not serving");
        Assert.False(pause.ResponseAsync.IsCompleted);

        Volatile.Write(ref away, false);
        await pause;
        query = server.Jobs.GetJobAsync(new() { Id = job.Id });
        Assert.True((await query).Job.IsPaused);
        Assert.Null(query.GetTrailers().GetValue("opencue-stale"));
        Assert.Equal(job.Priority, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.Priority);
    }

    [Fact]
    public async Task A_launch_whose_caller_goes_away_while_the_store_stalls_gives_its_name_back()
    {
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stalls = false;
        var store = new MemoryStore { OnCommit = _ => Volatile.Read(ref stalls) ? StoreFault.Stall(back.Task) : null };
        await using var server = await TestServer.StartAsync(store);
        await server.LaunchAsync("first", SpecText.Layer("render"));

        Volatile.Write(ref stalls, true);
        await Assert.ThrowsAnyAsync<RpcException>(async () => await server.Jobs.LaunchSpecAndWaitAsync(
            new() { Spec = JobSpecWriter.Write(SpecText.Of("comp", SpecText.Layer("render"))) },
            deadline: TimeProvider.System.GetUtcNow().AddMilliseconds(500).UtcDateTime));
        Volatile.Write(ref stalls, false);
        back.SetResult();

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await server.LaunchAsync("comp", SpecText.Layer("render"))).Name.Length > 0;
                }
                catch (RpcException)
                {
                    // The server may have been done before it heard that its caller had gone.
                    return (await server.Jobs.GetJobsAsync(new())).Jobs.Jobs.Any(j => j.Name.EndsWith("_comp", StringComparison.Ordinal));
                }
            },
            "the name is free, or the job is there");
    }

    [Fact]
    public async Task What_was_answered_is_there_after_a_restart()
    {
        var database = new MemoryDatabase();
        Wire.Job job;
        await using (var first = await TestServer.StartAsync(new MemoryStore(database)))
        {
            job = await first.LaunchAsync("comp", SpecText.Layer("render", "1-3"));
            await first.Jobs.SetPriorityAsync(new() { Job = job, Val = 9 });
        }

        await using var second = await TestServer.StartAsync(new MemoryStore(database));
        var found = (await second.Jobs.GetJobAsync(new() { Id = job.Id })).Job;
        Assert.Equal((9, 3), (found.Priority, found.JobStats.WaitingFrames));
        Assert.Empty((await second.Admin.VerifyAsync(new())).Problems);
    }

    private static async Task<string> HealthAsync(TestServer server)
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await server.Web.PostAsync("/grpc.health.v1.Health/Check", body);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("status").GetString()!;
    }
}
