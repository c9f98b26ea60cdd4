using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Operations;
using OpenCue.Protocol.V1;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

public sealed class AdminServiceTests : IDisposable
{
    private readonly string _logs = Directory.CreateTempSubdirectory("opencue-logs-").FullName;

    public void Dispose() => Directory.Delete(_logs, recursive: true);

    [Fact]
    public async Task The_status_counts_what_there_is_and_tells_alarms()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1", cores: 4);
        await server.LaunchAsync("comp", SpecText.Layer("render", "1-3"));
        await server.DoAsync(edit =>
        {
            edit.Emit(FarmEventKind.Alarm, default, reason: "something burns");
            return 0;
        });

        await Eventually.TrueAsync(async () => (await server.Admin.GetStatusAsync(new())).Alarms.Count == 1, "the alarm is told");
        var status = await server.Admin.GetStatusAsync(new());
        Assert.Equal((ServerState.Serving, "the store in memory", ""), (status.State, status.Store, status.Reason));
        Assert.Equal((1, 1, 1, 1, 3, 4f), (status.Counts.Shows, status.Counts.Hosts, status.Counts.HostsUp, status.Counts.JobsPending, status.Counts.Frames, status.Counts.Cores));
        Assert.Equal("something burns", status.Alarms.Single().Text);
        Assert.False(status.StrayRuns.KillsHeld);
    }

    [Fact]
    public async Task Verify_finds_nothing_wrong_with_a_busy_farm()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddHostAsync("node1", cores: 2);
        var job = (await server.LaunchAsync(SpecText.Of("comp", SpecText.Layer("render", "1-5"), SpecText.Layer("encode", "1"))
            .With(SpecText.Depend("LAYER_ON_LAYER", "comp/encode", "comp/render"))))[0];
        var first = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames[0];
        await server.WaitForFrameAsync(first.Id, Wire.FrameState.Running);

        Assert.Empty((await server.Admin.VerifyAsync(new())).Problems);
        await server.CompleteAsync(first.Id, exitStatus: 1);
        Assert.Empty((await server.Admin.VerifyAsync(new())).Problems);
        Assert.Empty((await server.Admin.GetUnknownRunsAsync(new())).Runs);
    }

    [Fact]
    public async Task An_operation_that_fails_is_told_and_holds_up_no_other()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1-500"));
        await server.DoAsync(edit =>
        {
            var layer = edit.Farm.Layers.Values.Single();
            edit.Add(new BulkOperation(new BulkOperationRow
            {
                Id = edit.NewId(), Kind = BulkKind.Eat, JobId = layer.Job.Id, Frames = [new FrameSpan(layer.Id, 9999, 10)], By = "nobody",
            }));
            return 0;
        });

        await server.Jobs.EatFramesAsync(new() { Job = job, Req = new() });
        await Eventually.TrueAsync(
            async () => (await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.JobStats.EatenFrames == 500, "all frames are eaten");
        await Eventually.TrueAsync(async () => (await server.Admin.GetStatusAsync(new())).Alarms.Count > 0, "the alarm is told");
        Assert.Contains("asked for by nobody", (await server.Admin.GetStatusAsync(new())).Alarms[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_read_in_parts_and_from_its_end()
    {
        await using var server = await TestServer.StartAsync(settings: new() { LogRoot = _logs });
        var (frame, path) = await FrameWithLogAsync(server);
        await File.WriteAllTextAsync(path, "line 1\nline 2\nline 3\n");

        var head = await server.Admin.ReadFrameLogAsync(new() { FrameId = frame, MaxBytes = 7 });
        Assert.Equal(("line 1\n", 7L, 21L, path, false), (head.Data.ToStringUtf8(), head.NextOffset, head.Size, head.Path, head.IsRunning));
        Assert.Equal("line 2\nline 3\n", (await server.Admin.ReadFrameLogAsync(new() { FrameId = frame, Offset = head.NextOffset })).Data.ToStringUtf8());
        Assert.Equal("line 3\n", (await server.Admin.ReadFrameLogAsync(new() { FrameId = frame, Offset = -7 })).Data.ToStringUtf8());
        Assert.Equal(ByteString.Empty, (await server.Admin.ReadFrameLogAsync(new() { FrameId = frame, Offset = 21 })).Data);

        var more = server.Admin.ReadFrameLogAsync(new() { FrameId = frame, Offset = 21, WaitMs = 30_000 });
        await File.AppendAllTextAsync(path, "line 4\n");
        Assert.Equal("line 4\n", (await more).Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_said_to_be_so()
    {
        await using var server = await TestServer.StartAsync(settings: new() { LogRoot = _logs });
        var (frame, path) = await FrameWithLogAsync(server);

        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, path, server.Admin.ReadFrameLogAsync(new() { FrameId = frame }));
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Frame not found", server.Admin.ReadFrameLogAsync(new() { FrameId = "x" }));
        await RpcAssert.FailsAsync(StatusCode.InvalidArgument, "wait_ms", server.Admin.ReadFrameLogAsync(new() { FrameId = frame, WaitMs = -1 }));
    }

    [Fact]
    public async Task What_a_user_puts_in_place_of_a_log_is_not_read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var server = await TestServer.StartAsync(settings: new() { LogRoot = _logs });
        var (frame, path) = await FrameWithLogAsync(server);

        File.CreateSymbolicLink(path, "/etc/passwd");
        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, "can't be read", server.Admin.ReadFrameLogAsync(new() { FrameId = frame }));
        File.Delete(path);

        // The folder of the logs replaced by a link to somewhere else that has such a file.
        var elsewhere = Directory.CreateTempSubdirectory("opencue-elsewhere-").FullName;
        await File.WriteAllTextAsync(Path.Combine(elsewhere, Path.GetFileName(path)), "secret");
        var folder = Path.GetDirectoryName(path)!;
        Directory.Delete(folder);
        Directory.CreateSymbolicLink(folder, elsewhere);
        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, "does not really lie below", server.Admin.ReadFrameLogAsync(new() { FrameId = frame }));
        Directory.Delete(folder);
        Directory.Delete(elsewhere, recursive: true);

        // A pipe would keep the reader waiting for ever.
        Directory.CreateDirectory(folder);
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", path))
        {
            await pipe.WaitForExitAsync();
        }

        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, "no plain file", server.Admin.ReadFrameLogAsync(new() { FrameId = frame }));
    }

    [Fact]
    public async Task Who_acts_is_who_the_request_or_the_metadata_says()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));

        await server.Jobs.PauseAsync(new() { Job = job }, new Metadata { { "opencue-user", "ann" } });
        await RpcAssert.FailsAsync(StatusCode.NotFound, "Run not found", server.Admin.AcceptRunEndedAsync(new() { RunId = job.Id, Username = "bob" }));
        await server.Admin.AllowStrayKillsAsync(new() { Username = "bob" });

        Assert.True((await server.Jobs.GetJobAsync(new() { Id = job.Id })).Job.IsPaused);
        Assert.True(await server.DoAsync(edit => edit.Farm.Strays.AllowedByPerson));
    }

    private static async Task<(string Frame, string Path)> FrameWithLogAsync(TestServer server)
    {
        var job = await server.LaunchAsync("comp", SpecText.Layer("render", "1"));
        var frame = (await server.Jobs.GetFramesAsync(new() { Job = job })).Frames.Frames.Single();
        Directory.CreateDirectory(job.LogDir);
        return (frame.Id, $"{job.LogDir}/{job.Name}.{frame.Name}.rqlog");
    }
}
