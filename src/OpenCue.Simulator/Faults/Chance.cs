namespace OpenCue.Simulator.Faults;

/// <summary>Numbers that look random and follow from a seed (SplitMix64). Each part of a simulation has a source of its own, so that one does not disturb another.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A source for one part.</summary>
    public static Chance Of(ulong seed, string part)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in part)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        var mixed = new Chance(seed ^ hash);
        mixed.Bits();
        return new Chance(mixed.Bits());
    }

    /// <summary>64 bits.</summary>
    public ulong Bits()
    {
        _state += 0x9E37_79B9_7F4A_7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)(Bits() % (ulong)count);

    /// <summary>A number between both, both included.</summary>
    public long Between(long least, long most) => least + (long)(Bits() % (ulong)(most - least + 1));

    /// <summary>A number between both; small ones are much more likely.</summary>
    public long Skewed(long least, long most)
    {
        var part = Part();
        return least + (long)((most - least) * part * part * part);
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double Part() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True in so many of a thousand cases.</summary>
    public bool Permille(int cases) => cases > 0 && Below(1000) < cases;

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> all) => all[Below(all.Count)];
}
