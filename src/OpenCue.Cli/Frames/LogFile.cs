using OpenCue.Cli.Output;

namespace OpenCue.Cli.Frames;

/// <summary>A log that this machine sees as a file, as it does where machines share their file systems.</summary>
internal sealed class LogFile(string path) : IFrameLog
{
    private const int PieceSize = 1 << 16;

    public async Task<LogPiece?> ReadAsync(long start, CancellationToken cancel)
    {
        try
        {
            // Opened anew for each piece: the next run of the frame renames the file and begins another.
            const FileShare Everything = FileShare.ReadWrite | FileShare.Delete;
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, Everything, bufferSize: 0);
            var size = file.Length;
            var begin = start < 0 ? Math.Max(0, size + start) : Math.Min(start, size);
            file.Position = begin;
            var bytes = new byte[Math.Min(PieceSize, size - begin)];
            var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
            return new LogPiece(bytes.AsMemory(0, read), begin, size);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CueException.Failed($"the log {path} cannot be read: {e.Message}", e);
        }
    }
}
