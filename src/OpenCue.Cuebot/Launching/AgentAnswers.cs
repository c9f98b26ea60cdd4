using Grpc.Core;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// What the end of a call means. Agents differ: ours says what it means by status; OpenCue's Rust agent uses some statuses, its Python agent none, only
/// texts. Where an answer does not say for sure, it is <see cref="CallAnswer.Unanswered"/>, and evidence has to settle it.
/// </summary>
internal static class AgentAnswers
{
    /// <summary>Trailer of our agent: what its journal says of the run.</summary>
    private const string RunStateTrailer = "opencue-run-state";

    /// <summary>What a failed launch means.</summary>
    public static CallAnswer OfLaunch(RpcException error, AgentKind agent)
    {
        if (error is RpcTransportException transport)
        {
            return transport.RequestSent ? CallAnswer.Unanswered : CallAnswer.NotSent;
        }

        return agent == AgentKind.OpenCueNet ? OfOurLaunch(error.StatusCode) : OfForeignLaunch(error.Status);
    }

    /// <summary>What a failed kill means.</summary>
    public static CallAnswer OfKill(RpcException error) => error switch
    {
        RpcTransportException { RequestSent: false } => CallAnswer.NotSent,
        RpcTransportException => CallAnswer.Unanswered,
        { StatusCode: StatusCode.NotFound } => OfNotFound(error),
        _ => CallAnswer.CannotSay,
    };

    /// <summary>What a failed question means.</summary>
    public static CallAnswer OfQuestion(RpcException error) => error switch
    {
        RpcTransportException { RequestSent: false } => CallAnswer.NotSent,
        RpcTransportException => CallAnswer.Unanswered,
        { StatusCode: StatusCode.NotFound } => OfNotFound(error),
        { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } => CallAnswer.Unanswered,
        _ => CallAnswer.CannotSay,
    };

    private static CallAnswer OfOurLaunch(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument => CallAnswer.RefusedOrder,
        StatusCode.FailedPrecondition or StatusCode.Aborted or StatusCode.ResourceExhausted => CallAnswer.Refused,

        // ALREADY_EXISTS: this very run may be the one that was started by a launch whose answer was lost.
        _ => CallAnswer.Unanswered,
    };

    private static CallAnswer OfForeignLaunch(Status status)
    {
        if (status.Detail.Contains("already running", StringComparison.OrdinalIgnoreCase))
        {
            return CallAnswer.Unanswered;
        }

        return status.StatusCode switch
        {
            StatusCode.InvalidArgument => CallAnswer.RefusedOrder,
            StatusCode.FailedPrecondition or StatusCode.Aborted => CallAnswer.Refused,

            // The Python agent answers UNKNOWN to everything; only its text tells a refusal from an accident.
            StatusCode.Unknown when status.Detail.Contains("Not launching", StringComparison.Ordinal) => CallAnswer.Refused,
            _ => CallAnswer.Unanswered,
        };
    }

    private static CallAnswer OfNotFound(RpcException error) =>
        error.Trailers.GetValue(RunStateTrailer) == "never-started" ? CallAnswer.NeverHere : CallAnswer.NotHere;
}
