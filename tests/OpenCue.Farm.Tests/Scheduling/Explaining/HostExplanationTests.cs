using OpenCue.Farm.Hosts;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>Why a host is idle, or not busier.</summary>
public sealed class HostExplanationTests
{
    private const long Gib = 1048576;

    private readonly SchedulingFarm _farm = new();

    [Theory]
    [InlineData(HardwareState.Down, "a is DOWN: it does not report.")]
    [InlineData(HardwareState.Repair, "a is in REPAIR: full temp dir.")]
    [InlineData(HardwareState.Rebooting, "a reboots.")]
    [InlineData(HardwareState.RebootWhenIdle, "a is to reboot when nothing runs on it.")]
    public void A_host_that_is_not_up_says_in_which_state_it_is(HardwareState state, string text)
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { State = state, RepairReason = "full temp dir." });

        Says(host, ReasonCode.HostNotUp, text);
    }

    [Fact]
    public void A_locked_host_says_how_it_is_unlocked()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { Locked = true });

        Assert.Equal("Unlock it: cue host unlock a", Says(host, ReasonCode.HostLocked, "a is locked.").WayOut);
    }

    [Fact]
    public void A_host_whose_user_works_there_says_so()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { NimbyLocked = true });

        Says(host, ReasonCode.HostNimbyLocked, "Somebody works at a (NIMBY).");
    }

    [Fact]
    public void A_full_temporary_directory_is_said_with_its_numbers()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host.Stat, host.Stat.Row with { TotalTemp = 100 * Gib, FreeTemp = Gib });

        Says(host, ReasonCode.HostTempFull, "has 1.0 GiB of 100.0 GiB left, less than 5 %.");
    }

    [Fact]
    public void Little_free_memory_is_said_with_its_numbers()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host.Stat, host.Stat.Row with { TotalMemory = 32 * Gib, FreeMemory = 1024 });

        Says(host, ReasonCode.HostLittleFreeMemory, "a reports 1 MiB of free memory, less than 512 MiB");
    }

    [Fact]
    public void A_host_that_rests_says_until_when()
    {
        var host = _farm.Host("a");
        host.LaunchFailures = 3;
        host.LaunchBackOffUntilEngineMs = _farm.Edit.Now.EngineMs + 8000;

        Says(host, ReasonCode.HostBackingOff, "Launches failed on a (3 in a row); it is tried again at 20");
    }

    [Fact]
    public void A_host_at_its_cap_of_procs_says_its_numbers()
    {
        var host = _farm.Host("a");
        _farm.Edit.Set(host, host.Row with { MaxProcs = 1 });
        _farm.Work("x", frames: 2);
        _farm.Pass();

        Says(host, ReasonCode.HostAtProcCap, "a has 1 of 1 proc that it may have.");
    }

    [Fact]
    public void A_full_host_says_what_is_idle_and_what_runs()
    {
        var host = _farm.Host("a", cores: 200, memoryGib: 8);
        _farm.Work("x", frames: 2);
        _farm.Pass();

        var answer = _farm.Explain(host);

        Assert.Equal(ReasonCode.HostFull, answer.Reasons[0].Code);
        Assert.Equal("a is full: 0 cores and 6.0 GiB of 2 cores and 8.0 GiB are idle.", answer.Reasons[0].Text);
        Assert.Equal(["0001-x", "0002-x"], answer.Runs.Select(r => r.Frame));
    }

    [Fact]
    public void A_host_that_no_show_may_use_says_so()
    {
        var host = _farm.Host("a", allocation: _farm.Farm.Allocations.Find("local.unassigned"));

        Says(host, ReasonCode.HostNoSubscriptions, "No show has a subscription on local.unassigned");
    }

    [Fact]
    public void A_host_for_which_nothing_waits_says_so()
    {
        var host = _farm.Host("a");
        _farm.Work("x", frames: 7, withJob: j => j with { Paused = true });

        Says(host, ReasonCode.HostNothingWaits, "Nothing waits that may use local.general and could start now. 7 frames wait for something else than a host.");
    }

    [Fact]
    public void A_host_on_which_nothing_fits_says_what_it_lacks_for_how_many()
    {
        var host = _farm.Host("a", memoryGib: 16);
        _farm.Work("fat", frames: 3, memoryGib: 24);
        _farm.Work("fatter", frames: 4, memoryGib: 32);
        _farm.Work("nuke", frames: 2, tags: ["nuke"]);

        var answer = _farm.Explain(host);

        Assert.Equal((ReasonCode.HostNothingFits, true), (answer.Reasons[0].Code, answer.Reasons[0].Text.StartsWith("9 frames in 3 layers wait", StringComparison.Ordinal)));
        Assert.Equal(
            [(HostLack.TotalMemory, 2, 7L, 8 * Gib), (HostLack.Tags, 1, 2L, 0L)], answer.Work.Select(w => (w.Lack, w.Layers, w.Frames, w.Least)));
        Assert.Equal("for 7 frames in 2 layers it is too small by 8.0 GiB of memory or more", answer.Work[0].Text);
        Assert.Equal("for 2 frames in 1 layer it has no tag of: nuke", answer.Work[1].Text);
    }

    [Fact]
    public void A_host_that_will_be_booked_says_so()
    {
        var host = _farm.Host("a");
        _farm.Work("x");

        Says(host, ReasonCode.Nothing, "Nothing keeps work from it");
        Assert.Equal(HostLack.None, _farm.Explain(host).Work.Single().Lack);
        _farm.Pass();
        Assert.NotEmpty(host.Procs);
    }

    private Reason Says(Host host, ReasonCode code, string text)
    {
        var reason = _farm.Explain(host).Reasons[0];
        Assert.Equal(code, reason.Code);
        Assert.Contains(text, reason.Text, StringComparison.Ordinal);
        return reason;
    }
}
