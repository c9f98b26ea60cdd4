using System.Diagnostics;
using Grpc.Core;

namespace OpenCue.Rqd.Tests.Agents;

public sealed class FullDiskTests
{
    [Fact]
    public async Task With_a_full_disk_nothing_new_is_promised_and_what_was_promised_is_kept()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = new AgentProcess(cuebot);
        Directory.CreateDirectory(agent.State);
        if (!Environment.IsPrivilegedProcess || await RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "none", agent.State) != 0)
        {
            return; // only root can make a small disk, and not even root in most containers
        }
        try
        {
            await agent.StartAsync();
            var frame = await agent.LaunchAsync("echo $$ > pid; while [ ! -e end ]; do sleep 0.02; done; exit 44");
            await agent.WrittenAsync("pid");
            var filling = Path.Combine(agent.State, "filling");
            await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(filling, new byte[1 << 20]));

            // The last block of the journal still has room for some.
            RpcException? refused = null;
            for (var launch = 0; launch < 20 && refused is null; launch++)
            {
                refused = (RpcException?)await Record.ExceptionAsync(() => agent.LaunchAsync("true"));
            }
            var started = agent.Frame("echo started > started");
            await Assert.ThrowsAsync<RpcException>(() => agent.LaunchAsync(started));
            var unproven = await Assert.ThrowsAsync<RpcException>(() => agent.KillFrameAsync(agent.Frame("true"), "", Guid.NewGuid().ToString()));
            await File.WriteAllTextAsync(Path.Combine(agent.Work, "end"), "");
            var completion = await cuebot.CompletionAsync(frame.ResourceId);

            Assert.Equal(StatusCode.ResourceExhausted, refused?.StatusCode);
            Assert.Null(agent.Written("started"));
            Assert.Equal(StatusCode.Unavailable, unproven.StatusCode);
            Assert.Equal(44, completion.ExitStatus);

            File.Delete(filling);
            var next = await agent.LaunchAsync("exit 45");
            Assert.Equal(45, (await cuebot.CompletionAsync(next.ResourceId)).ExitStatus);
        }
        finally
        {
            await agent.KillAsync();
            await agent.EndFramesAsync();
            Assert.Equal(0, await RunAsync("umount", "--lazy", agent.State));
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
