using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace OpenCue.Rpc.Wire;

/// <summary>
/// Writes one message with its prefix into a buffer. Where the length is known and no compression asked for, the
/// message goes straight into the buffer of the connection; the target is advanced only when a small message is whole.
/// </summary>
#pragma warning disable CA1001 // The staging buffer lives only within Write, which disposes of it.
internal sealed class MessageWriter : SerializationContext, IBufferWriter<byte>
#pragma warning restore CA1001
{
    /// <summary>Compress nothing.</summary>
    public const int NeverGzip = int.MaxValue;

    // Above this size a message is written in the pieces that the target hands out, not as one block.
    private const int LargestBlock = 64 * 1024;

    [ThreadStatic]
    private static MessageWriter? _cached;

    private IBufferWriter<byte> _target = null!;
    private string _what = "";
    private int _limit;
    private int _gzipFrom;
    private int _announced;
    private int _written;
    private Memory<byte> _block;
    private PooledBuffer? _staging;
    private Way _way;

    private enum Way
    {
        NotChosen,
        Block,
        Pieces,
        Staging,
        Done,
    }

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="marshaller">Serialises it.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="what">"request" or "response", for errors.</param>
    /// <param name="limit">The most bytes the message may have.</param>
    /// <param name="gzipFrom">Messages from this size on are compressed.</param>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the message is larger than the limit.</exception>
    /// <exception cref="BrokenMessageException">A part of the message is in the target already and the rest cannot be written.</exception>
    public static void Write<T>(
        T message,
        Marshaller<T> marshaller,
        IBufferWriter<byte> target,
        string what,
        int limit,
        int gzipFrom = NeverGzip)
    {
        var writer = _cached ?? new MessageWriter();
        _cached = null;
        writer._target = target;
        writer._what = what;
        writer._limit = limit;
        // Nothing compresses to nothing, which is no gzip.
        writer._gzipFrom = Math.Max(gzipFrom, 1);
        writer._announced = -1;
        writer._written = 0;
        writer._way = Way.NotChosen;
        try
        {
            marshaller.ContextualSerializer(message, writer);
            if (writer._way != Way.Done)
            {
                throw new InvalidOperationException("The marshaller wrote a message and did not complete it.");
            }
        }
        catch (Exception e) when (writer._way == Way.Pieces && writer._written > 0)
        {
            throw new BrokenMessageException(e);
        }
        finally
        {
            writer._staging?.Dispose();
            writer._staging = null;
            writer._block = default;
            writer._target = null!;
            _cached = writer;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        CheckLimit(payloadLength);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_way == Way.NotChosen)
        {
            if (_announced < 0 || _announced >= _gzipFrom)
            {
                _way = Way.Staging;
                _staging = new PooledBuffer();
            }
            else if (_announced <= LargestBlock)
            {
                _way = Way.Block;
                _block = _target.GetMemory(WireNames.PrefixLength + _announced);
                WritePrefix(_block.Span, 0, _announced);
            }
            else
            {
                _way = Way.Pieces;
                WritePrefix(_target.GetSpan(WireNames.PrefixLength), 0, _announced);
                _target.Advance(WireNames.PrefixLength);
            }
        }

        return _way == Way.Staging ? _staging! : this;
    }

    public override void Complete()
    {
        switch (_way)
        {
            case Way.NotChosen:
                Complete([]);
                return;
            case Way.Staging:
                CheckLimit(_staging!.WrittenCount);
                WriteWhole(_staging.WrittenSpan);
                break;
            case Way.Block:
                CheckWritten();
                _target.Advance(WireNames.PrefixLength + _written);
                break;
            case Way.Pieces:
                CheckWritten();
                break;
            case Way.Done:
            default:
                throw new InvalidOperationException("The marshaller completed a message twice.");
        }

        _way = Way.Done;
    }

    public override void Complete(byte[] payload)
    {
        if (_way != Way.NotChosen)
        {
            throw new InvalidOperationException("The marshaller completed a message twice.");
        }

        CheckLimit(payload.Length);
        WriteWhole(payload);
        _way = Way.Done;
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        _written += count;
        if (_written > _announced)
        {
            throw new InvalidOperationException($"The marshaller wrote more than the {_announced} bytes that it had announced.");
        }

        if (_way == Way.Pieces)
        {
            _target.Advance(count);
        }
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        if (_way == Way.Pieces)
        {
            return _target.GetMemory(sizeHint);
        }

        var rest = _block[(WireNames.PrefixLength + _written)..];
        return rest.Length >= Math.Max(sizeHint, 1)
            ? rest
            : throw new InvalidOperationException($"The marshaller wrote more than the {_announced} bytes that it had announced.");
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => ((IBufferWriter<byte>)this).GetMemory(sizeHint).Span;

    private static void WritePrefix(Span<byte> span, byte flags, int length)
    {
        span[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)length);
    }

    private void WriteWhole(ReadOnlySpan<byte> message)
    {
        if (message.Length < _gzipFrom)
        {
            WriteFrame(0, message);
            return;
        }

        using var compressed = new PooledBuffer();
        GzipCodec.Compress(message, compressed);
        WriteFrame(WireNames.CompressedFlag, compressed.WrittenSpan);
    }

    private void WriteFrame(byte flags, ReadOnlySpan<byte> payload)
    {
        WritePrefix(_target.GetSpan(WireNames.PrefixLength), flags, payload.Length);
        _target.Advance(WireNames.PrefixLength);
        _target.Write(payload);
    }

    private void CheckLimit(int length)
    {
        if (length > _limit)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"The {_what} has {length} bytes, more than the {_limit} that MaxMessageBytes allows."));
        }
    }

    private void CheckWritten()
    {
        if (_written != _announced)
        {
            throw new InvalidOperationException($"The marshaller announced {_announced} bytes and wrote {_written}.");
        }
    }
}

/// <summary>A message was written in part, so that the stream it went to is of no use any more.</summary>
#pragma warning disable CA1032, CA1064 // Thrown and caught within this library only.
internal sealed class BrokenMessageException(Exception cause)
    : Exception("A message could only be written in part: " + cause.Message, cause);
#pragma warning restore CA1032, CA1064
