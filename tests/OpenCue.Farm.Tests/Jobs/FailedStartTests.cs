using OpenCue.Farm.Jobs;
using OpenCue.Farm.Tests.Runs;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class FailedStartTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_frame_that_could_not_be_started_waits_again_whatever_retries_it_has_left(int retries, int maxRetries)
    {
        var verdict = FrameVerdict.Of(
            new RunOutcome { End = RunEnd.Completed, ExitStatus = ExitStatus.FailedLaunch },
            ordered: null,
            new FrameFacts { Retries = retries, MaxRetries = maxRetries },
            new FarmSettings());

        Assert.Equal(FrameState.Waiting, verdict.State);
    }

    [Fact]
    public void Rests_that_were_over_long_ago_are_forgotten_and_those_that_are_not_stay()
    {
        var farm = new RunFarm();
        var agent = new FakeAgent(FakeKind.Python, "host");
        var host = farm.AddHost(agent);
        var layers = Enumerable.Range(0, 1001).Select(i => farm.AddJob($"job{i}", frames: 1)).ToArray();
        var rests = farm.Farm.StartRests;
        foreach (var layer in layers.Take(999))
        {
            rests.Failed(host, layer, engineMs: 0);
        }

        rests.Failed(host, layers[999], engineMs: 3_600_000);
        Assert.Equal(1000, rests.Count);
        rests.Failed(host, layers[1000], engineMs: 3_600_001);
        Assert.Equal(2, rests.Count);
        Assert.NotNull(rests.Until(host, layers[999], 3_600_001));
    }
}
