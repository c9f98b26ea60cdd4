using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Tests.Jobs;

/// <summary>OpenCue's table of what becomes of a frame, row by row, and what stands before it here.</summary>
public sealed class FrameVerdictTests
{
    private const long Gib = 1048576;

    /// <summary>Exit status and signal, retries so far and allowed; the state that follows.</summary>
    public static TheoryData<int, int, int, int, FrameState> Reports => new()
    {
        { 0, 0, 0, 1, FrameState.Succeeded },
        { 0, 0, 9, 1, FrameState.Succeeded },
        { 1, 0, 0, 1, FrameState.Waiting },
        { 1, 0, 1, 1, FrameState.Dead },
        { 1, 9, 0, 0, FrameState.Dead },
        { 286, 0, 9, 0, FrameState.Waiting },
        { 1, 119, 9, 1, FrameState.Waiting },
        { 1, 119, 0, 0, FrameState.Dead },
        { 256, 0, 0, 1, FrameState.Waiting },
        { 1, 256, 0, 1, FrameState.Waiting },
        { 256, 0, 1, 1, FrameState.Waiting },
        { 256, 0, 0, 0, FrameState.Waiting },
        { 33, 0, 9, 1, FrameState.Waiting },
        { 1, 33, 9, 1, FrameState.Waiting },
        { 330, 0, 9, 1, FrameState.Waiting },
        { 287, 0, 1, 1, FrameState.Dead },
        { 399, 0, 1, 1, FrameState.Waiting },
        { -5, 0, 0, 1, FrameState.Waiting },
    };

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_report_decides_by_status_signal_and_retries(int status, int signal, int retries, int most, FrameState expected) =>
        Assert.Equal(expected, Of(Report(status, signal), new FrameFacts { Retries = retries, MaxRetries = most }).State);

    [Theory]
    [InlineData(1, 0, FrameState.Eaten)]
    [InlineData(33, 0, FrameState.Eaten)]
    [InlineData(330, 0, FrameState.Eaten)]
    [InlineData(286, 0, FrameState.Waiting)]
    [InlineData(256, 0, FrameState.Waiting)]
    [InlineData(399, 0, FrameState.Waiting)]
    [InlineData(1, 119, FrameState.Waiting)]
    [InlineData(0, 0, FrameState.Succeeded)]
    public void A_job_with_auto_eat_eats_all_failures_but_those_that_are_always_tried_again(int status, int signal, FrameState expected) =>
        Assert.Equal(expected, Of(Report(status, signal), new FrameFacts { AutoEat = true, MaxRetries = 1 }).State);

    [Theory]
    [InlineData(15, true, FrameState.Waiting)]
    [InlineData(15, false, FrameState.Dead)]
    [InlineData(9, true, FrameState.Dead)]
    public void A_frame_that_nimby_ended_waits_whatever_its_retries(int signal, bool locked, FrameState expected) =>
        Assert.Equal(expected, Of(Report(1, signal) with { NimbyLocked = locked }, new FrameFacts { Retries = 3, MaxRetries = 1 }).State);

    [Theory]
    [InlineData(3600, FrameState.Waiting)]
    [InlineData(3601, FrameState.Dead)]
    public void A_failure_after_more_than_the_timeout_is_final(int seconds, FrameState expected) =>
        Assert.Equal(expected, Of(Report(1), new FrameFacts { MaxRetries = 5, TimeoutMinutes = 60, RunSeconds = seconds }).State);

    [Theory]
    [InlineData(43200, FrameState.Waiting)]
    [InlineData(43201, FrameState.Dead)]
    public void A_failure_after_more_than_twelve_hours_is_final(int seconds, FrameState expected) =>
        Assert.Equal(expected, Of(Report(1), new FrameFacts { MaxRetries = 5, RunSeconds = seconds }).State);

    [Theory]
    [InlineData(10, 9 * 60_000L + 59_999, FrameState.Waiting)]
    [InlineData(10, 10 * 60_000L, FrameState.Dead)]
    [InlineData(0, 99 * 60_000L, FrameState.Waiting)]
    [InlineData(10, null, FrameState.Waiting)]
    public void A_failure_after_a_silent_log_is_final(int timeout, long? silentMs, FrameState expected) =>
        Assert.Equal(expected, Of(Report(1), new FrameFacts { MaxRetries = 5, TimeoutLogMinutes = timeout, LogSilentMs = silentMs }).State);

    [Fact]
    public void A_rule_for_a_status_stands_over_timeouts() =>
        Assert.Equal(FrameState.Waiting, Of(Report(330), new FrameFacts { RunSeconds = 99_999, TimeoutMinutes = 1 }).State);

