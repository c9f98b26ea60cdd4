using System.Diagnostics;
using Grpc.Core;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Rpc.Server;
using OpenCue.Specs;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cuebot.Api.Edge;

/// <summary>
/// The one place where exceptions become statuses. OpenCue answers INTERNAL to nearly everything; here a status says what happened, and where
/// OpenCue's clients look for INTERNAL and its text (launches), they find it.
/// </summary>
internal sealed class FarmExceptionMapper : IRpcExceptionMapper
{
    /// <inheritdoc/>
    public Status? Map(Exception exception, ServerCallContext context) => exception switch
    {
        FarmException refused => new Status(CodeOf(refused.Refusal), refused.Message),
        InvalidNameException or FrameRangeException => new Status(StatusCode.InvalidArgument, exception.Message),

        // OpenCue's clients repeat a call that got UNAVAILABLE: it must mean that nothing was done.
        EngineUnavailableException { OutcomeUnknown: true } => new Status(StatusCode.Unknown, exception.Message),
        EngineUnavailableException or StoreUnavailableException => new Status(StatusCode.Unavailable, exception.Message),
        CommandFailedException => new Status(StatusCode.Internal, exception.Message),
        _ => null,
    };

    private static StatusCode CodeOf(Refusal refusal) => refusal switch
    {
        Refusal.NotFound => StatusCode.NotFound,
        Refusal.AlreadyExists => StatusCode.AlreadyExists,
        Refusal.InvalidArgument => StatusCode.InvalidArgument,
        Refusal.FailedPrecondition => StatusCode.FailedPrecondition,
        Refusal.ResourceExhausted => StatusCode.ResourceExhausted,
        Refusal.Internal => StatusCode.Internal,
        _ => throw new UnreachableException(),
    };
}
