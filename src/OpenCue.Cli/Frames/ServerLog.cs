using OpenCue.Cli.Connecting;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Frames;

/// <summary>A log that the server reads, for machines that don't see the folder of the logs.</summary>
internal sealed class ServerLog(CueServer server, string frameId) : IFrameLog
{
    /// <summary>Why there is no log; null if there was one.</summary>
    public string? Reason { get; private set; }

    public async Task<LogPiece?> ReadAsync(long start, CancellationToken cancel)
    {
        try
        {
            var request = new ReadFrameLogRequest { FrameId = frameId, Offset = start };
            var answer = await server.Admin.ReadFrameLogAsync(request, cancellationToken: cancel);
            Reason = null;
            return new LogPiece(answer.Data.Memory, answer.NextOffset - answer.Data.Length, answer.Size);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.Unimplemented)
        {
            Reason = e.StatusCode == StatusCode.Unimplemented ? "the server reads no logs" : e.Status.Detail.TrimEnd('.');
            return null;
        }
    }
}
