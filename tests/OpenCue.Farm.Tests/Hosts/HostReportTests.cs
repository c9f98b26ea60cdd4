using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Tests.Runs;
using OpenCue.Specs;

namespace OpenCue.Farm.Tests.Hosts;

/// <summary>What reports make of hosts.</summary>
public class HostReportTests
{
    private readonly RunFarm _farm = new();
    private readonly FakeAgent _agent = new(FakeKind.Python, "host");

    private Host Host => _farm.HostOf(_agent);

    [Fact]
    public void An_unknown_host_is_added_by_an_ordinary_report_too()
    {
        _farm.Do(edit => HostReports.Apply(edit, _agent.Report() with { HostName = "a12.studio.example", Tags = ["x", "general"] }));
        var host = _farm.Farm.Hosts.Find("a12")!;
        Assert.Equal("a12.studio.example", host.Row.Fqdn);
        Assert.Equal("local.general", host.Allocation.Row.Name);
        Assert.Equal(["general", "x", "a12"], host.Tags.Distinct());
        Assert.Equal(ThreadMode.Auto, host.Row.ThreadMode);
        Assert.Equal(1, _farm.EventCount(FarmEventKind.HostAdded));
        Assert.Same(host, _farm.Report(_agent.Report() with { HostName = "a12" }));
        Assert.Same(host, _farm.Report(_agent.Report() with { HostName = "A12.Studio.example" }));
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("fe80::1", "fe80::1")]
    [InlineData("host.example", "host")]
    [InlineData("host", "host")]
    public void The_short_name_is_the_first_label_and_addresses_are_kept(string reported, string shortName) =>
        Assert.Equal(shortName, HostRegistration.ShortName(reported));

    [Fact]
    public void The_first_tag_that_names_an_allocation_of_the_hosts_facility_decides_and_else_the_default()
    {
        _farm.Do(edit =>
        {
            var cloud = new Facility(new FacilityRow(edit.NewId(), "cloud", false));
            edit.Add(cloud);
            edit.Add(new Allocation(new AllocationRow(edit.NewId(), cloud.Id, "cloud.gpu", "gpu", false, false), cloud));
        });
        Assert.Equal("cloud.gpu", Added("a", "cloud", "fast", "gpu", "general").Allocation.Row.Name);
        Assert.Equal("local.general", Added("b", "cloud", "fast").Allocation.Row.Name);
        Assert.Equal("local.general", Added("c", "local", "gpu").Allocation.Row.Name);
    }

    [Fact]
    public void A_boot_report_counts_although_the_clock_was_set_back_meanwhile()
    {
        var agent = new FakeAgent(FakeKind.Ours, "own");
        _farm.AddHost(agent);
        _farm.Report(agent);
        var host = _farm.HostOf(agent);
        _farm.Do(edit => HostRules.SetState(edit, host, HardwareState.Rebooting));
        agent.Reboot();
        agent.BootTimeSeconds -= 200_000;
        _farm.Report(agent.Boot());

        Assert.Equal(HardwareState.Up, host.Row.State);
        Assert.Equal(agent.BootId, host.Row.BootId);
    }

    [Theory]
    [InlineData(33_000_000, "64bit", 32 * 1048576 - 524288)]
    [InlineData(33_000_000, "rqdv-dev", 32 * 1048576 - 524288)]
    [InlineData(33_000_000, "32bit", 31 * 1048576 - 524288)]
    public void Memory_is_whole_gigabytes_less_what_the_system_keeps(long total, string tag, long expected) =>
        Assert.Equal(expected, _farm.Report(_agent.Report() with { TotalMemory = total, FreeMemory = total, Tags = [tag] }).Row.Total.MemoryKib);

    [Fact]
    public void A_desktop_gives_two_thirds_of_its_memory_and_all_its_cores_to_one_frame()
    {
        var host = _farm.Report(_agent.Report() with { NimbyEnabled = true, TotalMemory = 33_000_000 });
        Assert.Equal((long)((32 * 1048576 - 524288) / 1.5) + 524288, host.Row.Total.MemoryKib);
        Assert.Equal(ThreadMode.All, host.Row.ThreadMode);
    }

