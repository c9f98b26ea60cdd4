using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Client;

/// <summary>
/// The serialised request of a call. The transport may still be sending it when the call has ended (an early answer, a
/// cancellation), and the array must not go back to the pool before.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PooledBuffer _buffer = new();
    private int _holders = 1;

    public PooledBuffer Buffer => _buffer;

    /// <summary>Keeps the bytes until the lease is disposed of.</summary>
    public BodyLease Lease()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return new BodyLease(this);
            }

            holders = seen;
        }

        throw new OperationCanceledException("The call has ended; its request is gone.");
    }

    public void Dispose() => Release();

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _buffer.Dispose();
        }
    }

    /// <summary>A hold on the bytes.</summary>
    internal readonly struct BodyLease(RequestBody body) : IDisposable
    {
        public ReadOnlyMemory<byte> Memory => body._buffer.WrittenMemory;

        public void Dispose() => body.Release();
    }
}
