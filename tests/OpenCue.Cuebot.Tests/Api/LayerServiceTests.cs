using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm.Limits;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class LayerServiceTests
{
    [Fact]
    public async Task A_layer_is_found_by_names_and_by_id_with_all_its_fields()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-10", chunk: 3));

        var layer = (await server.Layers.FindLayerAsync(new() { Job = job.Name, Layer = "render" })).Layer;
        Assert.Equal(layer, (await server.Layers.GetLayerAsync(new() { Id = layer.Id })).Layer);
        Assert.Equal([layer], (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers);
        Assert.Equal(("render", "1-10", 3, "true", job.Id), (layer.Name, layer.Range, layer.ChunkSize, layer.Command, layer.ParentId));
        Assert.Equal((1f, 3355443L, Wire.LayerType.Render, 1), (layer.MinCores, layer.MinMemory, layer.Type, layer.DispatchOrder));
        Assert.Equal((4, 4, 0, 0), (layer.LayerStats.TotalFrames, layer.LayerStats.WaitingFrames, layer.StartTime, layer.StopTime));
        Assert.Empty(layer.Limits);
        Assert.True(layer.EligibleTime > 0);
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Layer not found", server.Layers.FindLayerAsync(new() { Job = job.Name, Layer = "other" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Job not found", server.Layers.FindLayerAsync(new() { Job = "other", Layer = "render" }));
    }

    [Fact]
    public async Task Settings_of_a_layer_are_stored_and_shown()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));
        var layer = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();
        var soon = job.StartTime + 3600;

        await server.Layers.SetTagsAsync(new() { Layer = layer, Tags = { "gpu", "", "gpu", "linux" } });
        await server.Layers.SetMinCoresAsync(new() { Layer = layer, Cores = 1.5f });
        await server.Layers.SetMaxCoresAsync(new() { Layer = layer, Cores = 8 });
        await server.Layers.SetThreadableAsync(new() { Layer = layer, Threadable = true });
        await server.Layers.SetMinMemoryAsync(new() { Layer = layer, Memory = 1000 });
        await server.Layers.EnableMemoryOptimizerAsync(new() { Layer = layer, Value = false });
        await server.Layers.SetMinGpusAsync(new() { Layer = layer, MinGpus = 1 });
        await server.Layers.SetMaxGpusAsync(new() { Layer = layer, MaxGpus = 2 });
        await server.Layers.SetMinGpuMemoryAsync(new() { Layer = layer, GpuMemory = 4096 });
        await server.Layers.SetDispatchOrderAsync(new() { Layer = layer, Order = 3 });
        await server.Layers.SetTimeoutAsync(new() { Layer = layer, Timeout = 60 });
        await server.Layers.SetTimeoutLLUAsync(new() { Layer = layer, TimeoutLlu = 10 });
        await server.Layers.SetStartAfterAsync(new() { Layer = layer, StartAfter = soon, Username = "ann" });
        await server.Layers.RegisterOutputPathAsync(new() { Layer = layer, Spec = "/shots/out.####.exr" });
        await server.Layers.RegisterOutputPathAsync(new() { Layer = layer, Spec = "/shots/out.####.exr" });

        var changed = (await server.Layers.GetLayerAsync(new() { Id = layer.Id })).Layer;
        Assert.Equal(["gpu", "linux"], changed.Tags);
        Assert.Equal((1.5f, 8f, true, 262144L, false), (changed.MinCores, changed.MaxCores, changed.IsThreadable, changed.MinMemory, changed.MemoryOptimizerEnabled));
        Assert.Equal((1f, 2f, 4096L, 3, 60, 10), (changed.MinGpus, changed.MaxGpus, changed.MinGpuMemory, changed.DispatchOrder, changed.Timeout, changed.TimeoutLlu));
        Assert.Equal((soon, "Set by ann"), ((int)changed.StartAfter, changed.StartAfterReason));
        Assert.Equal(["/shots/out.####.exr"], (await server.Layers.GetOutputPathsAsync(new() { Layer = layer })).OutputPaths);
        await server.Layers.SetMinCoresAsync(new() { Layer = layer, Cores = -1 });
        Assert.Equal(1f, (await server.Layers.GetLayerAsync(new() { Id = layer.Id })).Layer.MinCores);
    }

    [Fact]
    public async Task What_a_layer_can_not_have_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));
        var layer = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();

        await RpcAssert.FailsAsync(StatusCode.Internal, "Layers must have at least one tag.", server.Layers.SetTagsAsync(new() { Layer = layer, Tags = { "" } }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "1 or more", server.Layers.SetDispatchOrderAsync(new() { Layer = layer }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "memory is -5 KiB", server.Layers.SetMinMemoryAsync(new() { Layer = layer, Memory = -5 }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "cores is no finite", server.Layers.SetMinCoresAsync(new() { Layer = layer, Cores = float.NaN }));
        await RpcAssert.FailsAsync(
            StatusCode.InvalidArgument, "milliseconds", server.Layers.SetStartAfterAsync(new() { StartAfter = 1_800_000_000_000, Username = "ann" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Limit not found", server.Layers.AddLimitAsync(new() { Layer = layer, LimitId = layer.Id }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "spec has a control", server.Layers.RegisterOutputPathAsync(new() { Layer = layer, Spec = "a\nb" }));
        await RpcAssert.FailsAsync(StatusCode.Unimplemented, "SetMinGpu", server.Layers.SetMinGpuAsync(new()));
    }

    [Fact]
    public async Task A_layer_is_put_under_a_limit_and_taken_from_under_it()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));
        var layer = (await server.Jobs.GetLayersAsync(new() { Job = job })).Layers.Layers.Single();
        var id = await server.DoAsync(edit =>
        {
            var limit = new Limit(new LimitRow(edit.NewId(), "nuke", 2));
            edit.Add(limit);
            return limit.Id.ToString();
        });

        await server.Layers.AddLimitAsync(new() { Layer = layer, LimitId = id });
        Assert.Equal(["nuke"], (await server.Layers.GetLayerAsync(new() { Id = layer.Id })).Layer.Limits);
        var limit = (await server.Limits.FindAsync(new() { Name = "nuke" })).Limit;
        Assert.Equal((id, 2, 0), (limit.Id, limit.MaxValue, limit.CurrentRunning));
        Assert.Equal([limit], (await server.Layers.GetLimitsAsync(new() { Layer = layer })).Limits);
        Assert.Equal(limit, (await server.Limits.GetAsync(new() { Id = id })).Limit);
        Assert.Equal([limit], (await server.Limits.GetAllAsync(new())).Limits);
        await server.AddHostAsync("node1", cores: 8);
        await Eventually.TrueAsync(
            async () => (await server.Limits.GetAsync(new() { Id = id })).Limit.CurrentRunning == 2, "two frames run, as many as the limit lets");
        await server.Layers.DropLimitAsync(new() { Layer = layer, LimitId = id });
        Assert.Empty((await server.Layers.GetLayerAsync(new() { Id = layer.Id })).Layer.Limits);
        Assert.Empty((await server.Admin.VerifyAsync(new())).Problems);
    }
}
