namespace OpenCue.Engine;

/// <summary>
/// How long each of many pauses was, in classes that grow by an eighth, so that any percentile is known within 13 %. It takes no memory as it counts, and
/// may be read at any time from any thread.
/// </summary>
public sealed class PauseHistogram
{
    private const int ClassesPerDoubling = 8;
    private const int Doublings = 28;

    // Class 0 is up to one microsecond; the last one, from four minutes on, has no end.
    private readonly long[] _counts = new long[(ClassesPerDoubling * Doublings) + 1];
    private long _longestTicks;

    /// <summary>Number of pauses.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                count += Volatile.Read(ref _counts[i]);
            }

            return count;
        }
    }

    /// <summary>The longest pause.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Volatile.Read(ref _longestTicks));

    /// <summary>The length that so many of the pauses do not exceed: 0.999 for all but one in a thousand.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += Volatile.Read(ref _counts[i]);
            if (seen >= wanted)
            {
                var end = TimeSpan.FromMicroseconds(Math.Pow(2, (double)i / ClassesPerDoubling));
                return seen == 0 ? TimeSpan.Zero : end < Longest ? end : Longest;
            }
        }

        return Longest;
    }

    /// <summary>Forgets all; pauses that end meanwhile may be lost.</summary>
    public void Reset()
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            Volatile.Write(ref _counts[i], 0);
        }

        Volatile.Write(ref _longestTicks, 0);
    }

    /// <summary>Counts a pause. For one thread at a time.</summary>
    public void Record(TimeSpan pause)
    {
        var place = (int)Math.Ceiling(Math.Log2(Math.Max(1, pause.TotalMicroseconds)) * ClassesPerDoubling);
        ref var count = ref _counts[Math.Min(place, _counts.Length - 1)];
        Volatile.Write(ref count, count + 1);
        if (pause.Ticks > _longestTicks)
        {
            Volatile.Write(ref _longestTicks, pause.Ticks);
        }
    }
}
