using OpenCue.Farm.Hosts;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>How many cores a frame gets. The host has 16 cores and 64 GiB unless a case says otherwise.</summary>
public sealed class ProcBuilderTests
{
    [Theory]
    [InlineData(100, 1, false, ThreadMode.Auto, 100)] // what it asks for
    [InlineData(50, 1, false, ThreadMode.Auto, 50)] // less than a core stays so
    [InlineData(400, 1, false, ThreadMode.Auto, 100)] // not threadable: one core whatever it asks for
    [InlineData(100, 16, true, ThreadMode.Auto, 400)] // a quarter of the memory takes a quarter of the cores
    [InlineData(100, 1, true, ThreadMode.Auto, 100)] // little memory: what it asks for
    [InlineData(100, 63, true, ThreadMode.Auto, 1600)] // next to nothing left over: all
    [InlineData(100, 1, true, ThreadMode.All, 1600)]
    [InlineData(100, 1, true, ThreadMode.Variable, 200)]
    [InlineData(0, 1, true, ThreadMode.Auto, 1600)] // all cores of the host
    [InlineData(-200, 1, true, ThreadMode.Auto, 1400)] // all but two
    [InlineData(0, 1, false, ThreadMode.Auto, 100)] // all, but not threadable
    public void Cores_reserved_follow_OpenCues_rules(int minCores, int memoryGib, bool threadable, ThreadMode mode, int expected)
    {
        var farm = new SchedulingFarm();
        var host = farm.Host("a", cores: 1600, memoryGib: 64, mode: mode);
        var layer = farm.Work("x", minCores: minCores, memoryGib: memoryGib, threadable: threadable);

        Assert.Equal(expected, ProcBuilder.Build(host, layer, farm.Farm.Settings)?.CorePoints);
    }

    [Fact]
    public void A_maximum_of_cores_is_kept()
    {
        var farm = new SchedulingFarm();
        var host = farm.Host("a", cores: 1600, mode: ThreadMode.All);
        var layer = farm.Work("x", threadable: true, with: l => l with { MaxCores = 300 });

        Assert.Equal(300, ProcBuilder.Build(host, layer, farm.Farm.Settings)?.CorePoints);
    }

    [Fact]
    public void A_selfish_service_takes_the_whole_host()
    {
        var farm = new SchedulingFarm(new FarmSettings { SelfishServices = ["katana"] });
        var host = farm.Host("a", cores: 1600, memoryGib: 64);
        var layer = farm.Work("x", threadable: true, with: l => l with { Services = ["katana"] });

        Assert.Equal(1600, ProcBuilder.Build(host, layer, farm.Farm.Settings)?.CorePoints);
    }

    [Theory]
    [InlineData(100, 65)]
    [InlineData(1700, 1)]
    public void What_does_not_fit_reserves_nothing(int minCores, int memoryGib)
    {
        var farm = new SchedulingFarm();
        var host = farm.Host("a", cores: 1600, memoryGib: 64);
        var layer = farm.Work("x", minCores: minCores, memoryGib: memoryGib, threadable: true);

        Assert.Null(ProcBuilder.Build(host, layer, farm.Farm.Settings));
    }
}
