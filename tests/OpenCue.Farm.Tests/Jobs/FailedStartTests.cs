using OpenCue.Farm.Jobs;

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
}
