using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class DependServiceTests
{
    [Fact]
    public async Task Depends_are_listed_from_both_ends_with_names_and_kinds()
    {
        await using var server = await TestServer.StartAsync();
        var job = (await server.LaunchAsync(SpecText.Of("comp", SpecText.Layer("render", "1-4"), SpecText.Layer("encode", "1"), SpecText.Layer("preview", "1-4"))
            .With(SpecText.Depend("LAYER_ON_LAYER", "comp/encode", "comp/render"), SpecText.Depend("FRAME_BY_FRAME", "comp/preview", "comp/render"))))[0];
        var other = (await server.LaunchAsync(SpecText.Of("later", SpecText.Layer("render", "1"))))[0];
        var onJob = (await server.Jobs.CreateDependencyOnJobAsync(new() { Job = other, OnJob = job })).Depend;

        var own = (await server.Jobs.GetDependsAsync(new() { Job = job })).Depends.Depends;
        Assert.Equal([Wire.DependType.LayerOnLayer, Wire.DependType.FrameByFrame], own.Select(depend => depend.Type).Order());
        Assert.All(own, depend => Assert.Equal((true, Wire.DependTarget.Internal, job.Name, "render"), (depend.Active, depend.Target, depend.DependOnJob, depend.DependOnLayer)));
        Assert.Equal((Wire.DependType.JobOnJob, Wire.DependTarget.External, other.Name, job.Name), (onJob.Type, onJob.Target, onJob.DependErJob, onJob.DependOnJob));
        Assert.Equal([onJob], (await server.Jobs.GetWhatThisDependsOnAsync(new() { Job = other })).Depends.Depends);
        Assert.Empty((await server.Jobs.GetWhatThisDependsOnAsync(new() { Job = job })).Depends.Depends);
        Assert.Equal(3, (await server.Jobs.GetWhatDependsOnThisAsync(new() { Job = job })).Depends.Depends.Count);
        Assert.Equal(onJob, (await server.Depends.GetDependAsync(new() { Id = onJob.Id })).Depend);

        var layers = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers;
        Assert.Equal(2, (await server.Layers.GetWhatDependsOnThisAsync(new() { Layer = layers[0] })).Depends.Depends.Count);
        Assert.Single((await server.Layers.GetWhatThisDependsOnAsync(new() { Layer = layers[1] })).Depends.Depends);
    }

    [Fact]
    public async Task Frames_joined_pairwise_show_depends_of_their_own_that_can_be_satisfied_one_by_one()
    {
        await using var server = await TestServer.StartAsync();
        var job = (await server.LaunchAsync(SpecText.Of("comp", SpecText.Layer("render", "1-4"), SpecText.Layer("preview", "1-4"))
            .With(SpecText.Depend("FRAME_BY_FRAME", "comp/preview", "comp/render"))))[0];
        var second = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "preview", Frame = 2 })).Frame;
        var on = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "render", Frame = 2 })).Frame;
        Assert.Equal(Wire.FrameState.Depend, second.State);

        var edge = (await server.Frames.GetWhatThisDependsOnAsync(new() { Frame = second })).Depends.Depends.Single();
        Assert.Equal(
            (Wire.DependType.FrameOnFrame, true, "0002-preview", "0002-render"), (edge.Type, edge.Active, edge.DependErFrame, edge.DependOnFrame));
        Assert.Equal([edge], (await server.Frames.GetWhatDependsOnThisAsync(new() { Frame = on })).Depends.Depends);
        Assert.Equal(edge, (await server.Depends.GetDependAsync(new() { Id = edge.Id })).Depend);

        await server.Depends.SatisfyAsync(new() { Depend = edge });
        Assert.Equal(Wire.FrameState.Waiting, (await server.Frames.GetFrameAsync(new() { Id = second.Id })).Frame.State);
        Assert.False((await server.Depends.GetDependAsync(new() { Id = edge.Id })).Depend.Active);
        await server.Depends.UnsatisfyAsync(new() { Depend = edge });
        Assert.Equal(Wire.FrameState.Depend, (await server.Frames.GetFrameAsync(new() { Id = second.Id })).Frame.State);
    }

    [Fact]
    public async Task Frames_held_by_a_depend_go_on_when_a_person_says_so()
    {
        await using var server = await TestServer.StartAsync();
        var job = (await server.LaunchAsync(SpecText.Of("comp", SpecText.Layer("render", "1-2"), SpecText.Layer("encode", "1-3"))
            .With(SpecText.Depend("LAYER_ON_LAYER", "comp/encode", "comp/render"))))[0];
        Assert.Equal(3, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.DependFrames);
        var first = (await server.Frames.FindFrameAsync(new() { Job = job.Name, Layer = "encode", Frame = 1 })).Frame;

        await server.Frames.MarkAsWaitingAsync(new() { Frame = first });
        Assert.Equal(2, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.DependFrames);
        await server.Frames.MarkAsDependAsync(new() { Frame = first });
        Assert.Equal(3, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.DependFrames);
        await server.Jobs.MarkAsWaitingAsync(new() { Job = job });
        Assert.Equal(0, (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.DependFrames);
        Assert.True((await server.Jobs.GetDependsAsync(new() { Job = job })).Depends.Depends.Single().Active);
        await server.Layers.DropDependsAsync(new() { Layer = new() { Id = Layer(first.Id) }, Target = Wire.DependTarget.AnyTarget });
        Assert.False((await server.Jobs.GetDependsAsync(new() { Job = job })).Depends.Depends.Single().Active);

        static string Layer(string frame) => OpenCue.Farm.EntityId.Parse(frame).Layer.ToString();
    }

    [Fact]
    public async Task A_depend_that_can_never_be_met_is_refused_in_the_words_that_clients_know()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));

        await RpcAssert.FailsAsync(StatusCode.Internal, "can't depend on itself", server.Jobs.CreateDependencyOnJobAsync(new() { Job = job, OnJob = job }));
        var done = await server.LaunchAsync("done", SpecText.Layer("render", "1"));
        await server.Jobs.KillAsync(new() { Job = done, Reason = "test" });
        await RpcAssert.FailsAsync(
            StatusCode.Internal, "The job you are depending on is already complete.", server.Jobs.CreateDependencyOnJobAsync(new() { Job = job, OnJob = done }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Depend not found", server.Depends.GetDependAsync(new() { Id = job.Id }));
    }
}
