namespace OpenCue.Simulator.Workloads;

/// <summary>Random numbers from one seed.</summary>
internal sealed class Dice(ulong seed)
{
    private readonly IdSource _source = new(seed);

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Unit() => (_source.NextRandom() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From a bell curve around 0 with deviation 1.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>True in so many of hundred cases.</summary>
    public bool Percent(double percent) => Unit() * 100 < percent;

    /// <summary>One of the items, each as likely as its weight says.</summary>
    public T Pick<T>(IReadOnlyList<T> items, Func<T, double> weight)
    {
        var left = Unit() * items.Sum(weight);
        foreach (var item in items)
        {
            left -= weight(item);
            if (left < 0)
            {
                return item;
            }
        }

        return items[^1];
    }
}
