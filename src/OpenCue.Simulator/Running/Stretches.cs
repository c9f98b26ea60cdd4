namespace OpenCue.Simulator.Running;

/// <summary>Sums of an amount over stretches of time of equal length.</summary>
internal sealed class Stretches(long lengthMs)
{
    private readonly List<double> _sums = [];

    /// <summary>Adds an amount that was there from one time to another.</summary>
    public void Add(double amount, long fromMs, long toMs)
    {
        for (var index = (int)(fromMs / lengthMs); fromMs < toMs; index++)
        {
            while (_sums.Count <= index)
            {
                _sums.Add(0);
            }

            var end = Math.Min(toMs, (index + 1) * lengthMs);
            _sums[index] += amount * (end - fromMs);
            fromMs = end;
        }
    }

    /// <summary>The sum over all, amount × ms.</summary>
    public double Total => _sums.Sum();

    /// <summary>The mean of each stretch up to a time; the last one may be cut short.</summary>
    public double[] Means(long untilMs)
    {
        var count = (int)((untilMs + lengthMs - 1) / lengthMs);
        var means = new double[count];
        for (var i = 0; i < count; i++)
        {
            means[i] = i < _sums.Count ? _sums[i] / Math.Min(lengthMs, untilMs - (i * lengthMs)) : 0;
        }

        return means;
    }
}
