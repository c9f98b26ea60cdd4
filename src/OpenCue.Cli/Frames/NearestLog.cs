using OpenCue.Cli.Output;

namespace OpenCue.Cli.Frames;

/// <summary>The log as a file where this machine sees it and may read it, else as the server reads it.</summary>
internal sealed class NearestLog(LogFile file, ServerLog server) : IFrameLog
{
    public async Task<LogPiece?> ReadAsync(long start, CancellationToken cancel)
    {
        CueException? denied = null;
        try
        {
            if (await file.ReadAsync(start, cancel) is { } piece)
            {
                return piece;
            }
        }
        catch (CueException e) when (e.InnerException is UnauthorizedAccessException)
        {
            denied = e;
        }

        var fromServer = await server.ReadAsync(start, cancel);
        return fromServer is null && denied is not null ? throw CueException.Failed(denied.Message, denied) : fromServer;
    }
}
