using System.Buffers;

namespace OpenCue.Rpc.Wire;

/// <summary>Bytes that lie in pieces, as a stream to read once.</summary>
internal sealed class SequenceStream(ReadOnlySequence<byte> rest) : Stream
{
    private const string OnceOnly = "These bytes can be read once, from their start.";

    private ReadOnlySequence<byte> _rest = rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException(OnceOnly);

    public override long Position
    {
        get => throw new NotSupportedException(OnceOnly);
        set => throw new NotSupportedException(OnceOnly);
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, _rest.Length);
        _rest.Slice(0, count).CopyTo(buffer);
        _rest = _rest.Slice(count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException(OnceOnly);

    public override void SetLength(long value) => throw new NotSupportedException(OnceOnly);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException(OnceOnly);
}
