using System.Text;
using Grpc.Core;
using OpenCue.Cuebot.Api;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine;
using OpenCue.Protocol.V1;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using Explaining = OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class ExplainServiceTests
{
    [Fact]
    public void Codes_are_the_same_in_the_farm_and_on_the_wire()
    {
        Same<Explaining.ReasonCode, ReasonCode>();
        Same<Explaining.HostLack, HostLack>();
    }

    [Fact]
    public async Task Whatever_waits_is_explained_by_id_or_name()
    {
        await using var server = await TestServer.StartAsync();
        var explain = new ExplainInterface.ExplainInterfaceClient(server.Channel);
        await server.AddHostAsync("rnd1");
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-3") with { MinMemoryKib = 1048576 });
        await server.Jobs.PauseAsync(new() { Job = job });
        var layer = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();
        var frame = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "render", Frame = 2 })).Frame;

        var ofFrame = await explain.ExplainFrameAsync(new() { FrameId = frame.Id });
        var ofLayer = await explain.ExplainLayerAsync(new() { LayerId = layer.Id });
        var ofJob = await explain.ExplainJobAsync(new() { Job = job.Name });
        var ofShow = await explain.ExplainShowAsync(new() { Show = "testing" });
        var ofHost = await explain.ExplainHostAsync(new() { Host = "rnd1" });

        Assert.Equal(("0002-render", "render", job.Name), (ofFrame.Frame, ofFrame.Layer, ofFrame.Job));
        if (frame.State == Wire.FrameState.Waiting)
        {
            Assert.Equal((ReasonCode.JobPaused, job.Name), (ofFrame.Reasons[0].Code, ofFrame.Reasons[0].Subject));
        }

        Assert.Equal(3, ofLayer.Groups.Sum(group => group.Frames));
        Assert.Equal(3, ofJob.Groups.Sum(group => group.Frames));
        Assert.Equal(ofJob, await explain.ExplainJobAsync(new() { Job = job.Id }));
        Assert.Contains(ofShow.Shares, share => share.Allocation == "local.general" && share.Hosts == 1);
        Assert.Equal("rnd1", ofHost.Host);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var server = await TestServer.StartAsync();
        var explain = new ExplainInterface.ExplainInterfaceClient(server.Channel);
        var id = "00000000-0000-0000-0000-000000000001";

        await RpcAssert.FailsAsync(StatusCode.NotFound, "Frame not found", explain.ExplainFrameAsync(new() { FrameId = id }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Layer not found", explain.ExplainLayerAsync(new() { LayerId = id }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", explain.ExplainJobAsync(new() { Job = "no such job" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Show not found", explain.ExplainShowAsync(new() { Show = "no such show" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Host not found", explain.ExplainHostAsync(new() { Host = "" }));
    }

    [Fact]
    public async Task A_submission_that_no_host_can_run_is_accepted_with_a_warning()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("rnd1", memoryGib: 64);
        var spec = JobSpecWriter.Write(SpecText.Of("comp", SpecText.Layer("fat") with { MinMemoryKib = 900L * 1048576 }, SpecText.Layer("fine")));

        using var call = server.Jobs.LaunchSpecAndWaitAsync(new() { Spec = spec });
        var job = Assert.Single((await call).Jobs.Jobs);

        var warnings = call.GetTrailers().GetAll(JobLauncher.WarningTrailer).Select(entry => Encoding.UTF8.GetString(entry.ValueBytes)).ToList();
        Assert.Contains(
            warnings,
            text => text.StartsWith($"the layer fat of {job.Name} waits until the farm changes, no host can run it: A frame needs 900.0 GiB", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, text => text.Contains("layer fine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_submission_to_a_farm_that_is_being_set_up_is_not_warned_of()
    {
        await using var server = await TestServer.StartAsync();

        using var call = server.Jobs.LaunchSpecAsync(new() { Spec = JobSpecWriter.Write(SpecText.Of("comp", SpecText.Layer("render"))) });
        await call;

        Assert.Empty(call.GetTrailers().GetAll(JobLauncher.WarningTrailer));
    }

    [Fact]
    public async Task Ten_thousand_tags_are_refused_wherever_they_come_from()
    {
        await using var server = await TestServer.StartAsync();
        var tags = Enumerable.Range(0, 10_000).Select(i => $"tag{i}").ToArray();
        var spec = JobSpecWriter.Write(SpecText.Of("comp", SpecText.Layer("render") with { Tags = [.. tags] }));
        var job = await server.LaunchAsync("other", SpecText.Layer("render"));
        var layer = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();

        await RpcAssert.FailsAsync(StatusCode.Internal, "a layer may have 128 tags at most", server.Jobs.LaunchSpecAsync(new() { Spec = spec }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "128 are the most", server.Layers.SetTagsAsync(new() { Layer = layer, Tags = { tags } }));
    }

    [Fact]
    public async Task Many_who_ask_at_once_are_all_answered_while_the_farm_changes()
    {
        await using var server = await TestServer.StartAsync();
        var explain = new ExplainInterface.ExplainInterfaceClient(server.Channel);
        for (var i = 0; i < 20; i++)
        {
            await server.AddHostAsync($"rnd{i}");
        }

        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-500") with { MinMemoryKib = 1048576 });
        var asked = Enumerable.Range(0, 50).Select(async i => (await explain.ExplainJobAsync(new() { Job = job.Name })).Groups.Sum(group => group.Frames)).ToList();
        for (var i = 20; i < 40; i++)
        {
            await server.AddHostAsync($"rnd{i}");
        }

        Assert.All(await Task.WhenAll(asked), frames => Assert.Equal(500, frames));
        Assert.Equal(EngineState.Running, server.Engine.Status.State);
    }

    private static void Same<TFarm, TWire>()
        where TFarm : struct, Enum
        where TWire : struct, Enum
    {
        Assert.Equal(
            Enum.GetValues<TFarm>().Where(value => Convert.ToInt32(value) != 0).Select(value => (Convert.ToInt32(value), value.ToString())),
            Enum.GetValues<TWire>().Where(value => Convert.ToInt32(value) != 0).Select(value => (Convert.ToInt32(value), value.ToString())));
    }
}
