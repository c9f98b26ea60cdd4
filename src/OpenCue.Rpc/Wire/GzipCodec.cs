using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace OpenCue.Rpc.Wire;

/// <summary>gzip, one message at a time.</summary>
internal static class GzipCodec
{
    // Ten bytes of header, two of empty data, eight of check sum and length.
    private const int SmallestGzip = 20;

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
        using var source = new SequenceStream(compressed);
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
                CheckEnd(compressed, target.WrittenCount);
                return true;
            }

            if (read > room)
            {
                return false;
            }

            target.Advance(read);
        }
    }

    // The runtime's GZipStream takes the end of its input for the end of the data, so that a cut message would be a shorter
    // one. The last four bytes of gzip tell how much there was.
    private static void CheckEnd(in ReadOnlySequence<byte> compressed, int expanded)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        if (compressed.Length < SmallestGzip)
        {
            throw new InvalidDataException("it is shorter than gzip can be");
        }

        compressed.Slice(compressed.Length - length.Length).CopyTo(length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != (uint)expanded)
        {
            throw new InvalidDataException("it is cut off, or something follows it");
        }
    }
}
