using Grpc.Core;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// What the statuses of agents mean. Only a definite refusal means "not started"; every other error, "already running" among them, leaves it unknown.
/// </summary>
/// <remarks>
/// OpenCue's Python agent answers UNKNOWN with a text to everything it refuses; its Rust agent has statuses, but says INVALID_ARGUMENT for a frame that
/// runs already. Ours says in the trailer <see cref="RunStateTrailer"/> what its journal knows.
/// </remarks>
internal static class AgentAnswers
{
    /// <summary>Metadata with the id of the run that a call means.</summary>
    public const string RunIdKey = "opencue-run-id";

    /// <summary>Trailer in which our agent says what its journal knows of a run that does not live.</summary>
    public const string RunStateTrailer = "opencue-run-state";

    /// <summary>Trailer in which our agent says which journal that is.</summary>
    public const string JournalTrailer = "opencue-instance-id";

    /// <summary>How a launch that failed ended.</summary>
    public static CallAnswer OfLaunch(AgentKind kind, RpcException failure)
    {
        if (failure is RpcTransportException transport)
        {
            return OfTransport(transport);
        }

        var text = failure.Status.Detail;
        if (text.Contains("already running", StringComparison.OrdinalIgnoreCase))
        {
            return CallAnswer.Unanswered;
        }

        return failure.StatusCode switch
        {
            StatusCode.InvalidArgument => CallAnswer.RefusedOrder,
            StatusCode.FailedPrecondition or StatusCode.Aborted or StatusCode.ResourceExhausted => CallAnswer.Refused,
            StatusCode.Unimplemented or StatusCode.Unauthenticated or StatusCode.PermissionDenied => CallAnswer.Refused,
            StatusCode.Unknown when kind != AgentKind.OpenCueNet && text.Contains("Not launching,", StringComparison.Ordinal) =>
                IsOrdersFault(text) ? CallAnswer.RefusedOrder : CallAnswer.Refused,
            _ => CallAnswer.Unanswered,
        };
    }

    /// <summary>How a kill that failed ended.</summary>
    /// <param name="kind">Which agent it was.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="journal">The journal with which the run was booked; null if there was none.</param>
    public static CallAnswer OfKill(AgentKind kind, RpcException failure, string? journal = null) => failure switch
    {
        RpcTransportException transport => OfTransport(transport),
        { StatusCode: StatusCode.NotFound } => OfNotFound(kind, failure, journal),

        // The Rust agent refuses to kill what has no process yet, or none any more.
        { StatusCode: StatusCode.FailedPrecondition or StatusCode.Unknown } when kind != AgentKind.OpenCueNet => CallAnswer.CannotSay,
        _ => CallAnswer.Unanswered,
    };

    /// <summary>How a question about a run that failed ended.</summary>
    /// <param name="kind">Which agent it was.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="journal">The journal with which the run was booked; null if there was none.</param>
    public static CallAnswer OfQuestion(AgentKind kind, RpcException failure, string? journal = null) => failure switch
    {
        RpcTransportException transport => OfTransport(transport),
        { StatusCode: StatusCode.NotFound } => OfNotFound(kind, failure, journal),
        { StatusCode: StatusCode.Unimplemented } => CallAnswer.CannotSay,

        // The Python agent fails on this question whatever it knows.
        { StatusCode: StatusCode.Unknown } when kind != AgentKind.OpenCueNet => CallAnswer.CannotSay,
        _ => CallAnswer.Unanswered,
    };

    /// <summary>What an agent's words about the frame say of the run.</summary>
    /// <param name="runId">The run that was asked about.</param>
    /// <param name="reportedRunId">The run that the agent says it runs; empty if it does not tell.</param>
    public static CallAnswer OfStatus(string runId, string? reportedRunId) =>
        string.IsNullOrEmpty(reportedRunId) ? CallAnswer.CannotSay
        : string.Equals(runId, reportedRunId, StringComparison.OrdinalIgnoreCase) ? CallAnswer.Done
        : CallAnswer.NotHere;

    private static CallAnswer OfNotFound(AgentKind kind, RpcException failure, string? journal)
    {
        // A journal that was made after the run was booked never had it, wherever the run is.
        if (failure.Trailers.GetValue(JournalTrailer) is { } answering && answering != journal)
        {
            return CallAnswer.NotHere;
        }

        var state = kind == AgentKind.OpenCueNet ? failure.Trailers.GetValue(RunStateTrailer) : null;
        return state is "never-started" or "other-run" ? CallAnswer.NeverHere : CallAnswer.NotHere;
    }

    private static CallAnswer OfTransport(RpcTransportException failure) => failure.RequestSent ? CallAnswer.Unanswered : CallAnswer.NotSent;

    private static bool IsOrdersFault(string text) =>
        text.Contains("user id", StringComparison.OrdinalIgnoreCase)
        || text.Contains("numCores", StringComparison.OrdinalIgnoreCase)
        || text.Contains("num_cores", StringComparison.OrdinalIgnoreCase);
}
