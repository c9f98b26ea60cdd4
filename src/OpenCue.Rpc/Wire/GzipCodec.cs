using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace OpenCue.Rpc.Wire;

/// <summary>gzip, one message at a time.</summary>
internal static class GzipCodec
{
    public static void Compress(ReadOnlySpan<byte> message, PooledBuffer target)
    {
        using var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true);
        gzip.Write(message);
    }

    /// <summary>Expands a message, but never past the limit: a few bytes may claim to be gigabytes.</summary>
    /// <returns>False when the message is larger than the limit.</returns>
    /// <exception cref="InvalidDataException">The bytes are no gzip, or not all of it.</exception>
    public static bool TryDecompress(in ReadOnlySequence<byte> compressed, int limit, PooledBuffer target)
    {
        using var source = PipeReader.Create(compressed).AsStream();
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        while (true)
        {
            var room = limit - target.WrittenCount;
            var span = target.GetSpan();
            if (room < span.Length)
            {
                // One byte more than allowed tells "exactly the limit" from "too much".
                span = span[..(room + 1)];
            }

            var read = gzip.Read(span);
            if (read == 0)
            {
                return true;
            }

            if (read > room)
            {
                return false;
            }

            target.Advance(read);
        }
    }
}
