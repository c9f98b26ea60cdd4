using Grpc.Core;
using OpenCue.Cuebot.Launching;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Tests.Launching;

/// <summary>What agents' answers mean: only a definite refusal means that nothing was started.</summary>
public sealed class AgentAnswersTests
{
    [Theory]
    [InlineData(AgentKind.OpenCueNet, StatusCode.InvalidArgument, "uid is 0: root owns no frames.", CallAnswer.RefusedOrder)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.FailedPrecondition, "Run x was killed before this launch of it arrived.", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Aborted, "only 100 are idle", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.ResourceExhausted, "The journal can't be written.", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.AlreadyExists, "Frame x is already running, as run y.", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.AlreadyExists, "Run x was started before and has ended.", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Internal, "", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Unavailable, "", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Unknown, "Not launching, whatever", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Unimplemented, "", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, "Exception calling application: Not launching, rqd HardwareState is not Up", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, "Exception calling application: Not launching, rqd is lockNimby", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, "Not launching, frame is already running on this proc 1-2", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, "Not launching, user id 0 too low", CallAnswer.RefusedOrder)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, "Exception iterating responses", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCue, StatusCode.InvalidArgument, "Frame x is already running", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCue, StatusCode.InvalidArgument, "Not launching, num_cores must be positive", CallAnswer.RefusedOrder)]
    [InlineData(AgentKind.OpenCue, StatusCode.Aborted, "Nimby Locked", CallAnswer.Refused)]
    [InlineData(AgentKind.OpenCue, StatusCode.Internal, "Failed to launch", CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCue, StatusCode.DeadlineExceeded, "", CallAnswer.Unanswered)]
    internal void Launches(AgentKind agent, StatusCode code, string text, CallAnswer expected) =>
        Assert.Equal(expected, AgentAnswers.OfLaunch(agent, new RpcException(new Status(code, text))));

    [Theory]
    [InlineData(false, CallAnswer.NotSent)]
    [InlineData(true, CallAnswer.Unanswered)]
    internal void What_the_network_did_tells_only_whether_anything_left(bool sent, CallAnswer expected)
    {
        var failure = new RpcTransportException(new Status(StatusCode.Unavailable, "refused"), sent, "a:1");
        Assert.Equal(expected, AgentAnswers.OfLaunch(AgentKind.OpenCue, failure));
        Assert.Equal(expected, AgentAnswers.OfKill(AgentKind.OpenCueNet, failure));
        Assert.Equal(expected, AgentAnswers.OfQuestion(AgentKind.OpenCue, failure));
    }

    [Theory]
    [InlineData(AgentKind.OpenCueNet, "never-started", CallAnswer.NeverHere)]
    [InlineData(AgentKind.OpenCueNet, "other-run", CallAnswer.NeverHere)]
    [InlineData(AgentKind.OpenCueNet, "ended", CallAnswer.NotHere)]
    [InlineData(AgentKind.OpenCueNet, null, CallAnswer.NotHere)]
    [InlineData(AgentKind.OpenCue, "never-started", CallAnswer.NotHere)]
    [InlineData(AgentKind.OpenCue, null, CallAnswer.NotHere)]
    internal void Not_found_is_proof_only_from_our_agents_journal(AgentKind agent, string? state, CallAnswer expected)
    {
        var trailers = new Metadata();
        if (state is not null)
        {
            trailers.Add("opencue-run-state", state);
        }

        var failure = new RpcException(new Status(StatusCode.NotFound, "no such frame"), trailers);
        Assert.Equal(expected, AgentAnswers.OfKill(agent, failure));
        Assert.Equal(expected, AgentAnswers.OfQuestion(agent, failure));
    }

    [Theory]
    [InlineData("journal-1", CallAnswer.NeverHere)]
    [InlineData("journal-2", CallAnswer.NotHere)]
    internal void A_journal_that_was_begun_after_the_run_can_not_know_that_it_never_started(string answering, CallAnswer expected)
    {
        var trailers = new Metadata { { "opencue-run-state", "never-started" }, { "opencue-instance-id", answering } };
        var failure = new RpcException(new Status(StatusCode.NotFound, "no such run"), trailers);
        Assert.Equal(expected, AgentAnswers.OfKill(AgentKind.OpenCueNet, failure, "journal-1"));
        Assert.Equal(expected, AgentAnswers.OfQuestion(AgentKind.OpenCueNet, failure, "journal-1"));
    }

    [Theory]
    [InlineData(AgentKind.OpenCue, StatusCode.FailedPrecondition, CallAnswer.CannotSay)]
    [InlineData(AgentKind.OpenCue, StatusCode.Unknown, CallAnswer.CannotSay)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Unavailable, CallAnswer.Unanswered)]
    [InlineData(AgentKind.OpenCueNet, StatusCode.Internal, CallAnswer.Unanswered)]
    internal void Kills(AgentKind agent, StatusCode code, CallAnswer expected) =>
        Assert.Equal(expected, AgentAnswers.OfKill(agent, new RpcException(new Status(code, ""))));

    [Theory]
    [InlineData("01a31870-2620-7685-a58e-ec6800000000", "01A31870-2620-7685-A58E-EC6800000000", CallAnswer.Done)]
    [InlineData("01a31870-2620-7685-a58e-ec6800000000", "01a31870-2620-7685-a58e-ec6900000000", CallAnswer.NotHere)]
    [InlineData("01a31870-2620-7685-a58e-ec6800000000", "", CallAnswer.CannotSay)]
    [InlineData("01a31870-2620-7685-a58e-ec6800000000", null, CallAnswer.CannotSay)]
    internal void A_status_tells_which_run_it_is_of(string asked, string? told, CallAnswer expected) => Assert.Equal(expected, AgentAnswers.OfStatus(asked, told));
}
