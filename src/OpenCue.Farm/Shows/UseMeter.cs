namespace OpenCue.Farm.Shows;

/// <summary>
/// What something has used of late: the average of its core points over the past, in which what is one half-life old counts half. It is worked out when
/// its use changes or somebody asks, from the use since the last time; so keeping it costs nothing while nothing changes.
/// </summary>
public sealed class UseMeter
{
    private double _average;
    private long _atEngineMs;

    /// <summary>The average at a time, in core points.</summary>
    /// <param name="engineMs">The time.</param>
    /// <param name="corePoints">What is in use, and has been since the last change.</param>
    /// <param name="halfLifeMs">After how long use counts half.</param>
    public double At(long engineMs, int corePoints, long halfLifeMs) => Forward(_average, engineMs - _atEngineMs, corePoints, halfLifeMs);

    /// <summary>To be called before the use changes, with what it was.</summary>
    internal void Advance(long engineMs, int corePoints, long halfLifeMs)
    {
        if (engineMs > _atEngineMs)
        {
            _average = At(engineMs, corePoints, halfLifeMs);
            _atEngineMs = engineMs;
        }
    }

    /// <summary>Takes over what was stored.</summary>
    internal void Restore(ShareUseRow row)
    {
        _average = row.MilliCorePoints / 1000.0;
        _atEngineMs = row.AtEngineMs;
    }

    /// <summary>The average some time later, if the use was the same all the time.</summary>
    internal static double Forward(double average, long ms, int corePoints, long halfLifeMs) =>
        ms <= 0 ? average : corePoints + ((average - corePoints) * Math.Pow(2, -ms / (double)halfLifeMs));
}
