namespace OpenCue.Farm;

/// <summary>
/// Makes ids (UUID version 7) and random numbers from one seed, so that the same seed and the same commands give the same farm.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the writer. The process seeds it from the operating system's random source.</remarks>
public sealed class IdSource(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A new id whose first 48 bits are the wall time; its last 32 bits are zero, as <see cref="EntityId"/> wants it for layers.</summary>
    public EntityId Next(long wallMs)
    {
        var random = NextRandom();
        var high = ((ulong)wallMs << 16) | 0x7000UL | (random >> 52);
        var low = 0x8000_0000_0000_0000UL | ((random & 0x3FFF_FFFFUL) << 32);
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
