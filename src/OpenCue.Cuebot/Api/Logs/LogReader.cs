using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace OpenCue.Cuebot.Api.Logs;

/// <summary>Reads a part of a log, and waits a while for more if there is none.</summary>
internal sealed class LogReader(TimeProvider time)
{
    private const int UsualBytes = 64 * 1024;
    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads.</summary>
    /// <param name="path">The log.</param>
    /// <param name="root">The folder below which it must really be.</param>
    /// <param name="offset">Where to begin; negative: so many bytes before the end.</param>
    /// <param name="maxBytes">The most bytes wanted; 0 is a usual number.</param>
    /// <param name="wait">How long to wait for more.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<LogPart> ReadAsync(string path, string root, long offset, int maxBytes, TimeSpan wait, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        wait = wait < LongestWait ? wait : LongestWait;
        while (true)
        {
            using var file = FrameLogFile.Open(path, root);
            var size = RandomAccess.GetLength(file);
            var from = offset >= 0 ? offset : Math.Max(0, size + offset);

            // A log that is shorter than what was read of it belongs to a new run; the reader sees that from its size.
            if (size > from || size < offset || time.GetElapsedTime(since) >= wait)
            {
                return Read(file, Math.Min(from, size), size, maxBytes is > 0 and <= MostBytes ? maxBytes : maxBytes > 0 ? MostBytes : UsualBytes);
            }

            offset = from;
            await Task.Delay(LookEvery, time, cancel);
        }
    }

    private static LogPart Read(SafeFileHandle file, long from, long size, int most)
    {
        var bytes = new byte[(int)Math.Min(most, size - from)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), from + read) is var more and > 0)
        {
            read += more;
        }

        return new LogPart(ByteString.CopyFrom(bytes, 0, read), from + read, size);
    }
}

/// <summary>A part of a log.</summary>
/// <param name="Data">What it holds.</param>
/// <param name="NextOffset">Where the next part begins.</param>
/// <param name="Size">Size of the whole log now.</param>
internal readonly record struct LogPart(ByteString Data, long NextOffset, long Size);
