using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Tests.Runs;

namespace OpenCue.Farm.Tests.Hosts;

/// <summary>The rules about what runs use and how long they take.</summary>
public class MemoryAndTimeTests
{
    private const long Minute = 60_000;

    private readonly FakeAgent _agent = new(FakeKind.Python, "host") { Memory = 4 * 1048576 };

    [Fact]
    public void A_run_that_uses_more_than_it_reserves_gets_it_from_what_is_idle()
    {
        var (farm, _, runs) = Running(2);
        Use(farm, runs, 700_000, 100);
        Assert.Equal(700_000, runs[0].Proc.Row.Reserved.MemoryKib);
        Assert.Equal(524288, runs[1].Proc.Row.Reserved.MemoryKib);
        Assert.Equal(700_000 + 524288, farm.HostOf(_agent).Reserved.MemoryKib);
    }

    [Fact]
    public void What_is_not_idle_is_borrowed_from_runs_that_need_less_in_one_step()
    {
        // The frames of the first layer reserve much and use little; the second one's grows over all that is idle.
        var (farm, _, runs) = Running(3, 1_000_000);
        var host = farm.HostOf(_agent);
        Use(farm, runs, 100_000, 100_000, 100_000);
        var other = farm.AddJob("other");
        var grower = farm.Launch(_agent, other);
        Use(farm, [.. runs, grower], 100_000, 100_000, 100_000, 1_500_000);

        Assert.Equal(1_500_000, grower.Proc.Row.Reserved.MemoryKib);
        Assert.Equal(0, host.Idle.MemoryKib);
        Assert.All(runs, r => Assert.InRange(r.Proc.Row.Reserved.MemoryKib, 100_000 + 262_144, 999_999));
        Assert.Equal(host.Procs.Sum(p => p.Row.Reserved.MemoryKib), host.Reserved.MemoryKib);
    }

    [Fact]
    public void What_cannot_be_borrowed_whole_is_not_borrowed_at_all()
    {
        var (farm, _, runs) = Running(3, 1_000_000);
        Use(farm, runs, 900_000, 900_000, 2_000_000);
        Assert.All(runs, r => Assert.Equal(1_000_000, r.Proc.Row.Reserved.MemoryKib));
    }

    [Fact]
    public void A_layer_learns_what_its_frames_use_in_steps_and_up_to_the_sites_maximum()
    {
        var (farm, layer, runs) = Running(1, settings: new FarmSettings { MemoryReservedMaxKib = 2_000_000 });
        Use(farm, runs, 600_000);
        Assert.Equal(655_360, layer.Row.MinMemoryKib);
        Use(farm, runs, 650_000);
        Assert.Equal(655_360, layer.Row.MinMemoryKib);
        Use(farm, runs, 3_000_000);
        Assert.Equal(2_000_000, layer.Row.MinMemoryKib);
    }

    [Fact]
    public void A_layer_learns_no_more_than_the_host_could_give_whatever_the_host_says()
    {
        var (farm, layer, runs) = Running(1);
        Use(farm, runs, ReportLimits.MaxKib);
        Assert.Equal(runs[0].Host.Row.Total.MemoryKib, layer.Row.MinMemoryKib);
    }

    [Fact]
    public void A_layer_whose_optimizer_is_off_learns_nothing()
    {
        var (farm, layer, runs) = Running(1, layer: row => row with { OptimizeMemory = false });
        Use(farm, runs, 3_000_000);
        Assert.Equal(524288, layer.Row.MinMemoryKib);
    }

    [Fact]
    public void When_a_host_swaps_the_frames_that_swap_most_go_until_the_rest_is_bearable()
    {
        var (farm, _, runs) = Running(4);
        farm.Report(Report(runs, [100, 100, 100, 100], [10_000, 400_000, 300_000, 0]) with
        {
            TotalMemory = 1000,
            FreeMemory = 50,
            TotalSwap = 1_000_000,
            FreeSwap = 290_000,
        });
        Assert.Equal([false, true, true, false], runs.Select(r => r.Row.Kill is not null));
        Assert.All(runs.Where(r => r.Row.Kill is not null), r => Assert.Equal(KillOutcome.Memory, r.Row.Kill!.Outcome));

        farm.CarryOut(_agent);
        var layer = runs[1].Layer;
        farm.Complete(_agent.Finish(runs[1].Id, 1, 9));
        Assert.Equal(ExitStatus.MemoryFailure, layer.Frames[1].ExitStatus);
        Assert.Equal(FrameState.Waiting, layer.Frames[1].State);
    }

    [Theory]
    [InlineData(-1, 0.05, 50, 100_000)]
    [InlineData(0.9, 0.05, 500, 100_000)]
    [InlineData(0.9, 0.05, 50, 990_000)]
    public void A_host_that_is_not_short_of_memory_kills_nothing(double physical, double swap, long freeMemory, long freeSwap)
    {
        var (farm, _, runs) = Running(2, settings: new FarmSettings { OomMaxSafeUsedPhysicalMemory = physical, OomMaxSafeUsedSwapMemory = swap });
        farm.Report(Report(runs, [100, 100], [500_000, 400_000]) with { TotalMemory = 1000, FreeMemory = freeMemory, TotalSwap = 1_000_000, FreeSwap = freeSwap });
        Assert.All(runs, r => Assert.Null(r.Row.Kill));
    }