    [Fact]
    public void Totals_and_tags_change_at_a_boot_and_totals_only_when_nothing_is_reserved()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Launch(_agent, layer);
        _farm.Report(_agent.Report() with { CorePoints = 400, Tags = ["other"] });
        Assert.Equal(800, Host.Row.Total.CorePoints);
        Assert.Equal(["general"], Host.Row.HardwareTags);

        _farm.Report(_agent.Boot() with { CorePoints = 400, Tags = ["other"] });
        Assert.Equal(800, Host.Row.Total.CorePoints);
        Assert.Equal(["other"], Host.Row.HardwareTags);

        _farm.Complete(_agent.Finish(run.Id));
        _farm.Report(_agent);
        Assert.Equal(400, Host.Row.Total.CorePoints);
    }

    [Fact]
    public void A_boot_that_reports_no_cores_changes_nothing_and_raises_an_alarm()
    {
        _farm.AddHost(_agent);
        _farm.Report(_agent.Boot() with { CorePoints = -5 });
        Assert.Equal(800, Host.Row.Total.CorePoints);
        Assert.Equal(1, _farm.EventCount(FarmEventKind.Alarm));
    }

    [Fact]
    public void A_silent_host_is_down_and_up_again_with_its_next_report()
    {
        _farm.AddHost(_agent);
        for (var i = 0; i < 31; i++)
        {
            _farm.Pass(10_000);
            _farm.Sweep();
        }

        Assert.Equal(HardwareState.Down, Host.Row.State);
        _farm.Report(_agent.Report() with { State = HardwareState.Down });
        Assert.Equal(HardwareState.Down, Host.Row.State);
        _farm.Report(_agent);
        Assert.Equal(HardwareState.Up, Host.Row.State);
    }

    [Theory]
    [InlineData(HardwareState.Rebooting)]
    [InlineData(HardwareState.RebootWhenIdle)]
    public void A_host_that_was_told_to_reboot_is_up_when_it_has_booted(HardwareState state)
    {
        _farm.AddHost(_agent);
        _farm.Do(edit => HostRules.SetState(edit, Host, state));
        _farm.Report(_agent);
        Assert.Equal(state, Host.Row.State);
        _farm.Report(_agent.Boot());
        Assert.Equal(HardwareState.Up, Host.Row.State);
    }

    [Fact]
    public void A_full_temporary_directory_sends_a_host_to_repair_and_room_brings_it_back()
    {
        _farm.AddHost(_agent);
        _farm.Report(_agent.Report() with { TotalTemp = 1000, FreeTemp = 49 });
        Assert.Equal(HardwareState.Repair, Host.Row.State);
        Assert.Contains("temporary directory", Host.Row.RepairReason);
        _farm.Report(_agent.Report() with { TotalTemp = 1000, FreeTemp = 50 });
        Assert.Equal(HardwareState.Up, Host.Row.State);
        _farm.Report(_agent.Report() with { TotalTemp = 0, FreeTemp = 0 });
        Assert.Equal(HardwareState.Up, Host.Row.State);
    }

    [Fact]
    public void A_person_takes_a_host_out_of_the_repair_that_a_person_ordered()
    {
        _farm.AddHost(_agent);
        _farm.Do(edit => HostRules.SetState(edit, Host, HardwareState.Repair));
        _farm.Report(_agent);
        _farm.Report(_agent.Boot());
        Assert.Equal(HardwareState.Repair, Host.Row.State);
    }

    [Fact]
    public void Nimby_and_a_persons_lock_are_two_things()
    {
        _farm.AddHost(_agent);
        _farm.Do(edit => HostRules.Lock(edit, Host));
        _farm.TakeEffect(EffectKind.TellLock);
        _farm.Report(_agent.Report() with { NimbyLocked = true });
        Assert.Equal(LockState.Locked, Host.LockState);
        _farm.Report(_agent);
        Assert.Equal(LockState.Locked, Host.LockState);
        _farm.Report(_agent.Report() with { NimbyLocked = true });
        _farm.Do(edit => HostRules.Unlock(edit, Host));
        Assert.Equal(LockState.NimbyLocked, Host.LockState);
        _farm.Report(_agent);
        Assert.Equal(LockState.Open, Host.LockState);
    }

    [Fact]
    public void An_agent_is_told_its_lock_until_it_answers_and_again_when_it_boots()
    {
        _farm.AddHost(_agent);
        _farm.Do(edit => HostRules.Lock(edit, Host));
        _farm.TakeEffect(EffectKind.TellLock);
        _farm.Do(edit => HostRules.LockTold(edit, Host.Id, locked: true, taken: false));
        _farm.Pass(10_000);
        _farm.Sweep();
        _farm.TakeEffect(EffectKind.TellLock);
        _farm.Do(edit => HostRules.LockTold(edit, Host.Id, locked: false, taken: true));
        _farm.TakeEffect(EffectKind.TellLock);
        _farm.Do(edit => HostRules.LockTold(edit, Host.Id, locked: true, taken: true));
        _farm.Pass(60_000);
        _farm.Report(_agent);
        _farm.Sweep();
        Assert.Empty(_farm.Effects);
        _farm.Report(_agent.Boot());
        _farm.TakeEffect(EffectKind.TellLock);
    }

    [Theory]
    [InlineData("Linux", "linux")]
    [InlineData("rocky9, Ubuntu,rocky9", "rocky9|ubuntu")]
    [InlineData("", "rhel40")]
    public void Operating_systems_are_a_list(string reported, string expected)
    {
        _farm.Report(_agent.Report() with { Os = reported });
        Assert.Equal(expected, string.Join('|', Host.Row.Os));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a b")]
    public void A_name_that_cannot_be_one_is_refused(string name)
    {
        var refusal = Assert.Throws<FarmException>(() => _farm.Report(_agent.Report() with { HostName = name }));
        Assert.Equal(Refusal.InvalidArgument, refusal.Refusal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Equal(0, _farm.Farm.Hosts.Count);
    }

    [Fact]
    public void A_host_without_cores_or_memory_is_not_added()
    {
        Assert.Contains("no cores", Assert.Throws<FarmException>(() => _farm.Report(_agent.Report() with { CorePoints = 0 })).Message);
        Assert.Contains(
            "dispatcher.memory.mem_reserved_min",
            Assert.Throws<FarmException>(() => _farm.Report(_agent.Report() with { TotalMemory = 0 })).Message);
        Assert.Equal(0, _farm.Farm.Hosts.Count);
    }

    [Fact]
    public void A_second_machine_with_the_same_short_name_is_refused_while_the_first_one_reports()
    {
        _farm.Report(_agent.Report() with { HostName = "host.a.example" });
        var refusal = Assert.Throws<FarmException>(() => _farm.Report(_agent.Report() with { HostName = "host.b.example" }));
        Assert.Contains("host.a.example", refusal.Message);
        _farm.Do(edit => HostRules.SetState(edit, Host, HardwareState.Down));
        _farm.Report(_agent.Report() with { HostName = "host.b.example" });
        Assert.Equal("host.b.example", Host.Row.Fqdn);
        Assert.Equal(1, _farm.Farm.Hosts.Count);
    }

    [Fact]
    public void Absurd_amounts_are_bounded_and_disturb_nothing_else()
    {
        _farm.AddHost(_agent);
        var layer = _farm.AddJob();
        var run = _farm.Launch(_agent, layer);
        _farm.Report(_agent.Report() with
        {
            TotalMemory = -1,
            FreeMemory = long.MaxValue,
            TotalSwap = long.MinValue,
            FreeSwap = 5,
            TotalTemp = 10,
            FreeTemp = 1000,
            Load = -3,
            Gpus = int.MaxValue,
            BootTimeSeconds = -7,
            State = (HardwareState)99,
            Frames =
            [
                new RunningFrameReport
                {
                    RunId = run.Id,
                    FrameId = run.FrameId,
                    RssKib = -1,
                    MaxRssKib = long.MinValue,
                    SwapKib = -1,
                    StartedAtMs = -1000,
                    LogUpdatedSeconds = long.MaxValue,
                },
            ],
        });
        var stat = Host.Stat.Row;
        Assert.Equal((0, 0, 0, 0, 10, 10, 0), (stat.TotalMemory, stat.FreeMemory, stat.TotalSwap, stat.FreeSwap, stat.TotalTemp, stat.FreeTemp, stat.Load));
        Assert.Equal(HardwareState.Up, Host.Row.State);
        Assert.Equal(800, Host.Row.Total.CorePoints);
        Assert.Same(run, layer.Runs[0]);
        Assert.Null(run.Row.Kill);
        Assert.Equal(524288, run.Proc.Row.Reserved.MemoryKib);
        Assert.Equal(0, run.Usage.LogUpdatedAtMs);
    }

    [Fact]
    public void More_frames_than_a_host_can_run_are_not_believed()
    {
        _farm.AddHost(_agent);
        var frame = new RunningFrameReport { RunId = new EntityId(1, 2), FrameId = new EntityId(3, 4) };
        var refusal = Assert.Throws<FarmException>(() => _farm.Report(_agent.Report() with { Frames = Enumerable.Repeat(frame, 20_001).ToArray() }));
        Assert.Contains("20001", refusal.Message);
    }

    [Fact]
    public void A_host_that_claims_frames_of_others_changes_nothing()
    {
        var liar = new FakeAgent(FakeKind.Python, "liar");
        _farm.AddHost(_agent);
        _farm.AddHost(liar);
        var layer = _farm.AddJob();
        var run = _farm.Launch(_agent, layer);
        _farm.Report(_agent);
        var lie = new RunningFrameReport { RunId = run.Id, FrameId = run.FrameId, RssKib = 9_000_000 };
        for (var i = 0; i < 100; i++)
        {
            _farm.Report(liar.Report() with { Frames = [lie, lie with { FrameId = layer.FrameId(1) }] });
            _farm.Report(_agent);
            _farm.Pass(10_000);
            _farm.Sweep();
        }

        Assert.Empty(_farm.Effects);
        Assert.Equal(100, run.Usage.RssKib);
        Assert.Equal(524288, layer.Row.MinMemoryKib);
        Assert.Equal(1, _farm.EventCount(FarmEventKind.RunReportRefused));
    }

    [Fact]
    public void Measured_values_are_in_the_model_at_once_and_stored_about_once_a_minute()
    {
        _farm.AddHost(_agent);
        var stored = 0;
        for (var i = 0; i < 60; i++)
        {
            _farm.Pass(5000);
            var report = _agent.Report() with { Load = i };
            stored += _farm.DoAndTake(edit => HostReports.Apply(edit, report)).Table<HostStatRow>().Upserts.Count;
            Assert.Equal(i, Host.Stat.Row.Load);
        }

        Assert.InRange(stored, 5, 6);
    }

    [Fact]
    public void An_agent_counts_as_ours_only_with_a_name_and_a_journal()
    {
        Assert.Equal(AgentKind.OpenCue, Facts().Kind);
        Assert.Equal(AgentKind.OpenCue, Facts(("opencue_agent", "opencue.net/1")).Kind);
        var ours = Facts(("opencue_agent", "opencue.net/1"), ("opencue_instance_id", "j"), ("opencue_boot_id", "b"), ("rqd_port", "9000"), ("rqd_address", "10.0.0.1"));
        Assert.Equal(new AgentFacts(AgentKind.OpenCueNet, "b", "j", "10.0.0.1", 9000), ours);
        Assert.Null(Facts(("rqd_port", "70000")).Port);
        Assert.Null(Facts(("rqd_address", "a\nb")).Address);
    }

    private static AgentFacts Facts(params (string Name, string Value)[] attributes) => AgentFacts.FromAttributes(attributes.ToDictionary(a => a.Name, a => a.Value));

    private Host Added(string name, string facility, params string[] tags) =>
        _farm.Report(_agent.Report() with { HostName = name, Facility = facility, Tags = tags.ToValueList() });
}
