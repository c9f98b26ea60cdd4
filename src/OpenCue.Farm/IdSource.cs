namespace OpenCue.Farm;

/// <summary>
/// Makes ids (UUID version 7) and random numbers from one seed, so that the same seed and the same commands give the same farm.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the writer. The process seeds it from the operating system's random source.</remarks>
public sealed class IdSource(ulong seed)
{
    private const ulong TailMask = (1UL << 42) - 1;

    private ulong _state = seed;
    private long _lastMs;
    private ulong _tail;

    /// <summary>
    /// A new id whose first 48 bits are the wall time; its last 32 bits are zero, as <see cref="EntityId"/> wants it for layers. Ids of one source
    /// ascend and never repeat, also when the wall clock is set back.
    /// </summary>
    public EntityId Next(long wallMs)
    {
        if (wallMs > _lastMs)
        {
            // The highest bit stays clear, so that counting on from here can't run over for a while.
            (_lastMs, _tail) = (wallMs, NextRandom() & (TailMask >> 1));
        }
        else if (_tail < TailMask)
        {
            _tail++;
        }
        else
        {
            (_lastMs, _tail) = (_lastMs + 1, 0);
        }

        var high = ((ulong)_lastMs << 16) | 0x7000UL | (_tail >> 30);
        var low = 0x8000_0000_0000_0000UL | ((_tail & 0x3FFF_FFFFUL) << 32);
        return new EntityId(high, low);
    }

    /// <summary>The next 64 random bits (SplitMix64).</summary>
    public ulong NextRandom()
    {
        _state += 0x9E37_79B9_7F4A_7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return z ^ (z >> 31);
    }
}
