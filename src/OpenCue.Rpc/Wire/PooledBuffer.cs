using System.Buffers;

namespace OpenCue.Rpc.Wire;

/// <summary>A growing array of bytes on loan from the shared pool: written like a stream or a buffer, read in one piece.</summary>
internal sealed class PooledBuffer : Stream, IBufferWriter<byte>
{
    private const int SmallestArray = 1024;

    private byte[] _array = [];
    private int _length;

    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, _length);

    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, _length);

    public int WrittenCount => _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException("A pooled buffer is written from its start to its end.");
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - _length), nameof(count));
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length);
    }

    /// <summary>Forgets what is written and keeps the array.</summary>
    public void Clear() => _length = 0;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Reserve(buffer.Length);
        buffer.CopyTo(_array.AsSpan(_length));
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A pooled buffer is only written.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A pooled buffer is written from its start to its end.");

    public override void SetLength(long value) => throw new NotSupportedException("A pooled buffer is written from its start to its end.");

    protected override void Dispose(bool disposing)
    {
        var array = _array;
        _array = [];
        _length = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        base.Dispose(disposing);
    }

    private void Reserve(int more)
    {
        if (_array.Length - _length >= more)
        {
            return;
        }

        var wanted = Math.Max(Math.Max((long)_length + more, Math.Min(2L * _array.Length, Array.MaxLength)), SmallestArray);
        var larger = ArrayPool<byte>.Shared.Rent(checked((int)wanted));
        _array.AsSpan(0, _length).CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }
}