    [Theory]
    [InlineData(137, false, 1, false)]
    [InlineData(137, true, 1, true)]
    [InlineData(137, false, 9, true)]
    [InlineData(33, false, 0, true)]
    [InlineData(1, false, 10, false)]
    public void Status_137_is_want_of_memory_only_in_a_container_or_near_the_reservation(
        int status, bool container, int rssGib, bool expected)
    {
        var verdict = Of(
            Report(status) with { FromContainer = container, MaxRssKib = rssGib * Gib },
            new FrameFacts { Retries = 4, MaxRetries = 1, ReservedMemoryKib = 10 * Gib });

        Assert.Equal(expected, verdict.MemoryFailure);
        Assert.Equal(expected ? FrameState.Waiting : FrameState.Dead, verdict.State);
        Assert.Equal(status, verdict.ExitStatus);
    }

    [Theory]
    [InlineData(RunEnd.NotOnHost, 301)]
    [InlineData(RunEnd.ForgottenByAgent, 301)]
    [InlineData(RunEnd.AcceptedByPerson, 301)]
    [InlineData(RunEnd.HostRebooted, 399)]
    [InlineData(RunEnd.AssumedLost, 399)]
    public void A_run_that_was_lost_goes_back_to_waiting_even_if_the_job_eats_or_has_no_retries(RunEnd end, int status) =>
        Assert.Equal(
            new FrameVerdict(FrameState.Waiting, status), Of(new RunOutcome { End = end }, new FrameFacts { AutoEat = true, Retries = 5 }));

    [Fact]
    public void A_run_that_never_started_keeps_the_exit_status_from_before() =>
        Assert.Equal(
            new FrameVerdict(FrameState.Waiting, null), Of(
                new RunOutcome { End = RunEnd.NeverStarted }, new FrameFacts { AutoEat = true }));

    [Theory]
    [InlineData(RunEnd.Completed, 0)]
    [InlineData(RunEnd.Completed, 1)]
    [InlineData(RunEnd.AssumedLost, 0)]
    [InlineData(RunEnd.NotOnHost, 0)]
    public void A_persons_order_stands_over_whatever_is_reported(RunEnd end, int status)
    {
        var outcome = new RunOutcome { End = end, ExitStatus = status };

        Assert.Equal(new FrameVerdict(FrameState.Waiting, 500), Of(outcome, new FrameFacts { AutoEat = true }, KillOutcome.Retry));
        Assert.Equal(new FrameVerdict(FrameState.Eaten, 506), Of(outcome, default, KillOutcome.Eat));
    }

    [Fact]
    public void A_run_killed_for_its_memory_failed_by_memory_whatever_status_comes() =>
        Assert.Equal(
            new FrameVerdict(FrameState.Waiting, 33, MemoryFailure: true), Of(
                Report(1, 9), new FrameFacts { Retries = 9, MaxRetries = 1 }, KillOutcome.Memory));

    [Fact]
    public void A_run_that_was_lost_while_it_was_killed_for_its_memory_failed_by_memory() =>
        Assert.Equal(
            new FrameVerdict(FrameState.Waiting, 33, MemoryFailure: true), Of(
                new RunOutcome { End = RunEnd.NotOnHost }, default, KillOutcome.Memory));

    [Fact]
    public void A_run_that_succeeded_before_its_memory_kill_arrived_has_succeeded() =>
        Assert.Equal(new FrameVerdict(FrameState.Succeeded, 0), Of(Report(0), default, KillOutcome.Memory));

    [Fact]
    public void A_plain_kill_lets_the_report_decide()
    {
        Assert.Equal(FrameState.Waiting, Of(Report(1, 9), new FrameFacts { MaxRetries = 1 }, KillOutcome.ByReport).State);
        Assert.Equal(FrameState.Dead, Of(Report(1, 9), new FrameFacts { MaxRetries = 0 }, KillOutcome.ByReport).State);
    }

    private static RunOutcome Report(int status, int signal = 0) =>
        new() { End = RunEnd.Completed, ExitStatus = status, ExitSignal = signal };

    private static FrameVerdict Of(RunOutcome outcome, FrameFacts facts, KillOutcome? ordered = null) =>
        FrameVerdict.Of(
            outcome, ordered, facts with { ReservedMemoryKib = Math.Max(1, facts.ReservedMemoryKib) },
            new FarmSettings { LayerDelayMinutes = [new(330, 5)] });
}
