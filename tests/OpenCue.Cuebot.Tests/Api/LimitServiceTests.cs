using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.TestKit;
using V1 = OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class LimitServiceTests
{
    [Fact]
    public async Task A_limit_is_made_changed_renamed_and_deleted_by_opencues_clients()
    {
        await using var server = await TestServer.StartAsync();
        var made = (await server.Limits.CreateAsync(new() { Name = "nuke", MaxValue = 3 })).Limit;
        Assert.Equal(("nuke", 3, 0), (made.Name, made.MaxValue, made.CurrentRunning));
        await RpcAssert.FailsAsync(StatusCode.AlreadyExists, "nuke exists already", server.Limits.CreateAsync(new() { Name = "nuke", MaxValue = 1 }));
        await server.Limits.SetMaxValueAsync(new() { Name = "nuke", MaxValue = 5 });
        await server.Limits.RenameAsync(new() { OldName = "nuke", NewName = "hiero" });
        Assert.Equal(5, (await server.Limits.FindAsync(new() { Name = "hiero" })).Limit.MaxValue);
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "can't be -1", server.Limits.SetMaxValueAsync(new() { Name = "hiero", MaxValue = -1 }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "\"nuke\"", server.Limits.SetMaxValueAsync(new() { Name = "nuke", MaxValue = 1 }));
        await server.Limits.DeleteAsync(new() { Name = "hiero" });
        Assert.Empty((await server.Limits.GetAllAsync(new())).Limits);
        await RpcAssert.FailsAsync(StatusCode.NotFound, "\"hiero\"", server.Limits.DeleteAsync(new() { Name = "hiero" }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "\"hiero\"", server.Limits.RenameAsync(new() { OldName = "hiero", NewName = "x" }));
    }

    [Fact]
    public async Task A_limit_of_hosts_shows_its_tokens_to_opencues_clients_and_its_holders_to_ours()
    {
        await using var server = await TestServer.StartAsync();
        var made = (await server.LimitDetails.CreateLimitAsync(new() { Name = "katana", MaxValue = 2, Kind = V1.LimitKind.Host, Headroom = 1 })).Limit;
        Assert.Equal((V1.LimitKind.Host, 2, 1, 0, 0), (made.Kind, made.MaxValue, made.Headroom, made.Tokens, made.Layers));
        await server.AddHostAsync("node1", cores: 2);
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-5") with { Limits = ["katana"] });
        await Eventually.TrueAsync(
            async () => (await server.LimitDetails.GetLimitAsync(new() { Name = "katana" })).Limit.RunningFrames == 2, "the host is full");

        var seen = (await server.LimitDetails.GetLimitAsync(new() { Name = "katana" })).Limit;
        Assert.Equal((1, 1), (seen.Tokens, seen.Layers));
        Assert.Equal([new V1.LimitHolder { Name = "node1", RunningFrames = 2 }], seen.Hosts);
        Assert.Equal([new V1.LimitHolder { Name = job.User, RunningFrames = 2 }], seen.Users);
        Assert.Empty((await server.LimitDetails.GetLimitsAsync(new())).Limits.Single().Hosts);
        var plain = (await server.Limits.FindAsync(new() { Name = "katana" })).Limit;
        Assert.Equal((2, 1), (plain.MaxValue, plain.CurrentRunning));
    }

    [Fact]
    public async Task Only_what_is_given_is_changed()
    {
        await using var server = await TestServer.StartAsync();
        await server.LimitDetails.CreateLimitAsync(new() { Name = "mari", MaxValue = 4, Kind = V1.LimitKind.User, Headroom = 2, Username = "ann" });
        var updated = (await server.LimitDetails.UpdateLimitAsync(new() { Name = "mari", Headroom = 0 })).Limit;
        Assert.Equal((V1.LimitKind.User, 4, 0), (updated.Kind, updated.MaxValue, updated.Headroom));
        updated = (await server.LimitDetails.UpdateLimitAsync(new() { Name = "mari", MaxValue = 0, Kind = V1.LimitKind.Frame })).Limit;
        Assert.Equal((V1.LimitKind.Frame, 0, 0), (updated.Kind, updated.MaxValue, updated.Headroom));
        await server.LimitDetails.RenameLimitAsync(new() { Name = "mari", NewName = "mari7" });
        await server.LimitDetails.DeleteLimitAsync(new() { Name = "mari7" });
        await RpcAssert.FailsAsync(StatusCode.NotFound, "mari7", server.LimitDetails.GetLimitAsync(new() { Name = "mari7" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "kind", server.LimitDetails.CreateLimitAsync(new() { Name = "x", Kind = (V1.LimitKind)9 }));
    }
}