    [Fact]
    public void A_desktops_memory_is_its_users_affair()
    {
        var farm = new RunFarm();
        farm.Report(_agent.Boot() with { NimbyEnabled = true, TotalMemory = 32 * 1048576 });
        var layer = farm.AddJob();
        Run[] runs = [farm.Launch(_agent, layer)];
        farm.Report(Report(runs, [9_000_000], [500_000]) with { TotalMemory = 1000, FreeMemory = 1, TotalSwap = 1_000_000, FreeSwap = 1 });
        Assert.Null(runs[0].Row.Kill);
        Assert.Equal(524288, runs[0].Proc.Row.Reserved.MemoryKib);
    }

    [Fact]
    public void A_frame_that_goes_overboard_is_killed_where_the_site_says_so()
    {
        var (farm, _, runs) = Running(2, settings: new FarmSettings { OomFrameOverboardAllowed = 0.5 });
        Use(farm, runs, 524288 * 3 / 2, 524288 * 14 / 10);
        Assert.NotNull(runs[0].Row.Kill);
        Assert.Null(runs[1].Row.Kill);
    }

    [Fact]
    public void A_run_longer_than_its_layers_time_out_is_killed_once()
    {
        var (farm, layer, runs) = Running(1, layer: row => row with { TimeoutMinutes = 30 });
        farm.Pass((30 * Minute) + 59_999);
        Use(farm, runs, 100);
        Assert.Null(runs[0].Row.Kill);
        farm.Pass(1);
        Use(farm, runs, 100);
        Assert.Equal("Frame timed out", runs[0].Row.Kill!.Reason);
        Use(farm, runs, 100);
        Assert.Single(farm.Effects, e => e.Kind == EffectKind.KillRun);

        farm.CarryOut(_agent);
        farm.Complete(_agent.Finish(runs[0].Id, 1, 9) with { RunSeconds = 31 * 60 });
        Assert.Equal(FrameState.Dead, layer.Frames[0].State);
    }

    [Fact]
    public void A_run_whose_log_does_not_grow_is_killed_whatever_the_hosts_clock_says()
    {
        var (farm, layer, runs) = Running(1, layer: row => row with { TimeoutLogMinutes = 10 });
        var host = 1_000_000_000L;
        Log(farm, runs[0], host);
        farm.Pass(9 * Minute);
        Log(farm, runs[0], host + 5);
        farm.Pass((10 * Minute) - 1);
        Log(farm, runs[0], host + 5);
        Assert.Null(runs[0].Row.Kill);
        farm.Pass(1);
        Log(farm, runs[0], host + 5);
        Assert.Equal("Frame LLU timed out", runs[0].Row.Kill!.Reason);

        farm.CarryOut(_agent);
        farm.Complete(_agent.Finish(runs[0].Id, 1, 9) with { RunSeconds = 19 * 60 });
        Assert.Equal(FrameState.Dead, layer.Frames[0].State);
    }

    [Fact]
    public void A_log_that_nobody_can_see_times_nothing_out()
    {
        var (farm, _, runs) = Running(1, layer: row => row with { TimeoutLogMinutes = 10 });
        Log(farm, runs[0], 0);
        farm.Pass(60 * Minute);
        Log(farm, runs[0], 0);
        Assert.Null(runs[0].Row.Kill);
    }

    private (RunFarm Farm, Layer Layer, Run[] Runs) Running(int count, long reserve = 524288, FarmSettings? settings = null, Func<LayerRow, LayerRow>? layer = null)
    {
        var farm = new RunFarm(settings);
        farm.AddHost(_agent);
        var added = farm.AddJob(layer: layer);
        var runs = new Run[count];
        for (var i = 0; i < count; i++)
        {
            var ordinal = i;
            runs[i] = farm.Do(edit => Booking.Start(edit, farm.HostOf(_agent), added, ordinal, new Resources(100, reserve)))!;
            farm.CarryOut(_agent);
        }

        return (farm, added, runs);
    }

    private HostReport Report(Run[] runs, long[] rss, long[] swap) => _agent.Report() with
    {
        Frames = runs.Select((r, i) => new RunningFrameReport { RunId = r.Id, FrameId = r.FrameId, RssKib = rss[i], SwapKib = swap[i] }).ToArray(),
    };

    private void Use(RunFarm farm, Run[] runs, params long[] rss) => farm.Report(Report(runs, rss, new long[rss.Length]));

    private void Log(RunFarm farm, Run run, long seconds) => farm.Report(_agent.Report() with
    {
        Frames = [new RunningFrameReport { RunId = run.Id, FrameId = run.FrameId, LogUpdatedSeconds = seconds }],
    });
}
