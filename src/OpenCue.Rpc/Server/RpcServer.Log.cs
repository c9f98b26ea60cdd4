using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace OpenCue.Rpc.Server;

public sealed partial class RpcServer
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "{Method}, called by {Peer}, failed and is answered INTERNAL")]
    private partial void LogFailed(Exception exception, string method, string peer);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Debug, Message = "{Method}, called by {Peer}, is answered {Code}")]
    private partial void LogMapped(Exception exception, string method, string peer, StatusCode code);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Debug, Message = "{Method}: the caller {Peer} is gone")]
    private partial void LogCallerGone(Exception exception, string method, string peer);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Information, Message = "{Method}: the connection of {Peer} is dropped without an answer: {Reason}")]
    private partial void LogDropped(string method, string peer, string reason);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "{Method}, called by {Peer}, is answered HTTP 503: {Reason}")]
    private partial void LogHttpUnavailable(string method, string peer, string reason);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Error, Message = "The CallEnded callback failed for {Method}; its figures are incomplete")]
    private partial void LogCallEndedFailed(Exception exception, string method);
}
