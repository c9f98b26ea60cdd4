using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>
/// The one place where exceptions of service methods become statuses. Register one as a singleton; without it, or where it
/// knows no answer, an exception becomes INTERNAL with its message and is logged as an error.
/// </summary>
/// <remarks>
/// It is not asked about <see cref="RpcException"/>, which carries its status, about cancellation, about
/// <see cref="RpcDropConnectionException"/> and about <see cref="RpcHttpUnavailableException"/>.
/// </remarks>
public interface IRpcExceptionMapper
{
    /// <summary>The status for an exception, or null when this mapper does not know it.</summary>
    /// <param name="exception">What the service method threw.</param>
    /// <param name="context">The call.</param>
    Status? Map(Exception exception, ServerCallContext context);
}
