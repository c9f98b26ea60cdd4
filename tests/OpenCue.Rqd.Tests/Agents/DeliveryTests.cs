using Grpc.Core;
using OpenCue.Rpc.Server;

namespace OpenCue.Rqd.Tests.Agents;

/// <summary>Completions reach cuebot, whatever it does.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Internal)]
    public async Task A_completion_that_is_refused_comes_again(StatusCode status)
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        var refusals = 0;
        cuebot.OnCompletion = (_, _) => Interlocked.Increment(ref refusals) <= 2
            ? throw new RpcException(new Status(status, "not now"))
            : Task.CompletedTask;
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("exit 7");

        Assert.Equal(7, (await cuebot.CompletionAsync(frame.ResourceId)).ExitStatus);
        Assert.Equal(3, cuebot.Arrived.Count);
    }

    [Fact]
    public async Task Completions_that_are_refused_or_hang_do_not_hold_up_others()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        cuebot.OnCompletion = async (report, context) =>
        {
            switch (report.ExitStatus)
            {
                case 50: throw new RpcException(new Status(StatusCode.Internal, "cannot take this one"));
                case 60: await Task.Delay(Timeout.Infinite, context.CancellationToken); break;
                default: break;
            }
        };
        await using var agent = await new AgentProcess(cuebot, "--cores", "100").StartAsync();
        for (var number = 0; number < 3; number++)
        {
            await agent.LaunchAsync("exit 50");
            await agent.LaunchAsync("exit 60");
        }
        await Eventually.TrueAsync(() => cuebot.Arrived.Select(report => report.Frame.ResourceId).Distinct().Count() == 6);

        for (var number = 0; number < 20; number++)
        {
            await agent.LaunchAsync("exit 1");
        }

        await Eventually.TrueAsync(() => cuebot.Completions.Count(report => report.ExitStatus == 1) == 20);
    }

    [Fact]
    public async Task A_completion_whose_acknowledgement_got_lost_comes_again_and_then_never()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        var drops = 0;
        cuebot.OnCompletion = (_, _) => Interlocked.Increment(ref drops) == 1 ? throw new RpcDropConnectionException() : Task.CompletedTask;
        await using var agent = await new AgentProcess(cuebot).StartAsync();

        var frame = await agent.LaunchAsync("exit 7");
        await cuebot.CompletionAsync(frame.ResourceId);
        await cuebot.ReportAsync(report => !report.Host.Attributes.ContainsKey("opencue_pending_completions"));
        await agent.KillAsync();
        await agent.StartAsync();
        await cuebot.ReportAsync(_ => true);

        Assert.Equal(2, cuebot.Arrived.Count);
    }

    [Fact]
    public async Task What_ended_but_was_not_acknowledged_is_in_every_report_and_not_as_running()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        var isOpen = false;
        cuebot.OnCompletion = (_, _) => Volatile.Read(ref isOpen) ? Task.CompletedTask : throw new RpcException(new Status(StatusCode.Internal, "not now"));
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        var frame = await agent.LaunchAsync("exit 7");
        await Eventually.TrueAsync(() => !cuebot.Arrived.IsEmpty);

        var report = await cuebot.ReportAsync(report => report.Frames.Count == 0);
        Assert.Equal(frame.ResourceId, report.Host.Attributes["opencue_pending_completions"]);

        Volatile.Write(ref isOpen, true);
        await cuebot.ReportAsync(report => !report.Host.Attributes.ContainsKey("opencue_pending_completions"));
    }

    [Fact]
    public async Task No_report_ever_lacks_a_run_that_is_owed()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot, "--cores", "100").StartAsync();
        var launched = new HashSet<string>();
        for (var number = 0; number < 100; number++)
        {
            launched.Add((await agent.LaunchAsync($"sleep 0.{number % 5}")).ResourceId);
        }
        await Eventually.TrueAsync(() => cuebot.Completions.Count == 100);

        // A run is in all reports from its first to its completion: once it is gone from them, it does not come back.
        foreach (var run in launched)
        {
            var shown = cuebot.Reports.Select(report => report.Frames.Any(frame => frame.ResourceId == run)
                || report.Host.Attributes.GetValueOrDefault("opencue_pending_completions", "").Contains(run, StringComparison.Ordinal)).ToList();
            var (first, last) = (shown.IndexOf(true), shown.LastIndexOf(true));
            Assert.True(first < 0 || shown[first..(last + 1)].TrueForAll(isShown => isShown));
        }
    }

    [Fact]
    public async Task Frames_go_on_and_their_ends_wait_while_cuebot_is_away()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        await Eventually.TrueAsync(() => !cuebot.Boots.IsEmpty);
        await cuebot.StopListeningAsync();

        var first = await agent.LaunchAsync("echo 1 > first; exit 1");
        var second = await agent.LaunchAsync("echo 2 > second; exit 2");
        await agent.WrittenAsync("first");
        await agent.WrittenAsync("second");
        await agent.KillAsync();
        await agent.StartAsync();
        await cuebot.ListenAsync();

        Assert.Equal(1, (await cuebot.CompletionAsync(first.ResourceId)).ExitStatus);
        Assert.Equal(2, (await cuebot.CompletionAsync(second.ResourceId)).ExitStatus);
    }

    [Fact]
    public async Task An_agent_that_starts_before_cuebot_says_so_when_it_is_there()
    {
        await using var cuebot = await FakeCuebot.StartAsync();
        await cuebot.StopListeningAsync();
        await using var agent = await new AgentProcess(cuebot).StartAsync();
        await Eventually.TrueAsync(() => agent.Log.Contains("did not acknowledge the start report", StringComparison.Ordinal));

        await cuebot.ListenAsync();

        await Eventually.TrueAsync(() => !cuebot.Boots.IsEmpty && !cuebot.Reports.IsEmpty);
        Assert.Single(cuebot.Boots);
    }

    [Fact]
    public async Task When_one_cuebot_goes_another_gets_the_reports()
    {
        await using var first = await FakeCuebot.StartAsync();
        await using var second = await FakeCuebot.StartAsync();
        await using var agent = await new AgentProcess($"127.0.0.1:{first.Port},127.0.0.1:{second.Port}").StartAsync();
        await Eventually.TrueAsync(() => !first.Reports.IsEmpty);

        await first.StopListeningAsync();
        var frame = await agent.LaunchAsync("exit 7");

        Assert.Equal(7, (await second.CompletionAsync(frame.ResourceId)).ExitStatus);
        await Eventually.TrueAsync(() => !second.Reports.IsEmpty);
    }
}
