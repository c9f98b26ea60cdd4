namespace OpenCue.Farm.Tests.Runs;

/// <summary>A host that is given another domain is the same machine; another machine with the same short name is not.</summary>
public sealed class RenamedHostTests
{
    private const long Minute = 60_000;

    [Fact]
    public void A_host_with_another_domain_is_the_same_machine_if_its_agent_has_the_same_journal()
    {
        var (farm, agent, _) = RunFarm.OneHost(FakeKind.Ours);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.old.example" });
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.new.example" });
        Assert.Equal($"{agent.Name}.new.example", farm.HostOf(agent).Row.Fqdn);
        Assert.Single(farm.Farm.Hosts.All);
    }

    [Theory]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void A_host_with_another_domain_is_the_same_machine_if_it_runs_what_it_was_given(FakeKind kind)
    {
        var (farm, agent, layer) = RunFarm.OneHost(kind);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.old.example" });
        farm.Launch(agent, layer);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.new.example" });
        Assert.Equal($"{agent.Name}.new.example", farm.HostOf(agent).Row.Fqdn);
        Assert.Equal(farm.EngineMs, farm.HostOf(agent).LastReportEngineMs);
        Assert.Single(farm.Farm.Hosts.All);
    }

    [Theory]
    [InlineData(false, 2, false)]
    [InlineData(false, 3, true)]
    [InlineData(true, 3, false)]
    [InlineData(true, 6, true)]
    public void Without_proof_a_host_with_another_domain_is_the_same_machine_when_the_other_is_silent_for_longer_if_runs_are_at_stake(bool hasRun, int minutes, bool isSame)
    {
        var (farm, agent, layer) = RunFarm.OneHost(FakeKind.Python);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.old.example" });
        if (hasRun)
        {
            farm.Book(farm.HostOf(agent), layer);
        }

        farm.Silence(minutes * Minute);
        var report = agent.Report() with { HostName = $"{agent.Name}.new.example" };
        if (isSame)
        {
            farm.Report(report);
        }
        else
        {
            Assert.Contains("silent", Assert.Throws<FarmException>(() => farm.Report(report)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(isSame ? report.HostName : $"{agent.Name}.old.example", farm.HostOf(agent).Row.Fqdn);
    }

    [Fact]
    public void A_second_machine_with_the_same_short_name_does_not_become_a_host_that_was_not_heard_while_the_server_was_held_up()
    {
        var (farm, agent, _) = RunFarm.OneHost(FakeKind.Python);
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.a.example" });
        farm.Silence(Minute);
        farm.Pass(10 * Minute);
        var twin = agent.Report() with { HostName = $"{agent.Name}.b.example" };
        Assert.Throws<FarmException>(() => farm.Report(twin));
        farm.Sweep();
        Assert.Throws<FarmException>(() => farm.Report(twin));
        farm.Report(agent.Report() with { HostName = $"{agent.Name}.a.example" });
        Assert.Equal($"{agent.Name}.a.example", farm.HostOf(agent).Row.Fqdn);
    }
}
